using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.FcaNet;

/// <summary>Several frequencies against one and against the mean, in nets alike but for the squeeze.</summary>
public sealed class FcaNetClaim : Claim
{
    private const double Learned = 0.97, Blind = 0.8, Alike = 0.25;
    private const string Mean = "SE (mean)", Top1 = "top1", Low16 = "low16", Top16 = "top16";

    /// <inheritdoc/>
    public override string Statement =>
        "A squeeze with several frequencies carries what global average pooling throws away; with one frequency FcaNet is no better than "
        + "squeeze-and-excitation.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if low16 and top16 reach a test accuracy of 0.97 in every seed, while the means of SE and of top1 stay at 0.8 or below and "
        + "no more than 0.25 apart. " +
        "Does not hold if a mean misses its bound; undecided if only single seeds do.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(2);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = ClaimClassifier.Of(
        "fcanet_claim", ClaimClassifier.Standardized(28), PlacedNoise.Classes, _ => SmallNet(FrequencySelection.Low(16)));

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var trial = new ClassifierTrial(64, options.Quick ? 4 : 200);
        (string Name, FrequencySelection? Selection)[] arms =
            [(Mean, null), (Top1, FrequencySelection.Top(1)), (Low16, FrequencySelection.Low(16)), (Top16, FrequencySelection.Top(16))];
        var rows = new List<ClaimRow>();
        ClaimNetwork? kept = null;
        var curves = new List<ClaimCurve>();
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)seed);
        var train = PlacedNoise.Sample(options.Quick ? 256 : 4096, generator);
        var test = PlacedNoise.Sample(options.Quick ? 64 : 1000, generator);
        foreach (var (name, selection) in arms)
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = SmallNet(selection);
            using var optimizer = new Adam(network.Parameters(), 3e-3);
            string run = $"{name}, seed {seed}";
            var losses = trial.Train(network, optimizer, LearningRateSchedule.Constant(3e-3), train, seed, run, progress, cancellation);
            rows.Add(new ClaimRow(name, "test accuracy", [ClassifierTrial.Accuracy(network, test, cancellation)])
            { IsMethod = selection is { Frequencies.Count: > 1 } });
            if (name == Low16) kept = ClaimNetwork.Of(Network.Name, network, Network.Get<ImageClassifier>().Preprocessing);
            curves.Add(ClassifierTrial.Curve(run, losses));
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Configuration =
            [
                ("data", "4,096 + 1,000 pictures of 28x28: noise, louder in one quadrant"),
                ("network", "two 3x3 convolutions of 32 channels, channel attention reduced 4-fold, global mean, linear; equal parameters "
                    + "in every arm"),
                ("training", $"Adam 3e-3, {trial.Steps} steps of {trial.Batch}"),
            ],
        };
    }

    /// <summary>The claim's net: only its squeeze can see places. <c>(N, 3, 28, 28) -> (N, 4)</c></summary>
    /// <param name="selection">The frequencies; null for squeeze-and-excitation by the mean.</param>
    public static Sequential SmallNet(FrequencySelection? selection) => new(
        new Conv2d(3, 32, 3, 2, 1),
        new BatchNorm2d(32),
        new Relu(inPlace: true),
        new Conv2d(32, 32, 3, 1, 1),
        new BatchNorm2d(32),
        new Relu(inPlace: true),
        selection is null ? new MeanAttention(32, 4) : new MultiSpectralAttention(32, 14, 4, selection),
        new GlobalAvgPool2d(),
        new Linear(32, PlacedNoise.Classes));

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyDictionary<string, List<double>> values)
    {
        string reason = string.Join("; ",
            values.Select(arm =>
                $"{arm.Key}: {string.Join(", ", arm.Value.Select(value => value.ToString("0.000", CultureInfo.InvariantCulture)))}"));
        double mean = values[Mean].Average(), one = values[Top1].Average();
        bool blind = mean <= Blind && one <= Blind && Math.Abs(mean - one) <= Alike;
        string[] several = [Low16, Top16];
        if (blind && several.All(arm => values[arm].All(value => value >= Learned))) return (Verdict.Holds, reason);
        return (blind && several.All(arm => values[arm].Average() >= Learned) ? Verdict.Undecided : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        Judge(table.ByArm("test accuracy"));
}

/// <summary>Squeeze-and-excitation with FcaNet's own excitation, so that only the squeeze differs.
/// <c>(N, C, H, W) -> (N, C, H, W)</c></summary>
internal sealed partial class MeanAttention(int channels, int reduction) : Module<Tensor, Tensor>
{
    Sequential Fc { get; } = new(new Linear(channels, channels / reduction, bias: false), new Relu(inPlace: true),
        new Linear(channels / reduction, channels, bias: false), new Sigmoid());

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x * Fc.Call(x.Mean([2, 3])).Reshape([x.Size(0), x.Size(1), 1, 1]);
}
