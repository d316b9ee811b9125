using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Data.Procedural;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.MicroNet;

/// <summary>One small micro-factorised network with each activation, on noisy gratings.</summary>
public sealed class MicroNetClaim : Claim
{
    private const double OverRelu = 0.15, OverGates = 0.1;
    private const string ShiftMax = "Dynamic Shift-Max", Relu = "ReLU6", Gates = "squeeze-and-excitation";

    private static readonly (string Name, MicroNetActivation Activation)[] Arms =
        [(Relu, MicroNetActivation.Relu6), (Gates, MicroNetActivation.SqueezeExcite), (ShiftMax, MicroNetActivation.DynamicShiftMax)];

    /// <inheritdoc/>
    public override string Statement =>
        "At one micro-factorised architecture and almost equal multiply-adds, Dynamic Shift-Max beats ReLU6 and squeeze-and-excitation.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if Dynamic Shift-Max's mean test accuracy is at least 0.15 above ReLU6's and at least 0.1 above squeeze-and-excitation's; "
        + "does not hold otherwise. One seed decides nothing.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(2);

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = ClaimClassifier.Of(
        "micronet_claim", ClaimClassifier.Standardized(24), GratingTextures.Classes, classes =>
            new MicroNet(SmallNet(MicroNetActivation.DynamicShiftMax) with { Classes = classes }));

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var trial = new ClassifierTrial(64, options.Quick ? 4 : 100);
        var textures = new GratingTextures(24) { Noise = 1.3 };
        var rows = new List<ClaimRow>();
        ClaimNetwork? kept = null;
        var curves = new List<ClaimCurve>();
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)seed);
        var train = Examples(textures, options.Quick ? 256 : 4096, generator);
        var test = Examples(textures, options.Quick ? 64 : 1024, generator);
        foreach (var (name, activation) in Arms)
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = new MicroNet(SmallNet(activation));
            using var optimizer = new Adam(network.Parameters(), 5e-3);
            string run = $"{name}, seed {seed}";
            var losses = trial.Train(network, optimizer, LearningRateSchedule.OneCycle(5e-3, trial.Steps), train, seed, run,
                progress, cancellation);
            rows.Add(new ClaimRow(name, "test accuracy", [ClassifierTrial.Accuracy(network, test, cancellation)])
            { IsMethod = name == ShiftMax });
            if (name == ShiftMax) kept = ClaimNetwork.Of(Network.Name, network, Network.Get<ImageClassifier>().Preprocessing);
            curves.Add(ClassifierTrial.Curve(run, losses));
        }

        return new SeedResult(rows)
        {
            Curves = curves,
            Network = kept,
            Configuration =
            [
                ("data", "ten classes of gratings at 24x24 in noise of 1.3; 4,096 + 1,024 pictures"),
                ("network", "stem of 4, four blocks to 96 channels, hidden layer of 64; only the activations differ (the gates are small "
                    + "layers on channel means)"),
                ("training", $"Adam 5e-3 by one cycle, {trial.Steps} steps of {trial.Batch}"),
            ],
        };
    }

    /// <summary>The claim's net. <c>(N, 3, 24, 24) -> (N, 10)</c></summary>
    public static MicroNetConfig SmallNet(MicroNetActivation activation) =>
        new(MicroNetRow.Table("2 1 8 3 2 2 0 4 8 2 2 2 2 1 1 | 1 1 16 3 1 4 4 4 16 4 4 2 2 1 1 | 2 1 32 3 1 4 4 4 32 4 4 2 2 1 1 | 1 1 96 "
            + "3 1 3 8 8 0 0 0 2 2 1 1"))
        {
            HeadWidth = 64,
            Dropout = 0,
            Classes = GratingTextures.Classes,
            Activation = activation,
        };

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyDictionary<string, List<double>> values)
    {
        double overRelu = values[ShiftMax].Average() - values[Relu].Average(),
            overGates = values[ShiftMax].Average() - values[Gates].Average();
        string reason = string.Create(CultureInfo.InvariantCulture, $"Dynamic Shift-Max is {overRelu * 100:+0.0;-0.0} points above ReLU6 "
            + $"and {overGates * 100:+0.0;-0.0} above squeeze-and-excitation in the mean");
        if (values[ShiftMax].Count < 2) return (Verdict.Undecided, $"one seed proves nothing; {reason}");
        return (overRelu >= OverRelu && overGates >= OverGates ? Verdict.Holds : Verdict.DoesNotHold, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        Judge(table.ByArm("test accuracy"));

    /// <summary>The generator divides by √2; the sheet by √(1 + noise²).</summary>
    private static LabelledTensors Examples(GratingTextures textures, int count, Generator generator)
    {
        var (pictures, labels) = textures.Sample(count, generator);
        return new LabelledTensors(pictures * Math.Sqrt(2 / (1 + (textures.Noise * textures.Noise))), labels);
    }
}
