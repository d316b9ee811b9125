using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Sconce.Files;
using Sconce.Training;

namespace Sconce.Reports;

/// <summary>One of the runs that are compared.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Overview">What the folder says of it.</param>
/// <param name="History">Its log.</param>
public sealed record ComparedRun(string Folder, RunOverview Overview, RunHistory History)
{
    /// <summary>Reads a run's folder.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="methods">Where its method is found.</param>
    /// <exception cref="UsageException">It is no run.</exception>
    public static ComparedRun Read(string folder, MethodRegistry methods) =>
        new(folder, RunOverview.Read(folder, methods), RunHistory.Read(folder));

    /// <summary>The evaluation of its best weights; null before the first.</summary>
    public Evaluation? Best => Overview.Progress?.Best;
}

/// <summary>Runs side by side: in what they differ, what they came to, and their curves on one page.</summary>
public sealed partial class RunComparison
{
    private static readonly string[] NotShown = ["threads", "workers", "saveEvery", "data"];
    private readonly IReadOnlyList<ComparedRun> runs;

    /// <summary>Compares.</summary>
    /// <param name="runs">Two at least make sense; one is allowed.</param>
    public RunComparison(IReadOnlyList<ComparedRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        this.runs = runs;
        Differing = [.. Names(runs).Where(name => !NotShown.Contains(name))
            .Where(name => runs.Select(run => Value(run, name)).Distinct().Count() > 1)];
        var told = runs.Select(run => run.Best?.Figures.Keys ?? []).SelectMany(keys => keys).Distinct().ToList();
        string? watched = runs[0].Overview.Configuration.Run.Watched;
        Figures = [.. told.OrderBy(name => name == watched ? 0 : 1)];
    }

    /// <summary>
    /// The settings that are not the same in all, by name; <c>network</c> and <c>method</c> are among them where they differ.
    /// </summary>
    public IReadOnlyList<string> Differing { get; }

    /// <summary>The figures of the best evaluations, the watched one first.</summary>
    public IReadOnlyList<string> Figures { get; }

    /// <summary>The headings of the table; those of figures begin with <c>&gt;</c>.</summary>
    public IReadOnlyList<string> Headings => ["run", .. Differing.Select(Setting.KebabOf), .. Figures.Select(name => ">" + name), ">epoch",
        ">time"];

    /// <summary>A row a run, in their order.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => [.. runs.Select(run => (IReadOnlyList<string>)
    [
        Name(run.Folder),
        .. Differing.Select(name => Value(run, name) is { Length: > 0 } value ? value : "–"),
        .. Figures.Select(name => Figure(run, name)),
        run.Best is { } best ? best.Epoch.ToString(CultureInfo.InvariantCulture) : "–",
        run.Overview.Progress is { } progress ? ClaimFigures.Words(TimeSpan.FromSeconds(progress.Seconds)) : "–",
    ])];

    /// <summary>Writes the page, whole or not at all.</summary>
    /// <param name="path">The page.</param>
    /// <param name="title">Its heading.</param>
    /// <param name="lead">A sentence above the table; empty for none.</param>
    public void Write(string path, string title, string lead = "")
    {
        var page = new PageParts(title, Charts.Of([.. runs.SelectMany(run => RunCurves.Of(run.History, Label(run)))]));
        page.Add($"<h1>{PageParts.Text(title)}</h1>");
        if (lead.Length > 0) page.Quiet(lead);
        page.Table(Headings, Rows);
        page.Curves();
        page.Values("Versions", RunVersions.Collect());
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(page.Finish()));
    }

    /// <summary>
    /// What a run's lines are called: its settings that differ, seed last, so that runs that differ in nothing else make one arm.
    /// </summary>
    private string Label(ComparedRun run)
    {
        string[] others = [.. Differing.Where(name => name != "seed").Select(name => $"{Setting.KebabOf(name)} {Value(run, name)}")];
        bool isSeeded = Differing.Contains("seed");
        string label = others.Length > 0 ? string.Join(", ", others) : isSeeded ? run.Overview.Configuration.Network
            : Numbered(Name(run.Folder));
        return isSeeded ? $"{label}, seed {run.Overview.Configuration.Run.Seed}" : label;
    }

    /// <summary>A folder's name such as <c>run 1</c> must not be taken for the first seed of an arm.</summary>
    private static string Numbered(string name) => EndsInRun().IsMatch(name) ? $"{name} " : name;

    private static string Name(string folder) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));

    private static string Figure(ComparedRun run, string name) =>
        run.Best is { } best && best.Figures.TryGetValue(name, out double value) ? ClaimFigures.Number(value) : "–";

    private static IEnumerable<string> Names(IReadOnlyList<ComparedRun> runs) =>
        runs.SelectMany(run => run.Overview.Method.Settings.Schema.All.Select(setting => setting.Name)).Prepend("method").Prepend("network")
            .Distinct();

    private static string Value(ComparedRun run, string name) => name switch
    {
        "network" => run.Overview.Configuration.Network,
        "method" => run.Overview.Configuration.Method,
        _ when run.Overview.Method.Settings.Find(name) is null => "",
        _ => run.Overview.Method.Settings.Text(run.Overview.Configuration.Settings, name),
    };

    [GeneratedRegex(@"(seed|run)[\s#=]*\d+$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EndsInRun();
}
