namespace Sconce.Data;

/// <summary>Counts what lies in a folder of pictures and is not read, so that it can be said once.</summary>
internal sealed class LeftOutFiles
{
    private const int Named = 6;
    private static readonly HashSet<string> Systems = new(["Thumbs.db", "desktop.ini", "ehthumbs.db"], StringComparer.OrdinalIgnoreCase);
    private readonly SortedDictionary<string, int> kinds = new(StringComparer.Ordinal);
    private string? first;

    /// <summary>How many.</summary>
    internal int Count { get; private set; }

    /// <summary>Adds a file unless the operating system put it there.</summary>
    internal void Add(string path)
    {
        if (Path.GetFileName(path).StartsWith('.') || Systems.Contains(Path.GetFileName(path))) return;
        string kind = Path.GetExtension(path).ToLowerInvariant();
        kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
        first ??= path;
        Count++;
    }

    /// <summary>Adds what another has counted.</summary>
    internal void Add(LeftOutFiles others)
    {
        foreach (var (kind, count) in others.kinds) kinds[kind] = kinds.GetValueOrDefault(kind) + count;
        first ??= others.first;
        Count += others.Count;
    }

    /// <summary>Which and why; nothing where none was left out.</summary>
    /// <param name="root">What the first is named from.</param>
    /// <param name="why">Such as <c>their extensions are none of pictures</c>.</param>
    internal IEnumerable<string> Remarks(string root, string why)
    {
        if (Count == 0) yield break;
        var shown = kinds.OrderByDescending(kind => kind.Value).Take(Named)
            .Select(kind => $"{kind.Value} {(kind.Key.Length > 0 ? kind.Key : "without an extension")}");
        string more = kinds.Count > Named ? $" and {kinds.Count - Named} more kinds" : "";
        yield return $"{root}: {Count} file{(Count == 1 ? " is" : "s are")} left out: {why}: {string.Join(", ", shown)}{more}; the "
            + $"first is {Path.GetRelativePath(root, first!)}";
    }
}
