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

/// <summary>What one seed of a claim came to. It travels between processes as figures, so the rule may ask for nothing that is not
/// here.</summary>
/// <param name="Rows">The table's rows, each with this seed's one figure; every seed of a run gives the same arms and metrics in the same
/// order.</param>
public sealed record SeedResult(IReadOnlyList<ClaimRow> Rows)
{
    /// <summary>What the rule asks for besides the table: rows of one figure too, kept in <c>result.json</c> and not shown. A yes is 1, a
    /// no 0.</summary>
    public IReadOnlyList<ClaimRow> Checks { get; init; } = [];

    /// <summary>Curves, by chart.</summary>
    public IReadOnlyList<ClaimCurve> Curves { get; init; } = [];

    /// <summary>Sample pictures; a run shows those of its first seed.</summary>
    public IReadOnlyList<ClaimPicture> Pictures { get; init; } = [];

    /// <summary>What the method trained; a run keeps that of its first seed. Null where nothing is trained.</summary>
    public ClaimNetwork? Network { get; init; }

    /// <summary>The configuration, name and value, alike for every seed.</summary>
    public IReadOnlyList<(string Name, string Value)> Configuration { get; init; } = [];
}

/// <summary>What an experiment came to.</summary>
/// <param name="Verdict">By the claim's stated rule.</param>
/// <param name="Reason">The figures behind the verdict, in one sentence.</param>
/// <param name="Rows">Every arm's figures.</param>
public sealed record ClaimResult(Verdict Verdict, string Reason, IReadOnlyList<ClaimRow> Rows)
{
    /// <summary>What the rule asked for besides.</summary>
    public IReadOnlyList<ClaimRow> Checks { get; init; } = [];

    /// <summary>Curves, by chart.</summary>
    public IReadOnlyList<ClaimCurve> Curves { get; init; } = [];

    /// <summary>Sample pictures.</summary>
    public IReadOnlyList<ClaimPicture> Pictures { get; init; } = [];

    /// <summary>What the method trained with the first seed; null where nothing is trained.</summary>
    public ClaimNetwork? Network { get; init; }

    /// <summary>The configuration: name and value.</summary>
    public IReadOnlyList<(string Name, string Value)> Configuration { get; init; } = [];
}

/// <summary>The figures that a rule decides on: all rows and checks of a run, one figure a seed.</summary>
public sealed class ClaimTable(IReadOnlyList<ClaimRow> rows)
{
    /// <summary>How many seeds.</summary>
    public int Seeds => rows.Count == 0 ? 0 : rows[0].Values.Count;

    /// <summary>One arm's figures, one a seed.</summary>
    /// <exception cref="KeyNotFoundException">There is no such row.</exception>
    public IReadOnlyList<double> this[string arm, string metric] =>
        rows.FirstOrDefault(row => row.Arm == arm && row.Metric == metric)?.Values
        ?? throw new KeyNotFoundException($"the claim's table has no row '{arm}' of '{metric}'");

    /// <summary>The figures of each arm in one metric, in the table's order.</summary>
    public IReadOnlyDictionary<string, List<double>> ByArm(string metric) =>
        rows.Where(row => row.Metric == metric).ToDictionary(row => row.Arm, row => row.Values.ToList());
}

/// <summary>
/// A newsletter item's sentence as an experiment: the same data, budget and seeds for a baseline and the method, and a rule, stated before,
/// that decides. It must be able to fail. A claim says what one seed does and how its rule reads the figures of all; the seeds run one
/// after another, or side by side in processes of their own, with the same result.
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

    /// <summary>Whether anything is drawn at random. Where nothing is, a run has one seed, which means nothing, and cannot be asked for
    /// more.</summary>
    public virtual bool HasSeeds => true;

    /// <summary>Why nothing is kept that an ability could be asked with, in a sentence; null where a network is kept.</summary>
    public virtual string? KeepsNone => null;

    /// <summary>The figures that are times, which no two runs give alike; all others follow from the seed.</summary>
    public virtual IReadOnlyList<string> TimedMetrics => [];

    /// <summary>Whether <see cref="ClaimOptions.Data"/> can be used, and what it must hold; null where it can not.</summary>
    public virtual string? DataFormat => null;

    /// <summary>The experiment with one seed. All that is drawn follows from the seed, so that it does not matter what ran before in this
    /// process.</summary>
    /// <param name="seed">What everything is drawn from.</param>
    /// <param name="options">Data, quick; its seeds are not this method's business.</param>
    /// <param name="progress">Told at every step worth showing.</param>
    /// <param name="cancellation">Ends it early with <see cref="OperationCanceledException"/>.</param>
    public abstract SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation);

    /// <summary>Applies <see cref="Rule"/> to a run's figures; of a quick run only the reason is used.</summary>
    /// <param name="table">Rows and checks of all seeds.</param>
    /// <param name="options">How the claim was run.</param>
    protected abstract (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options);

    /// <summary>The seeds of a run: as many as asked for, one where it is quick, else <see cref="DefaultSeeds"/>.</summary>
    /// <exception cref="UsageException">Fewer than one is asked for, or several where there are none by nature.</exception>
    public IReadOnlyList<int> Seeds(ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!HasSeeds && options.Seeds is > 1)
        {
            throw new SettingsException(
                "seeds", called => $"{called}: nothing in this claim is random, so it has no seeds: leave {called} out");
        }

        int count = options.Seeds ?? (options.Quick || !HasSeeds ? 1 : DefaultSeeds);
        return count >= 1 ? [.. Enumerable.Range(options.FirstSeed, count)]
            : throw new SettingsException("seeds", called => $"{called}: one at least");
    }

    /// <summary>Runs the experiment, one seed after another.</summary>
    /// <param name="options">Seeds, data, quick.</param>
    /// <param name="progress">Told at every step worth showing.</param>
    /// <param name="cancellation">Ends it early with <see cref="OperationCanceledException"/>.</param>
    public ClaimResult Run(ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        Together([.. Seeds(options).Select(seed => RunSeed(seed, options, progress, cancellation))], options);

    /// <summary>Puts seeds together, wherever they ran, and decides.</summary>
    /// <param name="seeds">In their order.</param>
    /// <param name="options">How the claim was run.</param>
    /// <exception cref="InvalidDataException">The seeds have unlike rows.</exception>
    public ClaimResult Together(IReadOnlyList<SeedResult> seeds, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(seeds);
        ArgumentNullException.ThrowIfNull(options);
        List<ClaimRow> rows = Joined(seed => seed.Rows), checks = Joined(seed => seed.Checks);
        var (verdict, reason) = Judge(new ClaimTable([.. rows, .. checks]), options);
        if (options.Quick) (verdict, reason) = (Verdict.Undecided, $"a quick run proves nothing: {reason}");
        return new ClaimResult(verdict, reason, rows)
        {
            Checks = checks,
            Curves = [.. seeds.SelectMany(seed => seed.Curves)],
            Pictures = seeds[0].Pictures,
            Network = seeds[0].Network,
            Configuration = seeds[0].Configuration,
        };

        List<ClaimRow> Joined(Func<SeedResult, IReadOnlyList<ClaimRow>> part)
        {
            var names = part(seeds[0]).Select(row => (row.Arm, row.Metric)).ToList();
            if (seeds.Any(seed => !part(seed).Select(row => (row.Arm, row.Metric)).SequenceEqual(names)))
                throw new InvalidDataException("the seeds of this claim came to unlike rows");
            return [.. part(seeds[0]).Select((row, place) =>
                row with { Values = [.. seeds.SelectMany(seed => part(seed)[place].Values)] })];
        }
    }

    /// <summary>
    /// The usual decision on means: each margin, one figure a seed, says by how much a bound is met. Holds where every mean is 0 or more;
    /// undecided where those below miss by less than their standard error.
    /// </summary>
    /// <param name="margins">Beyond each bound, one a seed.</param>
    protected static Verdict ByMargins(params IReadOnlyList<IEnumerable<double>> margins)
    {
        ArgumentNullException.ThrowIfNull(margins);
        List<ClaimRow> rows = [.. margins.Select(values => new ClaimRow("", "", [.. values]))];
        if (rows.All(row => row.Mean >= 0)) return Verdict.Holds;
        return rows.Any(row => !(row.Mean >= -row.Spread / Math.Sqrt(row.Values.Count))) ? Verdict.DoesNotHold : Verdict.Undecided;
    }
}
