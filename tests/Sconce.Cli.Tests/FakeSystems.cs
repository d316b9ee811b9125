using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;

namespace Sconce.Cli.Tests;

/// <summary>Systems that need no training: one complete, one whose claim waits, one whose claim breaks, one without anything.</summary>
internal static class FakeSystems
{
    public static IReadOnlyList<CatalogueSystem> All { get; } = [new Alpha(), new BetaNet(), new Delta(), new Gamma()];

    public static SystemCard Card(string name, string title, string week, SystemTask task, string summary) =>
        new(name, title, week, task, new Paper($"On {title} | and more", "A. Author, B. Writer", 2021, "2101.00001",
            "owner/name@0123456"), summary);

    private sealed class Alpha : CatalogueSystem
    {
        public override SystemCard Card { get; } =
            FakeSystems.Card("alpha", "Alpha", "2021-W07", SystemTask.Classification, "Names <pictures>, fast.");

        public override IReadOnlyList<ModelVariant> Variants { get; } =
        [
            new("alpha_small", "the small one", options => new Linear(8, options.Classes ?? 4))
            {
                Capabilities = [new TensorInput(8), new ClassLogits(4)],
                Parameters = 36,
                Weights = [new OfficialWeights(new Uri("https://example.org/alpha_small.pth"), "abc", "MIT", "not verified here")],
            },
            new("alpha_large", "the large one", _ => new Linear(80, 40))
            {
                Capabilities = [new TensorInput(80), new ClassLogits(40)],
                Parameters = 3240,
            },
            new("alpha_pair", "takes two tensors", _ => new Linear(2, 2)),
        ];

        public override Claim? Claim { get; } = new PlainClaim();

        public override IReadOnlyList<Ability> Abilities { get; } = [new FakeClassify<Picture>()];
    }

    private sealed class BetaNet : CatalogueSystem
    {
        public override SystemCard Card { get; } =
            FakeSystems.Card("beta_net", "Beta-Net", "2020-W49", SystemTask.DensePrediction, "Waits.");

        public override Claim? Claim { get; } = new WaitingClaim();
    }

    private sealed class Delta : CatalogueSystem
    {
        public override SystemCard Card { get; } = FakeSystems.Card("delta", "Delta", "2021-W05", SystemTask.Training, "Breaks.");

        public override Claim? Claim { get; } = new BrokenClaim();
    }

    private sealed class Gamma : CatalogueSystem
    {
        public override SystemCard Card { get; } = FakeSystems.Card("gamma", "Gamma", "2021-W05", SystemTask.Training, "Does nothing.");
    }
}

/// <summary>A claim whose figures are known; with a seed above 9 its method fails.</summary>
internal sealed class PlainClaim : Claim
{
    private static readonly byte[] OnePixel =
        Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    public override string Statement => "Alpha beats the baseline & <others>.";

    public override string Rule => "holds if the mean is higher by 0.1";

    public override TimeSpan Duration => TimeSpan.FromSeconds(30);

    public override int DefaultSeeds => 2;

    public override string? DataFormat => "a folder of pictures";

    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        progress?.Report(new WorkProgress("training", 1, 2, "loss 0.5"));
        double[] steps = [0, 10, 20, 30];
        return new SeedResult([new ClaimRow("baseline", "accuracy", [0.7 + (0.01 * seed)]),
            new ClaimRow("alpha", "accuracy", [seed > 9 ? double.NaN : 0.9 + (0.01 * seed)]) { IsMethod = true }])
        {
            Curves = seed % 10 == 0
                ? [new ClaimCurve("training loss", "baseline, seed 0", steps, [2, 1.5, double.NaN, 1]),
                    new ClaimCurve("training loss", "alpha, seed 0", [0, 5, 30], [2, 1, 0.5])]
                : seed % 10 == 1 ? [new ClaimCurve("rate </script>", "alpha, seed 1", steps, [1, 1, 1, double.PositiveInfinity])] : [],
            Pictures = [new ClaimPicture("a pixel & its caption", OnePixel)],
            Configuration = [("batch", "64"), ("data", options.Data ?? "procedural")],
        };
    }

    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        (table["alpha", "accuracy"].All(double.IsFinite) ? Verdict.Holds : Verdict.DoesNotHold, "0.9 against 0.7");
}

/// <summary>A claim that runs until it is cancelled.</summary>
internal sealed class WaitingClaim : Claim
{
    public override string Statement => "Waiting helps.";

    public override string Rule => "never";

    public override TimeSpan Duration => TimeSpan.FromHours(2);

    public override bool HasSeeds => false;

    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        Console.Error.WriteLine("running");
        cancellation.WaitHandle.WaitOne(TimeSpan.FromMinutes(1));
        cancellation.ThrowIfCancellationRequested();
        throw new InvalidOperationException("nobody cancelled");
    }

    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        throw new InvalidOperationException("there is nothing to judge");
}

/// <summary>A claim that breaks.</summary>
internal sealed class BrokenClaim : Claim
{
    public override string Statement => "Breaking helps.";

    public override string Rule => "never";

    public override TimeSpan Duration => TimeSpan.FromSeconds(1);

    public override bool HasSeeds => false;

    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        throw new InvalidDataException("the loss is NaN at step 3:\nlower the rate");

    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        throw new InvalidOperationException("there is nothing to judge");
}

/// <summary>What is asked of the fake systems.</summary>
[Settings]
public sealed partial record FakeLabelSettings
{
    /// <summary>What it may be.</summary>
    [Required]
    public LabelList? Labels { get; init; }
}

/// <summary>The labels of a file, and the network that was asked.</summary>
/// <param name="Labels">The labels.</param>
/// <param name="Network">The network's name.</param>
internal sealed record FakeAnswer(Labels Labels, MadeText Network) : IAnswer
{
    public IReadOnlyList<(string Name, Answer Part)> Parts => [("", Labels), ("", Network)];
}

/// <summary>Says every label of each file, surely, then half as surely, and so on.</summary>
internal sealed class FakeClassify<TInput> : Ability<TInput, FakeAnswer, FakeLabelSettings>
    where TInput : IInput<TInput>
{
    public override Verb Verb => Verb.Classify;

    public override string Purpose => "A file in, your labels out.";

    public override bool NeedsWeights => false;

    public override Session<TInput, FakeAnswer, FakeLabelSettings> Open(OpenRequest request) => new Answers(request.NetworkName);

    private sealed class Answers(string network) : Session<TInput, FakeAnswer, FakeLabelSettings>
    {
        protected override IReadOnlyList<FakeAnswer> Answer(
            IReadOnlyList<TInput> inputs, FakeLabelSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
            [
                .. inputs.Select(_ => new FakeAnswer(
                    new Labels([.. settings.Labels!.Names.Select((label, k) => new Label(label, 1.0 / (k + 1)))]), new MadeText(network)))];
    }
}
