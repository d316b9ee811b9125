using System.IO.Compression;

namespace Sconce.Files;

/// <summary>
/// The content of a gzip file, of one member or several, that says when the file was cut: .NET's own stream ends quietly in the middle.
/// A small member of ours is read behind the file's last, and found only where that one is whole.
/// </summary>
public sealed class WholeGzip : ForwardStream
{
    private static readonly byte[] Seal = [.. "Sconce's seal"u8];
    private readonly GZipStream content;
    private readonly byte[] held = new byte[Seal.Length];
    private int count;
    private bool ended;

    /// <summary>Reads on from a packed stream, which is closed with it.</summary>
    public WholeGzip(Stream packed) => content = new GZipStream(new Sealed(packed, Packed(Seal)), CompressionMode.Decompress);

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged, or ends in the middle.</exception>
    public override int Read(Span<byte> buffer)
    {
        // As many bytes as the seal has are always held back: at the end they must be it.
        while (!ended && buffer.Length > 0)
        {
            int read = content.Read(buffer);
            if (read == 0)
            {
                ended = true;
                if (!held.AsSpan(0, count).SequenceEqual(Seal)) throw new InvalidDataException("the packed file ends in the middle.");
                return 0;
            }

            int given = Exchange(buffer, read);
            if (given > 0) return given;
        }

        return 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) content.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Puts what was held before the new bytes, and holds their last ones back; how many may be given.</summary>
    private int Exchange(Span<byte> buffer, int read)
    {
        byte[] all = [.. held.AsSpan(0, count), .. buffer[..read]];
        int given = Math.Max(0, Math.Min(all.Length - Seal.Length, buffer.Length));
        all.AsSpan(0, given).CopyTo(buffer);
        count = all.Length - given;
        all.AsSpan(given).CopyTo(held);
        return given;
    }

    private static byte[] Packed(byte[] bytes)
    {
        var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.NoCompression)) gzip.Write(bytes);
        return memory.ToArray();
    }

    /// <summary>A stream, and bytes behind its end.</summary>
    private sealed class Sealed(Stream file, byte[] seal) : ForwardStream
    {
        private int at;

        public override int Read(Span<byte> buffer)
        {
            int read = at == 0 ? file.Read(buffer) : 0;
            if (read > 0 || buffer.Length == 0) return read;
            read = Math.Min(buffer.Length, seal.Length - at);
            seal.AsSpan(at, read).CopyTo(buffer);
            at += read;
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
            base.Dispose(disposing);
        }
    }
}
