using System.Security.Cryptography;
using System.Text;

namespace Sconce.Data;

/// <summary>By which a file is known again without keeping it.</summary>
/// <param name="Length">In bytes; -1 where there is none.</param>
/// <param name="Written">When it was last written, in ticks of UTC: where length and time are the same, content is not looked at.</param>
/// <param name="Content">16 hexadecimal digits of SHA-256 over the whole file, or over places spread evenly where it is large; empty where
/// there is none.</param>
internal sealed record FileMark(long Length, long Written, string Content)
{
    private const int Whole = 1 << 16, Places = 8, Digits = 16;

    /// <summary>Looks at a file.</summary>
    internal static FileMark Of(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return new FileMark(-1, 0, "");
        if (file.Length == 0) return new FileMark(0, file.LastWriteTimeUtc.Ticks, "");    // a pipe too, which must not be opened
        try
        {
            return new FileMark(file.Length, file.LastWriteTimeUtc.Ticks, Sample(path, file.Length));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new FileMark(file.Length, file.LastWriteTimeUtc.Ticks, "");    // said where the picture is read
        }
    }

    /// <summary>Whether a file is still the same.</summary>
    internal bool Fits(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return Length == -1;
        return file.Length == Length && (file.LastWriteTimeUtc.Ticks == Written || Of(path).Content == Content);
    }

    /// <summary>The same digits of a text; none of none.</summary>
    internal static string OfText(string text) => text.Length == 0 ? "" : Short(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Sample(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
        if (length <= Whole) return Short(SHA256.HashData(file));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var block = new byte[Whole / Places];
        for (int k = 0; k < Places; k++)
        {
            file.Position = (length - block.Length) * k / (Places - 1);
            hash.AppendData(block, 0, file.ReadAtLeast(block, block.Length, throwOnEndOfStream: false));
        }

        return Short(hash.GetHashAndReset());
    }

    private static string Short(byte[] hash) => Convert.ToHexStringLower(hash)[..Digits];
}
