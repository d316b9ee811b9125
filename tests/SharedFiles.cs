namespace Sconce.Tests.Common;

/// <summary>Files that are not in the repository: what needs them does without, or is skipped.</summary>
internal static class SharedFiles
{
    /// <summary>A file or folder of the shared folder: SCONCE_SHARED, or a folder <c>shared</c> beside one of those above the program;
    /// null where it is not at hand.</summary>
    internal static string? Find(string path)
    {
        if (Environment.GetEnvironmentVariable("SCONCE_SHARED") is { Length: > 0 } named) return Existing(Path.Combine(named, path));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Existing(Path.Combine(folder.FullName, "shared", path)) is { } found) return found;
        }

        return null;
    }

    private static string? Existing(string path) => Path.Exists(path) ? path : null;
}
