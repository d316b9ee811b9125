using Sconce.Reports;

namespace Sconce.Cli.Output;

/// <summary>Runs side by side, in <c>compare --json</c> and <c>sweep --json</c>.</summary>
internal sealed record CompareJson(IReadOnlyList<string> Differing, IReadOnlyList<ComparedRunJson> Runs, string Page)
{
    public static CompareJson Of(RunComparison comparison, IReadOnlyList<ComparedRun> runs, string page) => new(
        comparison.Differing,
        [.. runs.Zip(comparison.Rows, (run, row) => new ComparedRunJson(
            run.Folder,
            comparison.Differing.Select((name, k) => (name, Value: row[k + 1])).ToDictionary(entry => entry.name, entry => entry.Value),
            run.Overview.Progress?.Epoch ?? 0, run.Overview.Progress?.Finished ?? false, run.Best is { } best ? EvaluationJson.Of(best)
                : null))],
        page);
}

/// <summary>One of them: the settings that differ, and its best evaluation.</summary>
internal sealed record ComparedRunJson(string Run, IReadOnlyDictionary<string, string> Settings, int Epochs, bool Finished,
    EvaluationJson? Best);
