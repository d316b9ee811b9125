using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Systems.Generation.DiffAugment;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Osgan;

/// <summary>One stage beside two: the same gradients, less time, no worse samples.</summary>
public sealed class OsganClaim : Claim
{
    private const double Exact = 1e-5, LeastGain = 1.2, Kept = 0.85;
    private const string One = "one stage", Two = "two stages", Both = "DCGAN";
    private const string Difference = "gradients' difference", Time = "CPU ms a step";
    private const string Modes = "modes hit of 8", Share = "samples within 3 σ";

    /// <inheritdoc/>
    public override string Statement =>
        "Generator and discriminator can be trained from one forward and one backward pass: about one and a half times as fast as in two "
        + "stages, with comparable samples.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if the gradients of one pass differ from those of separate passes by at most 1e-5 (relative, any seed), and in the mean "
        + "over seeds a step of two stages takes at least 1.2 times the processor's time, and on a ring of eight normal distributions one "
        + "stage hits at least 85 % as many of them, with at least 85 % as large a share of samples within three deviations. Undecided "
        + "where a mean misses by less than its standard error, or with one seed.";

    /// <inheritdoc/>
    public override IReadOnlyList<string> TimedMetrics => [Time];

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(1);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = new(
        "osgan_claim", "what the claim trains in one stage: pictures of 16 px", _ => new SmallGenerator())
    {
        Capabilities = [new TensorInput(SmallGenerator.Latent), new ImageGenerator(SmallGenerator.Latent)],
    };

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 100 : 1500;
        double difference;
        Dictionary<string, double> times = [];
        using (var comparison = new StageComparison((ulong)seed))
        {
            difference = comparison.Difference();
            foreach (string arm in (string[])[Two, One])
            {
                cancellation.ThrowIfCancellationRequested();
                times[arm] = 1000 * comparison.Seconds(arm == One, options.Quick ? 2 : 7);
            }
        }

        List<ClaimRow> rows = [new ClaimRow(Both, Difference, [difference]) { IsMethod = true }];
        foreach (string arm in (string[])[Two, One])
        {
            using var trial = new RingTrial(arm == One, (ulong)seed);
            for (int step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (step % 50 == 0) progress?.Report(new WorkProgress($"{arm}, seed {seed}", step, steps));
                trial.Step();
            }

            var (hit, share) = trial.Look();
            bool isMethod = arm == One;
            rows.Add(new ClaimRow(arm, Time, [times[arm]]) { IsMethod = isMethod });
            rows.Add(new ClaimRow(arm, Modes, [hit]) { IsMethod = isMethod });
            rows.Add(new ClaimRow(arm, Share, [share]) { IsMethod = isMethod });
        }

        using var scope = new TensorScope();
        using var shapes = new ShapesTrial(ShapePictures.Draw(ShapesTrial.Known, new Random(seed)) * 2, (ulong)seed);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (step % 50 == 0) progress?.Report(new WorkProgress($"pictures, seed {seed}", step, steps));
            shapes.Step();
        }

        var (painted, kept) = shapes.Finish(16);
        return new SeedResult(rows)
        {
            Network = kept,
            Pictures = [new ClaimPicture("pictures learned in one stage, no part of the rule", SmallPictures.Sheet(painted))],
            Configuration =
            [
                ("gradients and time", "DCGAN of 32 channels on grey noise of 64x64, batches of 16, group norms, logistic losses"),
                (
                    "samples",
                    $"players of three layers of 64 on eight normal distributions of 0.2 about a circle of 2, {steps} steps of 64, "
                    + "Adam 1e-3 (0.5, 0.999), the generator's average of 0.99"),
                (
                    "the network that is kept",
                    $"a generator of 16x16 pixels on {ShapesTrial.Known} pictures of shapes, in one stage, {steps} steps of 16; "
                    + "the rule asks nothing of it"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        var gaps = table[Both, Difference];
        var gains = table[Two, Time].Zip(table[One, Time], (two, one) => two / one).ToList();
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"gradients differ by {gaps.Max():0.0e0}; {gains.Average():0.00} times as fast; {table[One, Modes].Average():0.0} modes "
            + $"against {table[Two, Modes].Average():0.0}, {table[One, Share].Average():0.00} of the samples within 3 σ against "
            + $"{table[Two, Share].Average():0.00}");
        if (!(gaps.Max() <= Exact)) return (Verdict.DoesNotHold, reason);
        if (table.Seeds < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        var verdict = ByMargins(
            gains.Select(gain => gain - LeastGain),
            table[Two, Modes].Zip(table[One, Modes], (two, one) => one - (Kept * two)),
            table[Two, Share].Zip(table[One, Share], (two, one) => one - (Kept * two)));
        return (verdict, reason);
    }
}
