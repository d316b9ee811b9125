using System.Globalization;
using System.Text;
using Sconce.Files;
using Sconce.Metrics;

namespace Sconce.Reports;

/// <summary>Writes what a sweep came to: one page with its table, steps to the goal, and every run's curves.</summary>
public static class SweepPage
{
    private const int MostCurves = 24;

    /// <summary>Writes the page, whole or not at all.</summary>
    /// <param name="path">The page.</param>
    /// <param name="title">Its heading.</param>
    /// <param name="sweep">What came out.</param>
    public static void Write(string path, string title, SweepResult sweep)
    {
        ArgumentNullException.ThrowIfNull(sweep);
        var shown = sweep.Trials.Where(trial => trial.Runs.Count > 0).Take(MostCurves).ToList();
        List<CurveRecord> curves = [.. shown.SelectMany(Curves)];
        if (sweep.Scaling is { } scaling) curves.InsertRange(0, Steps(scaling));
        var page = new PageParts(title, Charts.Of(curves));
        page.Add($"<h1>{PageParts.Text(title)}</h1>");
        foreach (string remark in sweep.Remarks) page.Quiet(PageParts.Capital(remark) + ".");
        page.Heading("Trials, the best first");
        page.Table(sweep.Headings, sweep.Rows, number => number == 0 && sweep.Trials[0].Runs.Count > 0);
        Scaling(page, sweep);
        page.Curves();
        if (sweep.Trials.Count > shown.Count) page.Quiet($"Curves of the best {shown.Count} of {sweep.Trials.Count} trials.");
        page.Values("Versions", RunVersions.Collect());
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(page.Finish()));
    }

    private static void Scaling(PageParts page, SweepResult sweep)
    {
        var groups = sweep.StepsByGroup;
        if (groups.Count < 2) return;
        var curve = sweep.Scaling;
        page.Heading("Steps to the goal, everything else tuned anew");
        page.Table(["", ">steps", "with", ">slope to the next"], groups.Select((group, k) => (IReadOnlyList<string>)
        [
            group.Group, group.Steps is { } steps ? ClaimFigures.Number(Math.Round(steps)) : "not reached", group.Trial?.Point.ToString()
                ?? "",
            curve is not null && curve.Steps.Count == groups.Count && k < curve.Slopes.Count ? Slope(curve, k) : "",
        ]));
        page.Quiet("Steps are counted at the ends of epochs, where runs are evaluated. A slope of 1 means that twice the batch halves "
            + "the steps, 0 that it saves none.");
    }

    private static string Slope(ScalingCurve curve, int k) =>
        $"{curve.Slopes[k].ToString("0.00", CultureInfo.InvariantCulture)} ({Words(curve.Regimes[k])})";

    private static string Words(ScalingRegime regime) => regime switch
    {
        ScalingRegime.Perfect => "perfect scaling",
        ScalingRegime.Maximal => "a larger batch buys nothing",
        _ => "diminishing returns",
    };

    private static IEnumerable<CurveRecord> Steps(ScalingCurve curve)
    {
        const string chart = "log2 of steps to the goal, by log2 of the batch";
        double[] x = [.. curve.Batches.Select(Math.Log2)];
        yield return new CurveRecord(chart, "steps to the goal", x, [.. curve.Steps.Select(Math.Log2)]);
        yield return new CurveRecord(chart, "perfect scaling", x, [.. curve.PerfectScaling.Select(Math.Log2)]);
    }

    private static IEnumerable<CurveRecord> Curves(SweepTrial trial) =>
        trial.Runs.SelectMany(run => RunCurves.Of(run.History, $"{trial.Point}, seed {run.Overview.Configuration.Run.Seed}"));
}
