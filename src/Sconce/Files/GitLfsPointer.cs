namespace Sconce.Files;

/// <summary>Tells the text that Git keeps in place of a large file (git-lfs/docs/spec.md): whoever cloned without Git LFS, or downloaded
/// the raw page, has that text under the file's name.</summary>
public static class GitLfsPointer
{
    /// <summary>What to say of such a file.</summary>
    public const string Sentence =
        "a Git LFS pointer, not the file itself. Run git lfs pull, or download the file from the page's download button";

    /// <summary>No pointer is longer (git-lfs/docs/spec.md).</summary>
    private const int Longest = 1024;

    /// <summary>Whether a file begins so.</summary>
    /// <param name="start">Its first bytes, 64 at least where it has them; a byte-order mark may come first.</param>
    public static bool Is(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) start = start[3..];
        return start.StartsWith("version https://git-lfs"u8) || start.StartsWith("version https://hawser"u8);
    }

    /// <summary>Whether the file is one; false for what is not there, is no regular file, or may not be read, which whoever opens it says
    /// better.</summary>
    public static bool IsAt(string path)
    {
        try
        {
            if (RegularFile.KindOf(path) is not null || new FileInfo(path) is not { Exists: true, Length: <= Longest }) return false;
            using var file = RegularFile.Open(path);
            Span<byte> start = stackalloc byte[64];
            return Is(start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            return false;
        }
    }
}
