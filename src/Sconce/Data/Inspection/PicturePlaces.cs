namespace Sconce.Data;

/// <summary>Of which part and which class a picture is, by where it lies.</summary>
internal sealed class PicturePlaces
{
    private readonly IReadOnlyList<(string Part, string Folder)> parts;

    internal PicturePlaces(string folder)
    {
        var layout = FolderLayout.Of(folder);
        string[] found = [.. new[] { layout.Learned, layout.HeldOut }.OfType<string>()];
        parts = found.Length > 0 ? [.. found.Select(path => (Path.GetFileName(path), Path.GetFullPath(path)))]
            : [("", Path.GetFullPath(folder))];
    }

    /// <summary>The part, empty where there are none, and the class, empty for a picture that lies in no folder of a class.</summary>
    internal (string Part, string Class) Of(string file)
    {
        string full = Path.GetFullPath(file);
        foreach (var (part, folder) in parts)
        {
            if (!full.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)) continue;
            string[] steps = Path.GetRelativePath(folder, full).Split(Path.DirectorySeparatorChar);
            return (part, steps.Length > 1 ? steps[0] : "");
        }

        return ("", "");
    }
}
