using Sconce.Files;

namespace Sconce.Data;

/// <summary>Files that data sets are described in, and files that those name.</summary>
internal static class DataFiles
{
    /// <summary>A file named by another file, which must lie in the folder.</summary>
    internal static string Within(string folder, string name, string source)
    {
        if (name.Contains('\0', StringComparison.Ordinal))
            throw new DataException(source,
                $"it names the file '{name.Replace('\0', '\uFFFD')}', whose name holds the character NUL, which no file's has");
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
        var full = Path.GetFullPath(Path.Combine(root, name));
        return full.StartsWith(root, StringComparison.Ordinal)
            ? full : throw new DataException(source, $"it names the file '{name}', which lies outside {folder}");
    }

    /// <summary>A whole file of annotations or a table.</summary>
    internal static byte[] ReadFile(string path)
    {
        try
        {
            var bytes = RegularFile.ReadAllBytes(path);
            return GitLfsPointer.Is(bytes) ? throw new DataException(path, $"it is {GitLfsPointer.Sentence}") : bytes;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new DataException(path, Directory.Exists(path) ? "this is a folder, not a file" : "there is no such file", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"the file cannot be read: {e.Message}", e);
        }
    }
}
