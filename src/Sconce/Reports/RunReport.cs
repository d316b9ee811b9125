using System.Globalization;
using System.Text;
using Sconce.Files;
using Sconce.Training;

namespace Sconce.Reports;

/// <summary>Writes what a run came to, or stands at: <c>report.html</c> in its folder, one page for people that opens offline.</summary>
public static class RunReport
{
    /// <summary>The page's name in its folder.</summary>
    public const string Page = "report.html";

    private const int MostSamples = 12, LargestSample = 4 << 20;

    /// <summary>Writes the page, whole or not at all.</summary>
    /// <param name="folder">The run's.</param>
    /// <param name="run">What its folder says of it.</param>
    /// <param name="evaluation">Of its best weights; null where there was none: the page then has the figures of the epochs alone.</param>
    /// <returns>The page's path.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="InvalidDataException">The run's log is damaged.</exception>
    public static string Write(string folder, RunOverview run, EvaluationReport? evaluation)
    {
        ArgumentNullException.ThrowIfNull(run);
        string path = Path.Combine(folder, Page);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(Render(folder, run, RunHistory.Read(folder), evaluation)));
        return path;
    }

    /// <summary>Writes the page of an evaluation alone, which has no run.</summary>
    /// <param name="path">The page.</param>
    /// <param name="title">What was asked.</param>
    /// <param name="evaluation">What came out.</param>
    public static void WriteEvaluation(string path, string title, EvaluationReport evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var page = new PageParts(title, []);
        page.Add($"<h1>{PageParts.Text(title)}</h1>");
        page.Quiet($"{evaluation.Count} {evaluation.Items} of {evaluation.Data}");
        EvaluationParts.Add(page, evaluation);
        page.Values("Versions", RunVersions.Collect());
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(page.Finish()));
    }

    internal static string Render(string folder, RunOverview run, RunHistory history, EvaluationReport? evaluation)
    {
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        var page = new PageParts($"{name}: {run.Configuration.Network}", Charts.Of(RunCurves.Of(history, "")));
        page.Add($"<h1>{PageParts.Text(name)}: {PageParts.Text(run.Configuration.Network)}</h1>");
        page.Quiet($"Method {run.Method.Name}: {run.Method.Purpose}. {Standing(run)}");
        Epochs(page, run, history);
        page.Curves();
        page.Pictures("Samples", Samples(folder));
        if (evaluation is not null)
        {
            page.Heading($"The best weights, asked about {evaluation.Count} {evaluation.Items}");
            EvaluationParts.Add(page, evaluation);
        }

        page.Values("Settings", Settings(run));
        page.Values("Versions", RunVersions.Collect());
        return page.Finish();
    }

    private static string Standing(RunOverview run)
    {
        if (run.Progress is not { } progress) return "There is no checkpoint yet.";
        string time = ClaimFigures.Words(TimeSpan.FromSeconds(progress.Seconds));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(progress.Finished ? "Over after" : "Stands at")} epoch {progress.Epoch}, step {progress.Step}, {progress.Examples:N0} "
                + $"examples, {time} of steps.");
    }

    /// <summary>The best epoch and the last ones.</summary>
    private static void Epochs(PageParts page, RunOverview run, RunHistory history)
    {
        const int most = 12;
        var evaluations = history.Evaluations;
        if (evaluations.Count == 0) return;
        var best = run.Progress?.Best;
        var shown = evaluations.TakeLast(most).ToList();
        if (best is not null && shown.All(evaluation => evaluation.Step != best.Step)) shown.Insert(0, best);
        string[] figures = [.. evaluations.SelectMany(evaluation => evaluation.Figures.Keys).Distinct()];
        page.Heading("Epochs");
        page.Table(
            ["epoch", ">training loss", .. figures.Select(figure => ">" + figure)],
            shown.Select(evaluation => (IReadOnlyList<string>)
            [
                evaluation.Epoch.ToString(CultureInfo.InvariantCulture) + (evaluation.Step == best?.Step ? ", the best" : ""),
                ClaimFigures.Number(evaluation.TrainLoss),
                .. figures.Select(figure => ClaimFigures.Number(evaluation.Figures.GetValueOrDefault(figure, double.NaN))),
            ]));
        if (evaluations.Count > shown.Count) page.Quiet($"The last {most} of {evaluations.Count}; log.jsonl has all of them.");
    }

    /// <summary>The newest samples of each name, and the first of each, so that a person sees what became of it.</summary>
    private static IReadOnlyList<PagePicture> Samples(string folder)
    {
        string samples = Path.Combine(folder, SampleFolder.Name);
        if (!Directory.Exists(samples)) return [];
        var byName = Directory.EnumerateFiles(samples).Where(path => Kind(path) is not null && RegularFile.KindOf(path) is null)
            .Where(path => new FileInfo(path).Length <= LargestSample)
            .Order(StringComparer.Ordinal).GroupBy(path => Path.GetFileName(path).Split('-', 2)[^1]);
        return
        [
            .. byName.SelectMany(files => files.Count() == 1 ? [files.First()] : (string[])[files.First(), files.Last()]).Take(MostSamples)
                .Select(path => new PagePicture(Path.GetFileName(path), RegularFile.ReadAllBytes(path), Kind(path)!)),
        ];
    }

    private static string? Kind(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => PagePicture.Png,
        ".jpg" or ".jpeg" => "image/jpeg",
        ".gif" => "image/gif",
        _ => null,
    };

    private static IReadOnlyList<NamedValue> Settings(RunOverview run) =>
    [
        .. run.Method.Settings.Schema.All.Select(setting =>
            new NamedValue(setting.Option, run.Method.Settings.Text(run.Configuration.Settings, setting.Name)))
            .Where(value => value.Value.Length > 0),
    ];
}
