using System.Globalization;
using System.Security.Cryptography;
using Sconce.Files;

namespace Sconce.Data.Downloads;

/// <summary>
/// What has come of a file so far: <c>NAME.partial</c> beside the target, with the server's validator (its strong ETag, or else the date of
/// the last change) and the length that it announced in <c>NAME.partial.tag</c>, a line each, so that a later run goes on only where the
/// server still has the same file (RFC 9110 §13.1.5, If-Range).
/// </summary>
internal sealed class PartialFile : IDisposable
{
    private readonly string tagPath;
    private readonly FileStream stream;
    private IncrementalHash hash;

    public PartialFile(string target, CancellationToken cancellationToken)
    {
        Target = target;
        string path = target + ".partial";
        tagPath = path + ".tag";
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        // Not shared: a second process downloading the same file is an error, not a mixture.
        RegularFile.Check(path);
        stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            string[] lines = File.Exists(tagPath) ? RegularFile.ReadAllText(tagPath).Split('\n', StringSplitOptions.TrimEntries) : [""];
            Tag = lines[0];
            Announced = lines.Length > 1 && long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out long length)
                ? length : null;
            if (Tag.Length == 0) Restart();
            else Checksum.Append(hash, stream, cancellationToken);
        }
        catch
        {
            stream.Dispose();
            hash.Dispose();
            throw;
        }
    }

    /// <summary>The name that it will have.</summary>
    public string Target { get; }

    /// <summary>Bytes that are there.</summary>
    public long Length => stream.Position;

    /// <summary>Bytes that came over the network now, those thrown away too.</summary>
    public long Received { get; private set; }

    /// <summary>The server's validator; empty where it gave none, and then nothing is gone on with later.</summary>
    public string Tag { get; private set; }

    /// <summary>The whole file's bytes, as the server said when it began; null where it did not.</summary>
    public long? Announced { get; private set; }

    public void Restart()
    {
        stream.SetLength(0);
        stream.Position = 0;
        hash.Dispose();
        hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        SetTag("", null);
    }

    public void SetTag(string tag, long? announced)
    {
        (Tag, Announced) = (tag, announced);
        if (tag.Length > 0) File.WriteAllText(tagPath, string.Create(CultureInfo.InvariantCulture, $"{tag}\n{announced}\n"));
        else File.Delete(tagPath);
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        stream.Write(bytes);
        hash.AppendData(bytes);
        Received += bytes.Length;
    }

    /// <summary>What came is kept, so that a later run goes on.</summary>
    public void Flush() => stream.Flush(flushToDisk: true);

    public string Sha256() => Convert.ToHexStringLower(hash.GetCurrentHash());

    /// <summary>Gives the file its name, and its length back.</summary>
    public long Finish()
    {
        Flush();
        long length = stream.Position;
        stream.Dispose();
        File.Move(stream.Name, Target, overwrite: true);
        File.Delete(tagPath);
        return length;
    }

    /// <summary>Throws away what came.</summary>
    public void Discard()
    {
        stream.Dispose();
        File.Delete(stream.Name);
        File.Delete(tagPath);
    }

    public void Dispose()
    {
        stream.Dispose();
        hash.Dispose();
    }
}
