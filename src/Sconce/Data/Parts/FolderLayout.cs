namespace Sconce.Data;

/// <summary>
/// What the subfolders of a folder of pictures are: parts to learn from and to be asked about (by their names, <see cref="PartNames"/>, and
/// because they hold class folders), or classes.
/// </summary>
/// <param name="Root">The folder.</param>
/// <param name="Learned">The part to learn from; null where there are no parts, or only one to be asked about.</param>
/// <param name="HeldOut">The part to be asked about; null where there is none with classes.</param>
/// <param name="Classes">The folders of classes in the part to learn from, else in the part to be asked about, else in the folder; none
/// where pictures are not sorted.</param>
internal sealed record FolderLayout(string Root, string? Learned, string? HeldOut, IReadOnlyList<string> Classes)
{
    /// <summary>A part to be asked about without classes beside one to learn from with classes; null where there is none.</summary>
    internal string? Unsorted { get; init; }

    /// <summary>What is left out, in words.</summary>
    internal IReadOnlyList<string> Remarks { get; init; } = [];

    /// <summary>Looks at names, and at where pictures lie.</summary>
    /// <exception cref="DataException">Names that may mean one thing or another; the message says what to rename.</exception>
    internal static FolderLayout Of(string root)
    {
        string[] names = [.. FileWalk.Folders(root)];
        var parts = names.Select(name => new Named(root, name)).Where(part => part.Kind != PartKind.None).ToList();
        foreach (string rest in parts.Select(part => part.Rest).Distinct().OrderBy(rest => rest.Length).ToList())
        {
            if (Parts(root, names, [.. parts.Where(part => part.Rest == rest)], rest) is { } found) return found;
        }

        return new FolderLayout(root, null, null, [.. names.Where(name => FileWalk.HasPictures(Path.Combine(root, name)))]);
    }

    private static FolderLayout? Parts(string root, string[] names, List<Named> parts, string rest)
    {
        bool exact = rest.Length == 0;
        var learned = One(root, [.. parts.Where(part => part.Kind == PartKind.Learned && part.Classes.Count > 0)]);
        Named[] asked = [.. parts.Where(part => part.Kind != PartKind.Learned)];
        if (learned is null) return exact ? WithoutLearned(root, names, parts) : null;
        Named[] sorted = [.. asked.Where(part => part.Classes.Count > 0 && !IsBag(part, learned))];
        var heldOut = One(root, [.. sorted.Where(part => part.Kind == PartKind.Validation)])
            ?? One(root, [.. sorted.Where(part => part.Kind == PartKind.Test)]);
        string[] others = [.. names.Except(parts.Select(part => part.Name))];
        if (asked.Length == 0 && others.Length > 0)
        {
            if (!exact) return null;
            throw new DataException(root,
                $"'{learned.Name}' holds folders of pictures, as a part to learn from does, but '{others[0]}' beside it is no part by "
                + "its name. Call the part to be asked about val or test; "
                + $"or, where '{learned.Name}' is a class, put its pictures into it without subfolders");
        }

        var remarks = new List<string>();
        if (heldOut is null && asked.Length > 0)
            remarks.Add($"{Path.Combine(root, asked[0].Name)}: its pictures are not sorted by class, so it is left out; some of "
                + $"{learned.Name} are held out instead");
        if (others.Length > 0) remarks.Add($"{root}: {Listed(others)} beside the parts {Is(others.Length)} left out");
        return new FolderLayout(root, learned.Folder, heldOut?.Folder, learned.Classes)
        {
            Remarks = remarks,
            Unsorted = heldOut is null && asked.Length > 0 ? asked[0].Folder : null
        };
    }

    /// <summary>Parts without one to learn from that is sorted by class.</summary>
    private static FolderLayout? WithoutLearned(string root, string[] names, List<Named> parts)
    {
        Named[] sorted = [.. parts.Where(part => part.Classes.Count > 0)];
        string[] others = [.. names.Except(parts.Select(part => part.Name))];
        if (sorted.Length > 0)
        {
            if (others.Length > 0)
                throw new DataException(root,
                    $"'{sorted[0].Name}' holds folders of pictures, as a part to be asked about does, but '{others[0]}' beside it is no "
                    + "part by its name. Call the part to learn from train");
            var heldOut = One(root, [.. sorted.Where(part => part.Kind == PartKind.Validation)]) ?? One(root, sorted)!;
            return new FolderLayout(root, null, heldOut.Folder, heldOut.Classes);
        }

        // Parts of pictures without classes; a class called train beside others is a class.
        Named[] learned = [.. parts.Where(part => part.Kind == PartKind.Learned)], asked = [
            .. parts.Where(part => part.Kind != PartKind.Learned)];
        if (others.Length > 0 || learned.Length == 0 || asked.Length == 0) return null;
        var test = One(root, [.. asked.Where(part => part.Kind == PartKind.Validation)]) ?? One(root, asked)!;
        return new FolderLayout(root, One(root, learned)!.Folder, test.Folder, []);
    }

    /// <summary>Whether a part is one folder of unsorted pictures, such as <c>test/unknown/</c>.</summary>
    private static bool IsBag(Named part, Named learned) =>
        part.Classes.Count == 1 && learned.Classes.Count > 1 && !learned.Classes.Contains(part.Classes[0]);

    private static Named? One(string root, Named[] parts)
    {
        if (parts.Length > 1) parts = [
            .. parts.Where(part => !part.Name.Contains("val", StringComparison.OrdinalIgnoreCase) || part.Kind != PartKind.Learned)];
        // train before trainval
        return parts.Length <= 1 ? parts.FirstOrDefault()
            : throw new DataException(root,
                $"{Listed([.. parts.Select(part => part.Name)])} may each be the part "
                + $"{(parts[0].Kind == PartKind.Learned ? "to learn from" : "to be asked about")}: move all but one elsewhere");
    }

    private static string Listed(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(4).Select(name => $"'{name}'")) + (names.Count > 4 ? $" and {names.Count - 4} more" : "");

    private static string Is(int count) => count == 1 ? "is" : "are";

    /// <summary>A folder with a part's name.</summary>
    private sealed class Named
    {
        internal Named(string root, string name)
        {
            (Name, Folder) = (name, Path.Combine(root, name));
            (Kind, Rest) = PartNames.Of(name);
            if (Kind == PartKind.None) return;
            Classes = Sorted(Folder);
            // Archives repeat a part's name: seg_train/seg_train/CLASS.
            while (Classes is [var only] && PartNames.Of(only).Kind == Kind
                && Sorted(Path.Combine(Folder, only)) is { Count: > 0 } inner) (Folder, Classes) = (Path.Combine(Folder, only), inner);
        }

        internal string Name { get; }

        internal string Folder { get; }

        internal PartKind Kind { get; }

        internal string Rest { get; }

        /// <summary>Its subfolders with pictures.</summary>
        internal IReadOnlyList<string> Classes { get; } = [];

        private static List<string> Sorted(string folder) =>
            [.. FileWalk.Folders(folder).Where(name => FileWalk.HasPictures(Path.Combine(folder, name)))];
    }
}
