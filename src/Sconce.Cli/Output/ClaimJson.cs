using Sconce.Reports;

namespace Sconce.Cli.Output;

/// <summary>A claim that was run, in <c>claim --json</c>; everything else stands in its <c>result.json</c>.</summary>
internal sealed record ClaimJson(string System, string Verdict, string Reason, double Seconds, int Seeds, bool Quick,
    IReadOnlyList<ClaimRowJson> Rows, string Report, string Result)
{
    public static ClaimJson Of(ClaimRecord record, string folder) => new(
        record.System,
        record.Verdict is { } verdict ? char.ToLowerInvariant(verdict.ToString()[0]) + verdict.ToString()[1..] : "failed",
        record.Reason, record.Seconds, record.Seeds, record.Quick,
        [.. record.Rows.Select(row => new ClaimRowJson(row.Arm, row.Metric, row.IsMethod, Finite(row.Mean), Finite(row.Spread),
            [.. row.Values.Select(Finite)]))],
        Path.Combine(folder, ClaimReport.Page), Path.Combine(folder, ClaimReport.Result));

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>One arm's figures; null where a run diverged.</summary>
internal sealed record ClaimRowJson(string Arm, string Metric, bool IsMethod, double? Mean, double? Spread, IReadOnlyList<double?> Values);
