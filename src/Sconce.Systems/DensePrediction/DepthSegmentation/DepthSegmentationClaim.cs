using System.Globalization;
using Sconce.Claims;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>
/// Are pictures that differ most worth more labels than random ones, and does mixing by depth keep what is in front in front?
/// </summary>
public sealed class DepthSegmentationClaim : Claim
{
    private const double Margin = 0.15, Torn = 0.05;
    private const int Few = 16, More = 32, Repeats = 3;
    private const string Random = "random choice", Farthest = "farthest points", CutMix = "CutMix", ByDepth = "DepthMix";
    private const string Accuracy = "mean accuracy of classes", Wrong = "pixels that show the farther surface";

    /// <inheritdoc/>
    public override string Statement =>
        "Labels for the pictures whose depth features differ most teach more than labels for random ones, and pictures mixed by depth "
        + "never show the farther of two surfaces.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, on every seed, 16 farthest points give a mean accuracy of classes at least 0.15 above that of 16 random ones, DepthMix "
        + "shows the farther surface nowhere, and CutMix in more than a twentieth of the pixels; does not hold otherwise. One seed decides "
        + "nothing.";

    /// <inheritdoc/>
    public override string? KeepsNone => "Its learners read points in 8 dimensions, which no ability takes.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override int DefaultSeeds => 5;

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed((ulong)seed);
        var pool = LongTailedPool.Draw(options.Quick ? 200 : 1500, options.Quick ? 200 : 2000);
        var distances = LabelSelection.Distances(pool.Examples.Inputs.Unsqueeze(-1).Unsqueeze(-1));
        var rows = new List<ClaimRow>();
        foreach (int count in (int[])[Few, More])
        {
            double random = 0, farthest = 0;
            for (int repeat = 0; repeat < Repeats; repeat++)
            {
                long[] drawn = Tensor.Randperm(pool.Examples.Count, DType.Int64).ToArray<long>();
                int first = (int)drawn[0];
                long[] chosen = [first, .. LabelSelection.Farthest(distances, [first], count - 1).Chosen];
                int steps = options.Quick ? 5 : 150;
                random += pool.Learn(drawn[..count], steps, seed, progress, cancellation) / Repeats;
                farthest += pool.Learn(chosen, steps, seed, progress, cancellation) / Repeats;
            }

            rows.Add(new ClaimRow(Named(Random, count), Accuracy, [random]));
            rows.Add(new ClaimRow(Named(Farthest, count), Accuracy, [farthest]) { IsMethod = true });
        }

        var scenes = Scenes();
        rows.Add(new ClaimRow(CutMix, Wrong, [Farther(scenes, Box())]));
        rows.Add(new ClaimRow(ByDepth, Wrong, [Farther(scenes, new DepthMix { Margin = 0 }.Mask(scenes))]) { IsMethod = true });
        return new SeedResult(rows)
        {
            Configuration =
            [
                ("pool", "12 Gaussian clusters in 8 dimensions, shares from .22 to .01, three a class; the test has all clusters alike"),
                ("learner", "MLP 8-32-32-4, Adam 1e-2, 150 steps of all labelled examples, 3 repeats"),
                ("scenes", "two planes that recede, with three boxes before each; 32 x 32"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(
        IReadOnlyList<double> random, IReadOnlyList<double> farthest, IReadOnlyList<double> cut, IReadOnlyList<double> byDepth)
    {
        double least = farthest.Zip(random, (method, baseline) => method - baseline).Min();
        string reason = string.Create(
            CultureInfo.InvariantCulture,
            $"farthest points are at least {least:0.00} above random ones; the farther surface is seen in {100 * byDepth.Max():0.0} % by "
            + $"depth, in {100 * cut.Min():0.0} % or more by boxes");
        if (random.Count < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        return (least >= Margin && byDepth.Max() == 0 && cut.Min() > Torn ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) => Judge(
        table[Named(Random, Few), Accuracy], table[Named(Farthest, Few), Accuracy], table[CutMix, Wrong], table[ByDepth, Wrong]);

    private static string Named(string choice, int count) => $"{choice}, {count} labels";

    /// <summary>Disparities of two scenes: a ground that recedes upwards, and boxes that stand on it, <c>(2, 1, 32, 32)</c>.</summary>
    private static Tensor Scenes()
    {
        const int side = 32;
        var scenes = Tensor.Linspace(0.05, 0.4, side).Unsqueeze(1).Expand([2, 1, side, side]).Clone();
        for (int scene = 0; scene < 2; scene++)
        {
            for (int box = 0; box < 3; box++)
            {
                float[] drawn = Tensor.Rand([4]).ToArray<float>();
                int left = (int)(drawn[0] * 22), top = (int)(drawn[1] * 22), size = 5 + (int)(drawn[2] * 6);
                scenes.FillInPlace(0.4 + (0.5 * drawn[3]), scene, 0, top..(top + size), left..(left + size));
            }
        }

        return scenes;
    }

    /// <summary>A box of half the area at a random place: CutMix's mask.</summary>
    private static Tensor Box()
    {
        float[] drawn = Tensor.Rand([2]).ToArray<float>();
        int left = (int)(drawn[0] * 9), top = (int)(drawn[1] * 9);
        var mask = Tensor.Ones([2, 1, 32, 32]);
        mask.FillInPlace(0, .., .., top..(top + 23), left..(left + 23));
        return mask;
    }

    private static double Farther(Tensor scenes, Tensor mask)
    {
        var seen = DepthMix.Mixed(scenes, mask);
        return (seen < scenes.Amax([0], keepdim: true)).To(DType.Float32).Mean().Item<double>();
    }
}

/// <summary>Features of a pool of which most kinds are rare, and of a test that has all kinds alike.</summary>
internal sealed record LongTailedPool(LabelledTensors Examples, LabelledTensors Test)
{
    private const int Dimensions = 8, Classes = 4;

    private static readonly double[] Shares = [.22, .20, .16, .12, .09, .07, .05, .03, .02, .02, .01, .01];

    /// <summary>From the generator that is seeded.</summary>
    internal static LongTailedPool Draw(int pool, int test)
    {
        var centres = Tensor.Randn([Shares.Length, Dimensions]) * 3.5;
        var classes = Tensor.Randperm(Shares.Length, DType.Int64) % Classes;
        int[] many = [.. Shares.Select(share => (int)Math.Round(share * pool))];
        return new LongTailedPool(Of(many), Of([.. Shares.Select(_ => test / Shares.Length)]));

        LabelledTensors Of(int[] counts)
        {
            var clusters = Tensor.From([.. counts.SelectMany((count, cluster) => Enumerable.Repeat((long)cluster, count))]);
            return new LabelledTensors(centres[clusters] + (Tensor.Randn([clusters.Size(0), Dimensions]) * 0.7), classes[clusters]);
        }
    }

    /// <summary>The mean accuracy of the classes of a network that has learned from some examples.</summary>
    internal double Learn(long[] labelled, int steps, int seed, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var chosen = Tensor.From(labelled);
        using var network = new Sequential(new Linear(Dimensions, 32), new Relu(), new Linear(32, 32), new Relu(), new Linear(32, Classes));
        using var optimizer = new Adam(network.Parameters(), 1e-2);
        var known = new LabelledTensors(Examples.Inputs[chosen], Examples.Labels[chosen]);
        new ClassifierTrial(labelled.Length, steps).Train(
            network, optimizer, LearningRateSchedule.Constant(1e-2), known, seed, $"{labelled.Length} labels", progress, cancellation);
        return Enumerable.Range(0, Classes).Average(number =>
        {
            using var inner = new TensorScope();
            var mask = Test.Labels.Eq(number);
            return ClassifierTrial.Accuracy(network, new LabelledTensors(Test.Inputs[mask], Test.Labels[mask]), cancellation);
        });
    }
}
