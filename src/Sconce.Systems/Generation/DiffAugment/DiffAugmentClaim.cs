using System.Globalization;
using Sconce.Abilities;
using Sconce.Adversarial;
using Sconce.Claims;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Generation.DiffAugment;

/// <summary>The same two small players on twenty pictures, as they are and augmented.</summary>
public sealed class DiffAugmentClaim : Claim
{
    private const int Known = 20, HeldOut = 500, Fresh = 2000, Batch = 16, Looks = 4;
    private const double GapShare = 0.25;
    private const string Plain = "as they are", Method = "color,translation";
    private const string Gap = "D's gap", Early = "distance, first quarter", Late = "distance, end";

    /// <inheritdoc/>
    public override string Statement =>
        "From few pictures a discriminator learns them by heart; where both players see augmented ones, it does not, and the generator "
        + "goes on getting better.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds, the discriminator's gap between known and held-out pictures is at most a quarter of that "
        + "without augmentation, the distance to fresh pictures falls from the first quarter of the run to its end with augmentation and "
        + "rises without, and is lower at the end. Undecided where a mean misses by less than its standard error, or with one seed.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = new(
        "diffaugment_claim", "what the claim trains: pictures of 16 px", _ => new SmallGenerator())
    {
        Capabilities = [new TensorInput(SmallGenerator.Latent), new ImageGenerator(SmallGenerator.Latent)],
    };

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 8 : 1600;
        var random = new Random(seed);
        using var scope = new TensorScope();
        Tensor known = ShapePictures.Draw(Known, random), heldOut = ShapePictures.Draw(HeldOut, random);
        using var features = PictureFeatures.Random(Device.Cpu);
        using var fresh = FeatureStatistics.Of(features.Call(ShapePictures.Draw(options.Quick ? 200 : Fresh, random)));
        List<ClaimRow> rows = [];
        ClaimNetwork? kept = null;
        List<ClaimCurve> curves = [];
        List<ClaimPicture> pictures = [new("what both learn from", SmallPictures.Sheet(known[..16]))];
        foreach (string arm in (string[])[Plain, Method])
        {
            string name = $"{arm}, seed {seed}";
            var policy = arm == Plain ? DiffAugmentPolicy.None : DiffAugmentPolicy.Parse(arm);
            using var trial = new SmallTrial(known, policy, (ulong)seed);
            List<double> distances = [], gaps = [], places = [];
            for (int look = 1; look <= Looks; look++)
            {
                for (int step = steps * (look - 1) / Looks; step < steps * look / Looks; step++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (step % 10 == 0) progress?.Report(new WorkProgress(name, step, steps));
                    trial.Step(Batch);
                }

                using var painted = FeatureStatistics.Of(features.Call(trial.Paint(options.Quick ? 200 : Fresh)));
                places.Add(steps * look / Looks);
                distances.Add(FrechetDistance.Of(painted, fresh));
                gaps.Add(trial.Judgement(known) - trial.Judgement(heldOut));
            }

            bool isMethod = arm == Method;
            if (isMethod) kept = trial.Keep(Network.Name);
            rows.Add(new ClaimRow(arm, Gap, [gaps[^1]]) { IsMethod = isMethod });
            rows.Add(new ClaimRow(arm, Early, [distances[0]]) { IsMethod = isMethod });
            rows.Add(new ClaimRow(arm, Late, [distances[^1]]) { IsMethod = isMethod });
            curves.Add(new ClaimCurve("distance to fresh pictures", name, places, distances));
            curves.Add(new ClaimCurve("D's gap between known and held-out pictures", name, places, gaps));
            pictures.Add(new ClaimPicture(name, SmallPictures.Sheet(trial.Paint(16))));
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Pictures = pictures,
            Configuration =
            [
                ("data", $"shapes of 16x16 pixels, colours from -0.4 to 0.4: {Known} to learn, {HeldOut} held out, {Fresh} fresh ones for "
                    + "the distance"),
                ("players", "a generator of 32-32-16 channels, a discriminator of 16-32-64 without norms; logistic losses"),
                ("training", $"Adam 1e-3 (0.5, 0.99) for both, {steps} steps of {Batch}; the generator's average of 0.99 is measured"),
                ("distance", $"Fréchet's, in the features of {features.Name}"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        var (gap, plainGap) = (table[Method, Gap], table[Plain, Gap]);
        var (early, late) = (table[Method, Early], table[Method, Late]);
        var (plainEarly, plainLate) = (table[Plain, Early], table[Plain, Late]);
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"gap {plainGap.Average():0.00} as they are and {gap.Average():0.00} augmented; distance {plainEarly.Average():0.00} to "
            + $"{plainLate.Average():0.00} as they are and {early.Average():0.00} to {late.Average():0.00} augmented");
        if (table.Seeds < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        var verdict = ByMargins(
            plainGap.Zip(gap, (before, now) => (GapShare * before) - now),
            early.Zip(late, (before, now) => before - now),
            plainEarly.Zip(plainLate, (before, now) => now - before),
            plainLate.Zip(late, (before, now) => before - now));
        return (verdict, reason);
    }
}
