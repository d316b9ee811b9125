using System.IO.Compression;

namespace Sconce.Weights;

/// <summary>One record of a zip archive, already held against its local header.</summary>
/// <param name="Name">Path inside the archive.</param>
/// <param name="Stored">Whether it is not compressed.</param>
/// <param name="PackedSize">Bytes in the file.</param>
/// <param name="Size">Bytes unpacked.</param>
/// <param name="Crc">Checksum of the unpacked bytes.</param>
/// <param name="HeaderOffset">Where its local header begins.</param>
/// <param name="DataOffset">Where its bytes begin.</param>
internal sealed record ZipEntry(string Name, bool Stored, long PackedSize, long Size, uint Crc, long HeaderOffset, long DataOffset)
{
    /// <summary>Its bytes: mapped where stored, inflated at first use where compressed.</summary>
    /// <exception cref="CheckpointException">The checksum is asked for and wrong.</exception>
    public ByteSource Open(CheckpointFile file, bool verify)
    {
        if (!Stored)
            return file.Own(Inflated(file));
        var source = new MappedSource(file.Map, DataOffset, Size);
        if (verify && Crc32.Of(source) != Crc)
        {
            throw file.Fault($"record {CheckpointFile.Quote(Name)}: the checksum is wrong. {CheckpointFile.Damaged} "
                + "(A file written with torch.serialization.set_crc32_options(False) has none.)");
        }
        return source;
    }

    /// <summary>Its first bytes, unpacked; no more than are there.</summary>
    /// <exception cref="CheckpointException">They are no deflate data.</exception>
    public unsafe byte[] Head(CheckpointFile file, int most)
    {
        using var packed = new UnmanagedMemoryStream(file.Map.Pointer + DataOffset, PackedSize);
        using var inflater = new DeflateStream(packed, CompressionMode.Decompress);
        using var head = new MemoryStream();
        var part = new byte[1 << 14];
        try
        {
            while (head.Length < Math.Min(most, Size)
                && inflater.Read(part, 0, (int)Math.Min(part.Length, Math.Min(most, Size) - head.Length)) is > 0 and var read)
                head.Write(part, 0, read);
        }
        catch (InvalidDataException e)
        {
            throw file.Fault($"record {CheckpointFile.Quote(Name)}: its compressed bytes are not deflate data. {CheckpointFile.Damaged}",
                e);
        }
        return head.ToArray();
    }

    unsafe FilledSource Inflated(CheckpointFile file) => new(Size, (destination, length) =>
    {
        CheckpointException Fault(string fault, Exception? e = null) =>
            file.Fault($"record {CheckpointFile.Quote(Name)}: {fault} {CheckpointFile.Damaged}", e);

        using var packed = new UnmanagedMemoryStream(file.Map.Pointer + DataOffset, PackedSize);
        using var inflater = new DeflateStream(packed, CompressionMode.Decompress);
        long done = 0;
        uint crc = 0;
        try
        {
            while (done < length)
            {
                var part = new Span<byte>(destination + done, (int)Math.Min(1 << 20, length - done));
                var read = inflater.Read(part);
                if (read == 0)
                    throw Fault($"its compressed bytes hold {done} of {length} bytes.");
                crc = Crc32.Append(crc, part[..read]);
                done += read;
            }
            if (inflater.ReadByte() >= 0)
                throw Fault($"its compressed bytes hold more than the {length} bytes declared.");
        }
        catch (InvalidDataException e)
        {
            throw Fault("its compressed bytes are not deflate data.", e);
        }
        if (crc != Crc)
            throw Fault("the checksum is wrong.");
    });
}
