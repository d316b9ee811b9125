using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Data.Procedural;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>A small wide network on 200 pictures: plainly trained, plainly trained three times as long, with GradAug, and with GradAug at
/// one resolution.</summary>
public sealed class GradAugClaim : Claim
{
    private const double OverPlain = 0.2, OverLonger = 0.05;
    private const int Batch = 32, Side = 16;
    private const string Plain = "plain", Longer = "plain, three times the steps", Method = "GradAug",
        SameSize = "GradAug at one resolution";

    private static readonly GradAugRegularizer Regularizer = new(0.8, [16, 14, 12]);

    /// <inheritdoc/>
    public override string Statement =>
        "With little data GradAug generalises far better than plain training of the same network, also where plain training gets as "
        + "many passes.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if GradAug's mean test accuracy is at least 0.2 above plain training's and at least 0.05 above that of three times the "
        + "steps; does not hold otherwise. One seed decides nothing. " +
        "The arm without the resizing is shown, not judged.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(4);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = ClaimClassifier.Of(
        "gradaug_claim", ClaimClassifier.Standardized(Side), GratingTextures.Classes, classes => new SlimWideResNet(10, 1, classes));

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 3 : 120;
        (string Name, int Steps, GradAugRegularizer? Regularizer)[] arms =
        [
            (Plain, steps, null),
            (Longer, steps * 3, null),
            (SameSize, steps, Regularizer with { Resolutions = [Side] }),
            (Method, steps, Regularizer),
        ];
        var rows = new List<ClaimRow>();
        ClaimNetwork? kept = null;
        var curves = new List<ClaimCurve>();
        var textures = new GratingTextures(Side) { Noise = 1.4 };
        double scale = Math.Sqrt(2 / (1 + (textures.Noise * textures.Noise))); // the generator divides by the root of 2
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)seed);
        var train = Sample(200);
        var test = Sample(options.Quick ? 64 : 1000);
        foreach (var arm in arms)
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = new SlimWideResNet(10, 1, GratingTextures.Classes);
            string run = $"{arm.Name}, seed {seed}";
            curves.Add(ClassifierTrial.Curve(run, Train(network, arm.Regularizer, arm.Steps, train, seed, run, progress, cancellation)));
            if (arm.Name == Method) kept = ClaimNetwork.Of(Network.Name, network, Network.Get<ImageClassifier>().Preprocessing);
            rows.Add(new ClaimRow(arm.Name, "test accuracy", [ClassifierTrial.Accuracy(network, test, cancellation)])
            { IsMethod = arm.Name == Method });
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Configuration =
            [
                ("data", "ten classes of gratings at 16x16 in noise of 1.4; 200 + 1,000 pictures"),
                ("network", "WideResNet of depth 10, widening 1"),
                ("training", $"SGD 0.1 by cosine, Nesterov momentum 0.9, decay 5e-4, {steps} steps of {Batch}"),
                ("GradAug", "three sub-networks of width 0.8 and more, sides 16, 14, 12"),
            ],
        };

        LabelledTensors Sample(int count)
        {
            var (pictures, labels) = textures.Sample(count, generator);
            return new LabelledTensors(pictures * scale, labels);
        }
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyDictionary<string, List<double>> values)
    {
        double overPlain = values[Method].Average() - values[Plain].Average(),
            overLonger = values[Method].Average() - values[Longer].Average();
        string reason = string.Create(CultureInfo.InvariantCulture, $"GradAug is {overPlain * 100:+0.0;-0.0} points above plain training "
            + $"and {overLonger * 100:+0.0;-0.0} above three times its steps in the mean");
        if (values[Method].Count < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        return (overPlain >= OverPlain && overLonger >= OverLonger ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        Judge(table.ByArm("test accuracy"));

    /// <summary>Trains plainly, or with a regularizer.</summary>
    private static List<double> Train(
        SlimWideResNet network, GradAugRegularizer? regularizer, int steps, LabelledTensors examples, int seed, string name,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var optimizer = new Sgd(network.Parameters(), 0.1, momentum: 0.9, nesterov: true, weightDecay: 5e-4);
        var schedule = LearningRateSchedule.Cosine(0.1, steps);
        var random = new Random(seed);
        var order = new List<long>();
        var losses = new List<double>(steps);
        network.Train();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            if (order.Count < Batch) order = [.. Enumerable.Range(0, (int)examples.Count).Select(k => (long)k).OrderBy(_ => random.Next())];
            var batch = Tensor.From(order.Take(Batch).ToArray());
            order.RemoveRange(0, Batch);
            schedule.Apply(optimizer, step);
            optimizer.ZeroGrad();
            var labels = examples.Labels[batch];
            var passes = regularizer?.Draw(random) ?? [];
            losses.Add(GradAugRegularizer.Accumulate(network, examples.Inputs[batch],
                logits => Functional.CrossEntropy(logits, labels), passes).Full);
            optimizer.Step();
            if (step % 10 == 0)
                progress?.Report(new WorkProgress(name, step, steps,
                    string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.000}")));
        }

        optimizer.ZeroGrad();
        return losses;
    }
}
