namespace Sconce.Data;

/// <summary>Pictures with companions of the same names in another folder: mattes, labels.</summary>
internal static class PairedPictures
{
    /// <summary>The pairs of a folder that is one part, or has a part to learn from and one to be asked about.</summary>
    /// <param name="folder">The whole.</param>
    /// <param name="pairsOf">The pairs of one part.</param>
    /// <returns>All pairs, those to learn from first, and how many those are; all of them where there is one part alone.</returns>
    internal static (List<(string Picture, string? Other)> All, int Learned) OfParts(
        string folder, Func<string, List<(string Picture, string? Other)>> pairsOf)
    {
        var names = FileWalk.Folders(folder);
        string? learned = names.FirstOrDefault(name => PartNames.Is(name, PartKind.Learned)), held = HeldOut(names);
        var pairs = pairsOf(learned is null ? folder : Path.Combine(folder, learned));
        int own = pairs.Count;
        if (learned is not null && held is not null) pairs.AddRange(pairsOf(Path.Combine(folder, held)));
        return (pairs, own);
    }

    /// <summary>The folder of the part to be asked about; the whole where it has no parts.</summary>
    internal static string AskedPart(string folder) =>
        HeldOut(FileWalk.Folders(folder)) is { } part ? Path.Combine(folder, part) : folder;

    /// <summary>The pictures of one part with their companions; null where it does not have both folders.</summary>
    /// <param name="folder">The part.</param>
    /// <param name="pictures">What the folder of pictures may be called.</param>
    /// <param name="others">What the companions' folder may be called.</param>
    internal static List<(string Picture, string? Other)>? Companions(string folder, HashSet<string> pictures, HashSet<string> others)
    {
        var names = FileWalk.Folders(folder);
        string? own = names.FirstOrDefault(pictures.Contains), beside = names.FirstOrDefault(others.Contains);
        if (own is null || beside is null) return null;
        string from = Path.Combine(folder, own), to = Path.Combine(folder, beside);
        var byName = FileWalk.Pictures(to).ToLookup(file => Stem(to, file), StringComparer.Ordinal);
        return [.. FileWalk.Pictures(from).Select(file => (file, byName[Stem(from, file)].FirstOrDefault()))];
    }

    /// <summary>Which of some are to learn from, and which to be asked about.</summary>
    internal static (List<int> Learned, List<int> HeldOut) Drawn(int count, double validation, ulong seed)
    {
        int[] order = AugmentationRandom.Permutation(count, seed, 0);
        int held = Math.Clamp((int)Math.Round(count * validation), 1, count - 1);
        return ([.. order[held..].Order()], [.. order[..held].Order()]);
    }

    private static string? HeldOut(List<string> names) =>
        names.FirstOrDefault(name => PartNames.Is(name, PartKind.Validation))
        ?? names.FirstOrDefault(name => PartNames.Is(name, PartKind.Test));

    private static string Stem(string folder, string file) => Path.ChangeExtension(Path.GetRelativePath(folder, file), null);
}
