using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Data.Procedural;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.RegNets;

/// <summary>The rule's networks against the published ones, exactly; and, as a trend, growing widths against shrinking ones of equal
/// cost.</summary>
public sealed class RegNetClaim : Claim
{
    private const int Glyphs = 10, GlyphSide = 10, Side = 24;
    private const string Growing = "growing widths (16, 32, 64)", Shrinking = "shrinking widths (32, 16, 8)", TestError = "test error",
        Built = "parameters";

    /// <inheritdoc/>
    public override string Statement =>
        "Five numbers and a quantised straight line give whole networks, and good ones grow wider towards their end.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if the widths, depths and parameters of the fourteen published networks follow exactly, and their multiply-adds to the "
        + "published tenth of a billion; does not hold if one differs. " +
        "The test error of growing and shrinking widths is shown as a trend, not judged.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    public override int DefaultSeeds => 5;

    /// <summary>Three stages of depths 1, 2, 2 without squeeze, groups of 8, for 24x24 pictures of one channel.</summary>
    public static RegNetConfig SmallNet(int first, int second, int third) => new([new(first, 1, 8), new(second, 2, 8), new(third, 2, 8)])
    {
        InputChannels = 1,
        StemWidth = 16,
        StemStride = 1,
        Classes = Glyphs,
    };

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = ClaimClassifier.Of(
        "regnet_claim", ClaimClassifier.Plain(Side), Glyphs, classes =>
            new GreyInput(new RegNet(SmallNet(16, 32, 64) with { Classes = classes })));

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var structure = Structure(options, progress, cancellation);
        var (rows, curves, kept) = Trend(seed, options, progress, cancellation);
        return new SeedResult(rows)
        {
            Checks = structure,
            Curves = curves,
            Network = kept,
            Configuration =
            [
                ("data", $"{Glyphs} random stroke glyphs of {GlyphSide}x{GlyphSide} at random places of {Side}x{Side} pixels, noise 0.3; "
                    + $"4,096 + 1,024 pictures"),
                ("multiply-adds", string.Create(CultureInfo.InvariantCulture,
                    $"growing {RegNetCost.Of(SmallNet(16, 32, 64), Side).MultiplyAdds:N0}, shrinking "
                        + $"{RegNetCost.Of(SmallNet(32, 16, 8), Side).MultiplyAdds:N0}")),
                ("training", "SGD of momentum 0.9, rate 0.1 by cosine, 400 steps of 64"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        var published = Published(options);
        string[] differences = [.. published.SelectMany(network => table[network.Name, Built].Distinct()
            .Select(parameters => network.Difference((long)parameters))).Where(difference => difference.Length > 0)];
        string structure = differences.Length > 0 ? string.Join("; ", differences) : $"{published.Count} networks follow exactly";
        double difference = table[Shrinking, TestError].Average() - table[Growing, TestError].Average();
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"{structure}; shrinking widths err {difference * 100:+0.0;-0.0;0.0} points more than growing ones (a trend, not judged)");
        return (differences.Length > 0 ? Verdict.DoesNotHold : Verdict.Holds, reason);
    }

    private static IReadOnlyList<RegNetPublished> Published(ClaimOptions options) =>
        options.Quick ? [.. RegNetPublished.All.Where(network => network.Parameters < 6_000_000)] : RegNetPublished.All;

    /// <summary>The parameters of each network that the rule gives; networks are built, their weights left unset.</summary>
    private static List<ClaimRow> Structure(ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var found = new List<ClaimRow>();
        var published = Published(options);
        foreach (var network in published)
        {
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new WorkProgress(network.Name, found.Count, published.Count));
            using var skipped = Init.Skipped();
            using var built = new RegNet(RegNetVariants.Config(network.Name, network.Design));
            found.Add(new ClaimRow(network.Name, Built, [built.ParameterCount]));
        }

        return found;
    }

    private static (IReadOnlyList<ClaimRow> Rows, IReadOnlyList<ClaimCurve> Curves, ClaimNetwork? Kept) Trend(
        int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var trial = new ClassifierTrial(64, options.Quick ? 4 : 400);
        (string Name, RegNetConfig Config)[] arms = [(Growing, SmallNet(16, 32, 64)), (Shrinking, SmallNet(32, 16, 8))];
        ClaimNetwork? kept = null;
        var rows = new List<ClaimRow>();
        var curves = new List<ClaimCurve>();
        using var scope = new TensorScope();
        var random = new Random(seed);
        var glyphs = new StrokeGlyphs(Glyphs, GlyphSide, random);
        var train = Examples(glyphs, options.Quick ? 256 : 4096, random);
        var test = Examples(glyphs, options.Quick ? 64 : 1024, random);
        foreach (var (name, config) in arms)
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = new RegNet(config);
            using var optimizer = new Sgd(network.Parameters(), 0.1, momentum: 0.9);
            string run = $"{name}, seed {seed}";
            var losses = trial.Train(network, optimizer, LearningRateSchedule.Cosine(0.1, trial.Steps), train, seed, run,
                progress, cancellation);
            rows.Add(new ClaimRow(name, TestError, [1 - ClassifierTrial.Accuracy(network, test, cancellation)])
            { IsMethod = name == Growing });
            curves.Add(ClassifierTrial.Curve(run, losses));
            if (name == Growing) kept = ClaimNetwork.Of(Network.Name, new GreyInput(network), Network.Get<ImageClassifier>().Preprocessing);
        }

        return (rows, curves, kept);
    }

    private static LabelledTensors Examples(StrokeGlyphs glyphs, int count, Random random)
    {
        var (pictures, labels) = glyphs.Sample(count, Side, 0.3, random);
        return new LabelledTensors(pictures, labels);
    }
}
