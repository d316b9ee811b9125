namespace Sconce.Data;

/// <summary>Walks a folder of pictures in a fixed order, follows links, and stops at a link that leads back into itself.</summary>
internal static class FileWalk
{
    /// <summary>What <see cref="Imaging.Image.Load"/> reads, by extension.</summary>
    internal static readonly IReadOnlySet<string> ImageExtensions =
        new HashSet<string>([".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".gif"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The subfolders' names, sorted by code unit; hidden ones are left out.</summary>
    internal static List<string> Folders(string root)
    {
        if (!Directory.Exists(root))
            throw new DataException(root, File.Exists(root) ? "this is a file, not a folder of pictures" : "there is no such folder");
        var names = new List<string>();
        foreach (var path in Entries(root, Directory.EnumerateDirectories))
        {
            if (Path.GetFileName(path) is { } name && !name.StartsWith('.'))
                names.Add(name);
        }
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>Whether pictures lie in the folder itself.</summary>
    internal static bool HasLoosePictures(string folder) => Entries(folder, Directory.EnumerateFiles).Any(file => ImageExtensions.Contains(Path.GetExtension(file)));

    /// <summary>The pictures below a folder, each folder's own first, sorted by code unit.</summary>
    internal static List<string> Pictures(string folder)
    {
        var found = new List<string>();
        Walk(folder, [RealPath(folder)], found);
        return found;
    }

    private static void Walk(string folder, List<string> above, List<string> found)
    {
        var files = Entries(folder, Directory.EnumerateFiles).Where(f => ImageExtensions.Contains(Path.GetExtension(f)) && !Path.GetFileName(f).StartsWith('.')).ToList();
        files.Sort(StringComparer.Ordinal);
        found.AddRange(files);
        foreach (var name in Folders(folder))
        {
            var inner = Path.Combine(folder, name);
            var real = RealPath(inner);
            if (above.Contains(real))
                throw new DataException(inner, $"this link leads back to {real}, a folder around it: reading would never end. Remove the link");
            above.Add(real);
            Walk(inner, above, found);
            above.RemoveAt(above.Count - 1);
        }
    }

    private static string RealPath(string folder)
    {
        try
        {
            var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
            if (Path.GetDirectoryName(full) is not { } parent)
                return full;
            var within = Path.Combine(RealPath(parent), Path.GetFileName(full));
            return new DirectoryInfo(within).ResolveLinkTarget(returnFinalTarget: true) is { } target ? RealPath(target.FullName) : within;
        }
        catch (IOException e)
        {
            throw new DataException(folder, $"this link leads nowhere: {e.Message}", e);
        }
    }

    private static List<string> Entries(string folder, Func<string, IEnumerable<string>> list)
    {
        try
        {
            return [.. list(folder)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataException(folder, $"the folder cannot be read: {e.Message}", e);
        }
    }
}
