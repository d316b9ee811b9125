namespace Sconce.Data;

/// <summary>Walks a folder of pictures in a fixed order, follows links, and stops at a link that leads back into itself.</summary>
public static class FileWalk
{
    /// <summary>What <see cref="Imaging.Image.Load"/> reads, by extension.</summary>
    internal static readonly IReadOnlySet<string> ImageExtensions = Imaging.PictureExtensions.Read;

    /// <summary>Folders that operating systems and storage boxes put beside a person's own.</summary>
    private static readonly HashSet<string> Systems = new(
        ["__MACOSX", "@eaDir", "lost+found", "$RECYCLE.BIN", "System Volume Information"], StringComparer.OrdinalIgnoreCase);

    /// <summary>The subfolders' names, sorted by code unit; hidden ones and an operating system's are left out.</summary>
    public static List<string> Folders(string root)
    {
        if (!Directory.Exists(root))
            throw new DataException(root, File.Exists(root) ? "this is a file, not a folder of pictures" : "there is no such folder");
        var names = new List<string>();
        foreach (var path in Entries(root, Directory.EnumerateDirectories))
        {
            if (Path.GetFileName(path) is { } name && !name.StartsWith('.') && !Systems.Contains(name))
                names.Add(name);
        }
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>The files in the folder itself.</summary>
    internal static List<string> Files(string folder) => Entries(folder, Directory.EnumerateFiles);

    /// <summary>Whether a file is a picture by its name.</summary>
    internal static bool IsPicture(string file) =>
        ImageExtensions.Contains(Path.GetExtension(file)) && !Path.GetFileName(file).StartsWith('.');

    /// <summary>Whether pictures lie in the folder itself.</summary>
    internal static bool HasLoosePictures(string folder) => Files(folder).Any(IsPicture);

    /// <summary>Every file below a folder, each folder's own first, sorted by code unit; hidden ones are left out.</summary>
    public static IEnumerable<string> All(string folder) => Walk(folder, [RealPath(folder)], _ => true, null);

    /// <summary>The pictures below a folder, each folder's own first, sorted by code unit.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="leftOut">Told of the other files.</param>
    internal static List<string> Pictures(string folder, LeftOutFiles? leftOut = null) =>
        [.. Walk(folder, [RealPath(folder)], IsPicture, leftOut)];

    /// <summary>Whether there are pictures below a folder.</summary>
    internal static bool HasPictures(string folder) => Walk(folder, [RealPath(folder)], IsPicture, null).Any();

    private static IEnumerable<string> Walk(string folder, List<string> above, Func<string, bool> taken, LeftOutFiles? leftOut)
    {
        var files = Files(folder);
        files.Sort(StringComparer.Ordinal);
        foreach (string file in files)
        {
            if (Path.GetFileName(file).StartsWith('.')) continue;
            if (taken(file)) yield return file;
            else leftOut?.Add(file);
        }

        foreach (var name in Folders(folder))
        {
            var inner = Path.Combine(folder, name);
            var real = RealPath(inner);
            if (above.Contains(real))
                throw new DataException(inner,
                    $"this link leads back to {real}, a folder around it: reading would never end. Remove the link");
            foreach (string picture in Walk(inner, [.. above, real], taken, leftOut)) yield return picture;
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
