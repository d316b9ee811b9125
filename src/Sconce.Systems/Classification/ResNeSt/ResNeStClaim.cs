using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.ResNeSt;

/// <summary>Split attention against plain convolutions of the same reach and size, where only far-away context tells what to look
/// at.</summary>
public sealed class ResNeStClaim : Claim
{
    private const double Learned = 0.95, Guessing = 0.7;
    private const string Plain = "radix 0 (plain)", Split = "radix 2 (split attention)";

    /// <inheritdoc/>
    public override string Statement =>
        "Split attention lets far-away context choose between feature groups; the same net with plain 3x3 convolutions, and no larger "
        + "receptive field, cannot.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if in every seed radix 2 reaches a test accuracy of 0.95 and radix 0, of no fewer parameters, stays at 0.7 or below "
        + "(guessing between the two gratings gives about 0.62). " +
        "Does not hold if a mean misses its bound; undecided if only single seeds do.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(2);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = ClaimClassifier.Of(
        "resnest_claim", ClaimClassifier.Standardized(24), ContextGratings.Classes, _ => SmallNet(2, 8));

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var trial = new ClassifierTrial(64, options.Quick ? 4 : 150);
        (string Name, int Radix, int Width)[] arms = [(Plain, 0, 11), (Split, 2, 8)];
        var rows = new List<ClaimRow>();
        ClaimNetwork? kept = null;
        var curves = new List<ClaimCurve>();
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)seed);
        var train = ContextGratings.Sample(options.Quick ? 256 : 4096, generator);
        var test = ContextGratings.Sample(options.Quick ? 64 : 1024, generator);
        foreach (var (name, radix, width) in arms)
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = SmallNet(radix, width);
            using var optimizer = new Adam(network.Parameters(), 3e-3);
            string run = $"{name}, seed {seed}";
            var losses = trial.Train(network, optimizer, LearningRateSchedule.OneCycle(3e-3, trial.Steps), train, seed, run,
                progress, cancellation);
            rows.Add(new ClaimRow(name, "test accuracy", [ClassifierTrial.Accuracy(network, test, cancellation)]) { IsMethod = radix > 0 });
            if (radix > 0) kept = ClaimNetwork.Of(Network.Name, network, Network.Get<ImageClassifier>().Preprocessing);
            curves.Add(ClassifierTrial.Curve(run, losses));
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Configuration =
            [
                ("data", "4,096 + 1,024 pictures of 24x24: two gratings, and a patch far above that chooses between them"),
                ("network", "3x3 stem, two bottlenecks, all of stride 1; width 11 with 4,426 parameters against width 8 with 4,268"),
                ("training", $"Adam 3e-3 one-cycle, {trial.Steps} steps of {trial.Batch}"),
            ],
        };
    }

    /// <summary>Two bottlenecks that see 7 cells; radix 0 has a plain 3x3 convolution. <c>(N, 3, H, W) -> (N, 4)</c></summary>
    public static Sequential SmallNet(int radix, int width) => new(
        new Conv2d(3, width, 3, padding: 1, bias: false),
        new BatchNorm2d(width),
        new Relu(inPlace: true),
        new SmallBlock(width, radix, width),
        new SmallBlock(2 * width, radix, width),
        new GlobalAvgPool2d(),
        new Linear(2 * width, ContextGratings.Classes));

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<double> plain, IReadOnlyList<double> split)
    {
        string reason = $"radix 2: {Text(split)}; radix 0: {Text(plain)}";
        if (split.All(value => value >= Learned) && plain.All(value => value <= Guessing)) return (Verdict.Holds, reason);
        return (split.Average() >= Learned && plain.Average() <= Guessing ? Verdict.Undecided : Verdict.DoesNotHold, reason);

        static string Text(IEnumerable<double> values) =>
            string.Join(", ", values.Select(value => value.ToString("0.000", CultureInfo.InvariantCulture)));
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        Judge(table[Plain, "test accuracy"], table[Split, "test accuracy"]);
}

/// <summary>1x1, 3x3 or split attention, 1x1, and a convolved shortcut, all of stride 1.
/// <c>(N, inputs, H, W) -> (N, 2·width, H, W)</c></summary>
internal sealed partial class SmallBlock(int inputs, int radix, int width) : Module<Tensor, Tensor>
{
    Sequential Branch { get; } = new(
        [
            new Conv2d(inputs, width, 1, bias: false),
            new BatchNorm2d(width),
            new Relu(inPlace: true),
            .. Middle(radix, width),
            new Conv2d(width, 2 * width, 1, bias: false),
            new BatchNorm2d(2 * width),
        ]);

    Sequential Shortcut { get; } = new(new Conv2d(inputs, 2 * width, 1, bias: false), new BatchNorm2d(2 * width));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Branch.Call(x).AddInPlace(Shortcut.Call(x)).ReluInPlace();

    private static Module<Tensor, Tensor>[] Middle(int radix, int width) => radix > 0
        ? [new SplitAttentionConv2d(new SplitAttentionConfig(width, width) { Padding = 1, Radix = radix })]
        : [new Conv2d(width, width, 3, padding: 1, bias: false), new BatchNorm2d(width), new Relu(inPlace: true)];
}
