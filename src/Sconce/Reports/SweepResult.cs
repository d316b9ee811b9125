using System.Globalization;
using Sconce.Metrics;
using Sconce.Training;

namespace Sconce.Reports;

/// <summary>One point of a sweep with its seeds.</summary>
/// <param name="Point">The setting.</param>
/// <param name="Runs">One a seed; those that failed are not there.</param>
/// <param name="Failures">Why a seed's run failed, such as a loss that is no number.</param>
public sealed record SweepTrial(SweepPoint Point, IReadOnlyList<ComparedRun> Runs, IReadOnlyList<string> Failures)
{
    /// <summary>A figure of the best weights of each seed; NaN where a run failed.</summary>
    public IReadOnlyList<double> Values(string figure) =>
    [
        .. Runs.Select(run => run.Best is { } best && best.Figures.TryGetValue(figure, out double value) ? value : double.NaN),
        .. Failures.Select(_ => double.NaN),
    ];
}

/// <summary>What a sweep came to: its trials, the best first, and steps to a goal where there is one.</summary>
public sealed class SweepResult
{
    private readonly SweepGoal? goal;

    /// <summary>Orders the trials.</summary>
    /// <param name="trials">All of them.</param>
    /// <param name="goal">What was to be reached; null for none.</param>
    public SweepResult(IReadOnlyList<SweepTrial> trials, SweepGoal? goal)
    {
        ArgumentNullException.ThrowIfNull(trials);
        this.goal = goal;
        var runs = trials.SelectMany(trial => trial.Runs).ToList();
        Watched = runs.Count == 0 ? "accuracy" : runs[0].Overview.Configuration.Run.Watched ?? goal?.Figure ?? "accuracy";
        bool higher = HigherIsBetter(runs);
        Trials = [.. trials.OrderBy(trial => Rank(trial, higher))];
    }

    /// <summary>The figure by which they are ordered.</summary>
    public string Watched { get; }

    /// <summary>The best first; those that failed last.</summary>
    public IReadOnlyList<SweepTrial> Trials { get; }

    /// <summary>The headings of <see cref="Rows"/>.</summary>
    public IReadOnlyList<string> Headings =>
    [
        .. Trials.Count == 0 ? [] : Trials[0].Point.Values.Select(value => Setting.KebabOf(value.Name)),
        ">" + Watched, .. goal is null ? [] : (string[])[">steps to " + goal], ">each seed",
    ];

    /// <summary>A row a trial: its values, the watched figure's mean and deviation, steps to the goal, each seed's figure.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Rows => [.. Trials.Select(trial => (IReadOnlyList<string>)
    [
        .. trial.Point.Values.Select(value => value.Value),
        ClaimFigures.MeanAndSpread(trial.Values(Watched)),
        .. goal is null ? [] : (string[])[StepsTo(trial) is { } steps ? ClaimFigures.Number(Math.Round(steps)) : "not reached"],
        string.Join("  ", trial.Values(Watched).Select(ClaimFigures.Number)),
    ])];

    /// <summary>
    /// Steps to the goal by the values that were listed one by one, everything else tuned anew: the fewest of all trials of a value, each
    /// the mean over its seeds; 1811.03600 §3.1. Null steps where no trial reached it.
    /// </summary>
    public IReadOnlyList<(string Group, double? Steps, SweepTrial? Trial)> StepsByGroup => goal is null ? [] :
    [
        .. Trials.GroupBy(trial => trial.Point.Group).Select(group =>
        {
            var reached = group.Select(trial => (Trial: trial, Steps: StepsTo(trial))).Where(entry => entry.Steps is not null).ToList();
            var best = reached.Count == 0 ? default : reached.MinBy(entry => entry.Steps);
            return (group.Key, best.Steps, best.Trial);
        }).OrderBy(entry => Batch(entry.Trial) ?? double.MaxValue),
    ];

    /// <summary>The curve of steps against batch size, where batch sizes alone were listed and two at least reached the goal.</summary>
    public ScalingCurve? Scaling
    {
        get
        {
            var points = StepsByGroup.Where(entry => entry.Steps is not null && Batch(entry.Trial) is not null)
                .Select(entry => (Batch: Batch(entry.Trial)!.Value, Steps: entry.Steps!.Value)).ToList();
            bool isOfBatches = points.Count > 1 && points.Select(point => point.Batch).Distinct().Count() == points.Count;
            return isOfBatches ? new ScalingCurve([.. points.Select(point => point.Batch)], [.. points.Select(point => point.Steps)])
                : null;
        }
    }

    /// <summary>What a person should know before the figures count: a best value at the end of its range, say.</summary>
    public IReadOnlyList<string> Remarks
    {
        get
        {
            List<string> remarks = [];
            var best = goal is null ? [.. Trials.Take(1)] : StepsByGroup.Select(entry => entry.Trial).OfType<SweepTrial>().ToList();
            foreach (var trial in best) remarks.AddRange(AtAnEnd(trial));
            int failed = Trials.Sum(trial => trial.Failures.Count);
            if (failed > 0) remarks.Add(
                $"{failed} {(failed == 1 ? "run" : "runs")} failed: {Trials.SelectMany(trial => trial.Failures).First()}");
            return [.. remarks.Distinct()];
        }
    }

    private IEnumerable<string> AtAnEnd(SweepTrial trial)
    {
        var rivals = Trials.Where(other => other.Point.Group == trial.Point.Group).ToList();
        if (rivals.Count < 3) yield break;
        foreach (var (name, value) in trial.Point.Values)
        {
            double[] tried = [.. rivals.Select(other => other.Point.Values.First(entry => entry.Name == name).Value).Select(Number)
                .Where(double.IsFinite).Distinct()];
            double own = Number(value);
            if (tried.Length > 2 && (own == tried.Min() || own == tried.Max()))
                yield return $"the best {Setting.KebabOf(name)} {(trial.Point.Group.Length > 0 ? $"with {trial.Point.Group} " : "")}is "
                    + $"{value}, at the end of those tried: widen the range before the figure counts";
        }
    }

    private double? StepsTo(SweepTrial trial)
    {
        if (goal is null || trial.Runs.Count == 0 || trial.Failures.Count > 0) return null;
        long?[] steps = [.. trial.Runs.Select(run => goal.Steps(run.History))];
        return steps.Any(count => count is null) ? null : steps.Average(count => (double)count!.Value);
    }

    private double Rank(SweepTrial trial, bool higher)
    {
        if (goal is not null) return StepsTo(trial) ?? double.MaxValue;
        double mean = trial.Values(Watched).DefaultIfEmpty(double.NaN).Average();
        return double.IsNaN(mean) ? double.MaxValue : higher ? -mean : mean;
    }

    /// <summary>Which way the watched figure is better: a run's best evaluation tells, where it is not its only one.</summary>
    private bool HigherIsBetter(IReadOnlyList<ComparedRun> runs)
    {
        if (goal is not null && goal.Figure == Watched) return goal.IsAtLeast;
        foreach (var run in runs)
        {
            double[] values = [.. run.History.Evaluations.Select(one => one.Figures.GetValueOrDefault(Watched, double.NaN))
                .Where(double.IsFinite)];
            if (run.Best is not { } best || values.Distinct().Count() < 2) continue;
            return best.Figures[Watched] > values.Min();
        }

        return !Watched.Contains("loss", StringComparison.OrdinalIgnoreCase);
    }

    private static double? Batch(SweepTrial? trial)
    {
        string text = trial?.Point.Values.FirstOrDefault(value => value.Name == "batch").Value ?? "";
        return Number(text) is var batch && double.IsFinite(batch) ? batch : null;
    }

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN;
}
