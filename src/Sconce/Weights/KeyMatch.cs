namespace Sconce.Weights;

/// <summary>A name of a state dict with its shape.</summary>
/// <param name="Name">The name.</param>
/// <param name="Shape">Its dimensions.</param>
public readonly record struct NamedShape(string Name, IReadOnlyList<long> Shape)
{
    /// <summary>Name and shape as in messages: <c>fc.weight (10, 64)</c>.</summary>
    public override string ToString() => $"{CheckpointFile.Quote(Name)} ({string.Join(", ", Shape)})";

    internal bool HasShape(IReadOnlyList<long> other) => Shape.SequenceEqual(other);
}

/// <summary>Holds the names and shapes that a network expects against those that a checkpoint has.</summary>
public static class KeyMatch
{
    const int MostSuggested = 10;    // names for which near ones are searched: each search costs a distance to every candidate

    /// <summary>Compares; everything that differs is reported at once.</summary>
    /// <param name="expected">The network's parameters and buffers.</param>
    /// <param name="found">The checkpoint's tensors.</param>
    public static StateDictReport Compare(IEnumerable<NamedShape> expected, IEnumerable<NamedShape> found)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(found);
        var there = new Dictionary<string, NamedShape>(StringComparer.Ordinal);
        foreach (var name in found)
            there[name.Name] = name;
        List<string> matched = [];
        List<NamedShape> missing = [];
        List<MisShaped> misShaped = [];
        foreach (var wanted in expected)
        {
            if (!there.Remove(wanted.Name, out var got))
                missing.Add(wanted);
            else if (wanted.HasShape(got.Shape))
                matched.Add(wanted.Name);
            else
                misShaped.Add(new MisShaped(wanted.Name, wanted.Shape, got.Shape));
        }
        List<NamedShape> unexpected = [.. there.Values];
        return new StateDictReport(
            matched,
            [.. missing.Select((name, i) => new MissingKey(name.Name, name.Shape, i < MostSuggested ? Near(name, unexpected) : []))],
            unexpected,
            misShaped,
            Prefix(missing, unexpected));
    }

    /// <summary>The nearest of the unexpected names, those of the same shape first.</summary>
    static IReadOnlyList<string> Near(NamedShape wanted, List<NamedShape> unexpected)
    {
        var same = NearestNames.Find(wanted.Name, unexpected.Where(u => wanted.HasShape(u.Shape)).Select(u => u.Name));
        return same.Count > 0 ? same : NearestNames.Find(wanted.Name, unexpected.Select(u => u.Name));
    }

    /// <summary>One prefix whose removal, or addition, explains at least half of the missing names, in words; empty where none
    /// does.</summary>
    static string Prefix(List<NamedShape> missing, List<NamedShape> unexpected)
    {
        if (missing.Count < 2 || unexpected.Count == 0)
            return "";
        var found = unexpected.Select(u => u.Name).ToHashSet(StringComparer.Ordinal);
        var wanted = missing.Select(m => m.Name).ToHashSet(StringComparer.Ordinal);
        if (Common(missing[0].Name, unexpected, missing, p => missing.Count(m => found.Contains(p + m.Name))) is { } extra)
            return $"The file's names have '{extra}' in front: name it as the prefix to take off.";
        if (Common(unexpected[0].Name, missing, missing, p => unexpected.Count(u => wanted.Contains(p + u.Name))) is { } lacking)
            return $"The file's names lack '{lacking}' in front: it may be a part of the network; load it into that part.";
        return "";
    }

    static string? Common(string name, List<NamedShape> longer, List<NamedShape> missing, Func<string, int> explained) => longer
        .Select(l => l.Name)
        .Where(l => l.Length > name.Length && l.EndsWith("." + name, StringComparison.Ordinal))
        .Select(l => l[..^name.Length])
        .Distinct().Take(20)
        .FirstOrDefault(p => explained(p) * 2 >= missing.Count);
}
