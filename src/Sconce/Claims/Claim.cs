using Sconce.Catalogue;

namespace Sconce.Claims;

/// <summary>Whether an experiment showed what the paper says.</summary>
public enum Verdict
{
    /// <summary>The stated rule is met.</summary>
    Holds,

    /// <summary>The stated rule is clearly not met.</summary>
    DoesNotHold,

    /// <summary>The spread over seeds is too wide for the rule, or the run was too short for it (<c>--quick</c>).</summary>
    Undecided,
}

/// <summary>How a claim is run.</summary>
/// <param name="Seeds">How many repetitions, each with its own seed; null for the claim's own number.</param>
/// <param name="Quick">Seconds instead of minutes: everything runs, nothing is proved, the verdict is Undecided.</param>
/// <param name="Data">A folder of real data to use instead of the procedural set, where the claim can.</param>
/// <param name="FirstSeed">The first seed.</param>
public sealed record ClaimOptions(int? Seeds = null, bool Quick = false, string? Data = null, int FirstSeed = 0);

/// <summary>One arm of an experiment (a baseline or the method) under one condition, with one figure a seed.</summary>
/// <param name="Arm">Such as <c>AGC, lr 3.2</c>.</param>
/// <param name="Metric">Such as <c>test accuracy</c>.</param>
/// <param name="Values">One a seed; NaN where the run diverged.</param>
public sealed record ClaimRow(string Arm, string Metric, IReadOnlyList<double> Values)
{
    /// <summary>Whether this row is the paper's method rather than what it is compared with.</summary>
    public bool IsMethod { get; init; }

    /// <summary>The mean over seeds; NaN where a run diverged.</summary>
    public double Mean => Values.Count == 0 ? double.NaN : Values.Average();

    /// <summary>The sample standard deviation over seeds; 0 for one.</summary>
    public double Spread => Values.Count < 2 ? 0 : Math.Sqrt(Values.Sum(value => (value - Mean) * (value - Mean)) / (Values.Count - 1));
}

/// <summary>One curve of one run.</summary>
/// <param name="Chart">The chart that it belongs to, such as <c>training loss</c>.</param>
/// <param name="Name">The line's name: arm and seed.</param>
/// <param name="X">Steps.</param>
/// <param name="Y">Values; NaN leaves a gap.</param>
public sealed record ClaimCurve(string Chart, string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);

/// <summary>A picture for the report.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Png">An encoded PNG.</param>
public sealed record ClaimPicture(string Caption, ReadOnlyMemory<byte> Png);

/// <summary>What an experiment came to.</summary>
/// <param name="Verdict">By the claim's stated rule.</param>
/// <param name="Reason">The figures behind the verdict, in one sentence.</param>
/// <param name="Rows">Every arm's figures.</param>
public sealed record ClaimResult(Verdict Verdict, string Reason, IReadOnlyList<ClaimRow> Rows)
{
    /// <summary>Curves, by chart.</summary>
    public IReadOnlyList<ClaimCurve> Curves { get; init; } = [];

    /// <summary>Sample pictures.</summary>
    public IReadOnlyList<ClaimPicture> Pictures { get; init; } = [];

    /// <summary>The configuration: name and value.</summary>
    public IReadOnlyList<(string Name, string Value)> Configuration { get; init; } = [];
}

/// <summary>
/// A newsletter item's sentence as an experiment: the same data, budget and seeds for a baseline and the method, and a rule,
/// stated before, that decides. It must be able to fail.
/// </summary>
public abstract class Claim
{
    /// <summary>The sentence, as the paper would say it.</summary>
    public abstract string Statement { get; }

    /// <summary>When it holds and when it does not, in figures.</summary>
    public abstract string Rule { get; }

    /// <summary>How long the full run takes on two cores, roughly.</summary>
    public abstract TimeSpan Duration { get; }

    /// <summary>The number of seeds of a full run.</summary>
    public virtual int DefaultSeeds => 3;

    /// <summary>Whether <see cref="ClaimOptions.Data"/> can be used, and what it must hold; null where it can not.</summary>
    public virtual string? DataFormat => null;

    /// <summary>The figures of each arm in one metric.</summary>
    protected static Dictionary<string, List<double>> ByArm(IReadOnlyList<ClaimRow> rows, string metric) =>
        rows.Where(row => row.Metric == metric).ToDictionary(row => row.Arm, row => row.Values.ToList());

    /// <summary>How many seeds a run takes: those asked for, one where it is quick, else <see cref="DefaultSeeds"/>.</summary>
    /// <exception cref="UsageException">Fewer than one is asked for.</exception>
    protected int SeedCount(ClaimOptions options)
    {
        int count = options.Seeds ?? (options.Quick ? 1 : DefaultSeeds);
        return count >= 1 ? count : throw new UsageException("--seeds: one at least");
    }

    /// <summary>Runs the experiment.</summary>
    /// <param name="options">Seeds, data, quick.</param>
    /// <param name="progress">Told at every step worth showing.</param>
    /// <param name="cancellation">Ends it early with <see cref="OperationCanceledException"/>.</param>
    public abstract ClaimResult Run(ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation);
}

/// <summary>A claim whose rule asks for nothing but the rows of a full run: its seeds may run in processes of their own and be put together.</summary>
public interface IJudgedByRows
{
    /// <summary>Applies <see cref="Claim.Rule"/>.</summary>
    /// <param name="rows">Each with a figure a seed.</param>
    (Verdict Verdict, string Reason) Judge(IReadOnlyList<ClaimRow> rows);
}
