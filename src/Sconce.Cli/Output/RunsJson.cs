using Sconce.Reports;

namespace Sconce.Cli.Output;

/// <summary>What was trained, in <c>runs --json</c>; the page is null where none was asked for.</summary>
internal sealed record RunsJson(IReadOnlyList<ListedRunJson> Runs, string? Page)
{
    public static RunsJson Of(IReadOnlyList<ListedRun> runs, string? page) => new([.. runs.Select(ListedRunJson.Of)], page);
}

/// <summary>One of them; of one that cannot be read only its place and the fault are known.</summary>
internal sealed record ListedRunJson(
    string Run, DateTime Written, string? Network, string? Method, int Epochs, long Steps, double Seconds, bool Finished,
    EvaluationJson? Best, string? Report, string? Fault)
{
    public static ListedRunJson Of(ListedRun run) => new(
        run.Folder, run.Changed, run.Overview?.Configuration.Network, run.Overview?.Configuration.Method,
        run.Overview?.Progress?.Epoch ?? 0, run.Overview?.Progress?.Step ?? 0, run.Overview?.Progress?.Seconds ?? 0,
        run.Overview?.Progress?.Finished ?? false, run.Overview?.Progress?.Best is { } best ? EvaluationJson.Of(best) : null,
        run.Report, run.Fault.Length > 0 ? run.Fault : null);
}
