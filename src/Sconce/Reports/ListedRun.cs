using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Reports;

/// <summary>A run among others: what its folder says without a look at weights, or why it says nothing.</summary>
/// <param name="Name">What it is called among them.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Changed">When something was last written of it, in UTC.</param>
/// <param name="Overview">What the folder says; null where it cannot be read.</param>
/// <param name="Fault">Why it cannot be read; empty where it can.</param>
public sealed record ListedRun(string Name, string Folder, DateTime Changed, RunOverview? Overview, string Fault = "")
{
    private const int Deepest = 4;

    /// <summary>Its page; null where there is none yet.</summary>
    public string? Report => Path.Combine(Folder, RunReport.Page) is var page && File.Exists(page) ? page : null;

    /// <summary>Finds runs in folders, the one that was written last first. One that is damaged is among them, with its fault.</summary>
    /// <param name="folders">Folders of runs, or folders with some in them, up to four levels down.</param>
    /// <param name="methods">Where their methods are found.</param>
    /// <exception cref="UsageException">One of the folders is not there, or is no run and has none.</exception>
    public static IReadOnlyList<ListedRun> Find(IReadOnlyList<string> folders, MethodRegistry methods)
    {
        ArgumentNullException.ThrowIfNull(folders);
        var found = folders.SelectMany(Within).DistinctBy(run => Path.GetFullPath(run.Folder)).ToList();
        var twice = found.CountBy(run => run.Name).Where(name => name.Value > 1).Select(name => name.Key).ToHashSet();
        return
        [
            .. found.Select(run => Read(twice.Contains(run.Name) ? run.Folder : run.Name, run.Folder, methods))
                .OrderByDescending(run => run.Changed).ThenBy(run => run.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Reads one.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="methods">Where its method is found.</param>
    public static ListedRun Read(string name, string folder, MethodRegistry methods)
    {
        var changed = ((string[])[RunFolder.ConfigurationName, RunFolder.LogName, RunFolder.LastName])
            .Select(file => File.GetLastWriteTimeUtc(Path.Combine(folder, file))).Max();
        try
        {
            return new ListedRun(name, folder, changed, RunOverview.Read(folder, methods));
        }
        catch (Exception error) when (error is UsageException or CheckpointException or IOException or InvalidDataException
            or UnauthorizedAccessException)
        {
            return new ListedRun(name, folder, changed, null, error.Message);
        }
    }

    private static List<(string Name, string Folder)> Within(string folder)
    {
        if (IsRun(folder)) return [(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), folder)];
        if (!Directory.Exists(folder)) throw new UsageException($"there is no folder '{folder}'");
        List<(string Name, string Folder)> runs = [];
        Search(folder, 1);
        return runs.Count > 0 ? runs : throw new UsageException($"'{folder}' is no run, and holds none: a run has a config.json");

        void Search(string place, int depth)
        {
            foreach (string inner in Directory.EnumerateDirectories(place).Order(StringComparer.Ordinal))
            {
                if (Path.GetFileName(inner).StartsWith('.')) continue;
                if (IsRun(inner)) runs.Add((Path.GetRelativePath(folder, inner).Replace('\\', '/'), inner));
                else if (depth < Deepest) Search(inner, depth + 1);
            }
        }
    }

    private static bool IsRun(string folder) => File.Exists(Path.Combine(folder, RunFolder.ConfigurationName));
}
