namespace Sconce.Parity;

/// <summary>Files that cases name and that are not in the repository.</summary>
internal static class SharedFiles
{
    /// <summary>A file of the shared folder: SCONCE_SHARED, or a folder <c>shared</c> beside one of those above the program.</summary>
    internal static string? Find(string file)
    {
        if (Environment.GetEnvironmentVariable("SCONCE_SHARED") is { Length: > 0 } named) return Existing(Path.Combine(named, file));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", file)) is { } path) return path;
        }

        return null;
    }

    private static string? Existing(string path) => File.Exists(path) ? path : null;
}
