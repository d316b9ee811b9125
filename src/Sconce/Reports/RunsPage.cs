using System.Globalization;
using Sconce.Training;

namespace Sconce.Reports;

/// <summary>Runs in a table, and their curves side by side: one page that opens offline, with links to each run's own.</summary>
public static class RunsPage
{
    private const int MostDrawn = 24;

    /// <summary>The headings of the table; those of figures begin with <c>&gt;</c>.</summary>
    public static IReadOnlyList<string> Headings { get; } = ["run", "written", "network", "method", "stands at", "best", ">time"];

    /// <summary>A run's row.</summary>
    public static IReadOnlyList<string> Row(ListedRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        string written = run.Changed.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        if (run.Overview is not { } overview) return [run.Name, written, "–", "–", $"cannot be read: {run.Fault}", "–", "–"];
        return
        [
            run.Name, written, overview.Configuration.Network, overview.Configuration.Method, Standing(overview), Best(overview),
            overview.Progress is { } progress ? ClaimFigures.Words(TimeSpan.FromSeconds(progress.Seconds)) : "–",
        ];
    }

    /// <summary>Makes the page.</summary>
    /// <param name="title">Its heading.</param>
    /// <param name="runs">As they are to stand.</param>
    /// <param name="link">Where a run's own page is, from this one; null where there is none.</param>
    public static string Render(string title, IReadOnlyList<ListedRun> runs, Func<ListedRun, string?> link)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(link);
        var readable = runs.Where(run => run.Overview is not null).ToList();
        var page = new PageParts(title, Charts.Of([.. readable.Take(MostDrawn).SelectMany(Curves)]));
        page.Add($"<h1>{PageParts.Text(title)}</h1>");
        page.Quiet("The run that was written last comes first; a run's name leads to its own page.");
        page.Table(Headings, runs.Select(Row), link: k => link(runs[k]));
        if (readable.Count > MostDrawn) page.Quiet($"Drawn are the first {MostDrawn} of {readable.Count} runs.");
        page.Curves();
        page.Values("Versions", RunVersions.Collect());
        return page.Finish();
    }

    /// <summary>A link from a page to a run's own, by their places on disk.</summary>
    /// <param name="page">The page's path.</param>
    /// <param name="run">The run.</param>
    public static string? LinkFrom(string page, ListedRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Report is not { } report) return null;
        string relative = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(page))!, Path.GetFullPath(report));
        return string.Join('/', relative.Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
    }

    /// <summary>A log that is damaged draws nothing: its run is in the table all the same.</summary>
    private static IReadOnlyList<CurveRecord> Curves(ListedRun run)
    {
        try
        {
            // With the network behind it: a name such as "run 1" alone would be taken for one seed of several.
            return RunCurves.Of(RunHistory.Read(run.Folder), $"{run.Name} ({run.Overview!.Configuration.Network})");
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Standing(RunOverview run)
    {
        if (run.Progress is not { } progress) return "the beginning";
        string of = run.Configuration.Run.Steps is { } steps
            ? string.Create(CultureInfo.InvariantCulture, $"step {progress.Step} of {steps}")
            : string.Create(CultureInfo.InvariantCulture, $"epoch {progress.Epoch} of {run.Configuration.Run.Epochs}");
        return progress.Finished ? $"{of}, over" : of;
    }

    private static string Best(RunOverview run)
    {
        if (run.Progress?.Best is not { } best || best.Figures.Count == 0) return "–";
        string watched = run.Configuration.Run.Watched is { } name && best.Figures.ContainsKey(name) ? name : best.Figures.Keys.First();
        return $"{watched} {ClaimFigures.Number(best.Figures[watched])}";
    }
}
