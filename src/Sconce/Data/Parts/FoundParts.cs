namespace Sconce.Data;

/// <summary>Where a run's files are among those that its data have now, and what has become of the data since it began.</summary>
public sealed class FoundParts
{
    /// <summary>Places of the files to learn from, in the run's order.</summary>
    public List<int> Learned { get; } = [];

    /// <summary>Places in <see cref="Learned"/> of those whose labels are used.</summary>
    public List<int> Labelled { get; } = [];

    /// <summary>Places of the files to be asked about.</summary>
    public List<int> HeldOut { get; } = [];

    /// <summary>Files that the run does not know, and does not use.</summary>
    public List<string> New { get; } = [];

    /// <summary>Their places, one by one.</summary>
    public List<int> NewPlaces { get; } = [];

    /// <summary>Files that are no longer there.</summary>
    public List<string> Gone { get; } = [];

    /// <summary>Files whose content, or what annotations say of it, is another.</summary>
    public List<string> Changed { get; } = [];

    /// <summary>What has become of the data, in a sentence; none where nothing has.</summary>
    /// <param name="folder">The data's.</param>
    public IEnumerable<string> Remarks(string folder)
    {
        string[] parts =
        [
            .. New.Count > 0 ? (string[])[Some(New, "file is new and not used", "files are new and not used")] : [],
            .. Gone.Count > 0 ? (string[])[Some(Gone, "is gone", "are gone")] : [],
            .. Changed.Count > 0 ? (string[])[Some(Changed, "has changed", "have changed")] : [],
        ];
        if (parts.Length > 0) yield return $"{folder}: since the run began, {string.Join("; ", parts)}";
    }

    /// <summary>Learns from files that the run does not know yet, with their labels.</summary>
    /// <param name="places">Some of <see cref="NewPlaces"/>.</param>
    internal void Take(IEnumerable<int> places)
    {
        foreach (int place in places)
        {
            int at = NewPlaces.IndexOf(place);
            NewPlaces.RemoveAt(at);
            New.RemoveAt(at);
            Labelled.Add(Learned.Count);
            Learned.Add(place);
        }
    }

    internal static string Some(List<string> names, string one, string many) =>
        $"{names.Count} {(names.Count == 1 ? one : many)} ({string.Join(", ", names.Take(3))}{(names.Count > 3 ? " …" : "")})";
}
