namespace Sconce.Data;

/// <summary>
/// Finds the pictures that annotations name as their author's machine had them: with backslashes, from a drive or another folder, with
/// another extension or none, in another case. Nothing
/// outside the given folders is found.
/// </summary>
/// <param name="folders">Where to look, in this order.</param>
internal sealed class PictureFinder(IReadOnlyList<string> folders)
{
    private readonly string[] roots = [.. folders.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))];
    private readonly Dictionary<string, ILookup<string, string>> listings = new(StringComparer.Ordinal);
    private string? first;
    private int renamed;

    /// <summary>Says how many pictures have another name than their annotations give.</summary>
    internal IEnumerable<string> Remarks =>
        renamed == 0 ? []
        : [$"{roots[0]}: {renamed} picture{(renamed == 1 ? " has" : "s have")} another name than the annotations give; the first: {first}"];

    /// <summary>The picture of a name: where it is, or where it would be, in the first folder.</summary>
    /// <param name="name">As the annotations have it.</param>
    /// <param name="source">Their file, for errors.</param>
    /// <exception cref="DataException">The name leads out of the folders and no picture in them has its end, or it fits
    /// several.</exception>
    internal string Find(string name, string source)
    {
        if (Look(name, source) is { } found) return found;
        string full = Path.GetFullPath(Path.Combine(roots[0], name));
        return IsWithin(roots[0], full) ? full
            : throw new DataException(source, $"it names the file '{name}', which lies outside {folders[0]}");
    }

    /// <summary>The picture of a name, or null.</summary>
    internal string? Look(string name, string source)
    {
        if (name.Contains('\0')) throw new DataException(source, "it names a file whose name holds NUL");
        if (Existing(name) is { } exact) return exact;
        string[] steps = [.. name.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries)
            .SkipWhile(step => step is "." or ".." || step.EndsWith(':'))];
        for (int k = 0; k < steps.Length; k++)
        {
            string end = string.Join('/', steps[k..]);
            if ((Existing(end) ?? Similar(end, name, source)) is not { } found) continue;
            renamed++;
            first ??= $"'{name}' is {Path.GetFileName(found)}";
            return found;
        }

        return null;
    }

    private string? Existing(string name) =>
        roots.Select(root => Path.GetFullPath(Path.Combine(root, name))).Where((full, k) => IsWithin(roots[k], full))
        .FirstOrDefault(File.Exists);

    /// <summary>A picture in the same place whose name differs in case or extension.</summary>
    private string? Similar(string end, string name, string source)
    {
        foreach (string root in roots)
        {
            string full = Path.GetFullPath(Path.Combine(root, end));
            if (!IsWithin(root, full) || !Directory.Exists(Path.GetDirectoryName(full))) continue;
            var listing = Listing(Path.GetDirectoryName(full)!);
            // A dot may belong to the name: 'a.b' without an extension.
            string[] fitting = [
                .. new[] { Path.GetFileName(full), Path.GetFileNameWithoutExtension(full) }.SelectMany(stem => listing[stem]).Distinct()];
            if (fitting.Where(file => Path.GetFileName(file).Equals(Path.GetFileName(full), StringComparison.OrdinalIgnoreCase))
                .ToArray() is { Length: > 0 } sameLetters) fitting = sameLetters;
            if (fitting.Length == 1) return fitting[0];
            if (fitting.Length > 1) throw new DataException(source,
                $"the picture '{name}' may be {string.Join(" or ", fitting.Take(3).Select(Path.GetFileName))}: give its name as it is");
        }

        return null;
    }

    private ILookup<string, string> Listing(string folder)
    {
        if (!listings.TryGetValue(folder, out var listing))
            listings[folder] = listing = FileWalk.Files(folder).Where(FileWalk.IsPicture).Order(StringComparer.Ordinal)
                .ToLookup(file => Path.GetFileNameWithoutExtension(file), file => file, StringComparer.OrdinalIgnoreCase);
        return listing;
    }

    private static bool IsWithin(string root, string full) => full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
