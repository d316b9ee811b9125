using Sconce.Data;

namespace Sconce.Cli.Verbs;

/// <summary>
/// Folders that grow: looks at them time and again, and tells which files have come whole. A look is a walk, never the system's notice:
/// that is lost on network shares and where many files come at once.
/// </summary>
/// <param name="folders">As they were named; their subfolders belong to them.</param>
/// <param name="isTaken">Whether a file is wanted, by its path.</param>
/// <param name="clock">Tells the time.</param>
/// <param name="note">Told where a folder cannot be read, and where it can be again.</param>
internal sealed class WatchedFolders(
    IReadOnlyList<string> folders, Func<string, bool> isTaken, TimeProvider clock, Action<string> note)
{
    /// <summary>How long size and time of a file have to stay before it is taken to be whole.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Seen> files = new(StringComparer.Ordinal);
    private readonly HashSet<string> unreadable = [];

    /// <summary>Looks at all folders.</summary>
    /// <param name="known">Files that are done with, where they are seen for the first time.</param>
    /// <returns>The files that are whole and were not done with, the one that was changed longest ago first.</returns>
    public IReadOnlyList<string> Look(IReadOnlySet<string>? known = null)
    {
        long now = clock.GetTimestamp();
        foreach (string folder in folders)
        {
            var there = Walked(folder);
            if (there is null) continue;   // it may come back: what was done of it is not forgotten
            foreach (var (path, stamp) in there) See(folder, path, stamp, now, known);
            var gone = files.Where(pair => pair.Value.Folder == folder && !there.ContainsKey(pair.Key)).Select(pair => pair.Key);
            foreach (string path in gone.ToList()) files.Remove(path);
        }

        return [.. files.Where(pair => !pair.Value.IsDone && clock.GetElapsedTime(pair.Value.Since, now) >= Settled)
            .OrderBy(pair => pair.Value.Stamp.Changed).ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Key)];
    }

    /// <summary>How long a file has been as it is; no time where it was changed, or taken away, since the last look.</summary>
    public TimeSpan Unchanged(string path) =>
        files.TryGetValue(path, out var seen) && StampOf(path) == seen.Stamp ? clock.GetElapsedTime(seen.Since) : TimeSpan.Zero;

    /// <summary>A file that is done with, until it is changed.</summary>
    public void Done(string path)
    {
        if (files.TryGetValue(path, out var seen)) seen.IsDone = true;
    }

    private void See(string folder, string path, Stamp stamp, long now, IReadOnlySet<string>? known)
    {
        if (files.TryGetValue(path, out var seen) && seen.Stamp == stamp) return;
        files[path] = new Seen(folder, stamp, now) { IsDone = seen is null && known?.Contains(path) == true };
    }

    /// <summary>The files of a folder; null where it cannot be read.</summary>
    private Dictionary<string, Stamp>? Walked(string folder)
    {
        var there = new Dictionary<string, Stamp>(StringComparer.Ordinal);
        try
        {
            foreach (string path in FileWalk.All(folder).Where(isTaken))
                if (StampOf(path) is { } stamp) there[path] = stamp;
        }
        catch (Exception error) when (error is DataException or IOException or UnauthorizedAccessException)
        {
            if (unreadable.Add(folder)) note($"{Faults.Line(error)}; it is looked for until it can be read again");
            return null;
        }

        if (unreadable.Remove(folder)) note($"{folder} can be read again");
        return there;
    }

    private static Stamp? StampOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? new Stamp(file.Length, file.LastWriteTimeUtc) : null;
    }

    private readonly record struct Stamp(long Bytes, DateTime Changed);

    private sealed record Seen(string Folder, Stamp Stamp, long Since)
    {
        public bool IsDone { get; set; }
    }
}
