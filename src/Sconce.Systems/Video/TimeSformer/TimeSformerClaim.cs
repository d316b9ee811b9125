using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Data.Procedural;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>What one attention came to with one seed.</summary>
/// <param name="Accuracy">On test clips.</param>
/// <param name="Reversal">How much the trained network's logits change when clips are played backwards, as a share of their rms.</param>
internal sealed record TimeSformerFigures(double Accuracy, double Reversal);

/// <summary>Forwards or backwards: attention in time against frames by themselves; 2102.05095 table 1, the gap on Something-Something, in
/// small.</summary>
public sealed class TimeSformerClaim : Claim
{
    internal const int Frames = 6, Side = 16, Square = 4, Width = 32, Batch = 32, WarmUp = 40;
    internal const double Noise = 0.1, Rate = 2e-3, Spread = 0.5;

    private const string SpaceOnly = "space only", Divided = "divided space and time", Accuracy = "test accuracy",
        Backwards = "change of logits, backwards";

    private static readonly (SpaceTimeAttention Attention, string Name)[] Arms =
        [(SpaceTimeAttention.SpaceOnly, SpaceOnly), (SpaceTimeAttention.Joint, "joint space and time"),
            (SpaceTimeAttention.Divided, Divided)];

    /// <inheritdoc/>
    public override string Statement =>
        "What only the order of frames tells, attention divided over time and space learns, and attention over space alone cannot.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds, divided attention tells clips from the same clips played backwards to more than 95 %, and "
        + "space-only attention stays at 50 ± 6 %; and if, in every seed, playing clips backwards " +
        "changes the logits of space-only attention by at most 1e-4 of their rms and those of divided attention by more than 1e-1. "
        + "Undecided where a mean misses by less than its standard error. Joint attention is shown, not judged.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    internal static TimeSformerConfig Config(SpaceTimeAttention attention) => new(Width, 2, 4)
    { ImageSize = Side, PatchSize = 4, InputChannels = 1, Classes = 2, Frames = Frames, Attention = attention, DropPath = 0 };

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = new(
        "timesformer_claim", "what its claim trains: clips forwards and backwards", options =>
            new VideoTransformer(Config(SpaceTimeAttention.Divided)))
    {
        Capabilities = [new TensorInput(1, Frames, Side, Side), new ClassLogits(2)],
    };

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 3 : 200;
        List<ClaimRow> accuracy = [], reversal = [];
        var curves = new List<ClaimCurve>();
        ClaimNetwork? kept = null;
        long done = 0;
        using var scope = new TensorScope();
        var random = new Random(seed);
        var examples = Sample(options.Quick ? 64 : 2000, random);
        var test = Sample(options.Quick ? 32 : 500, random);
        foreach (var (attention, name) in Arms)
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = new VideoTransformer(Config(attention));
            NarrowInit.Apply(network);
            var losses = Train(network, examples, steps, seed,
                loss => progress?.Report(new WorkProgress($"{name}, seed {seed}", ++done, (long)Arms.Length * steps,
                    string.Create(CultureInfo.InvariantCulture, $"loss {loss:0.000}"))), cancellation);
            curves.Add(ClassifierTrial.Curve($"{name}, seed {seed}", losses));
            accuracy.Add(new ClaimRow(name, Accuracy, [ClassifierTrial.Accuracy(network, test, cancellation)])
            { IsMethod = name == Divided });
            if (name == Divided) kept = ClaimNetwork.Of(Network.Name, network, classes: ["forwards", "backwards"]);
            reversal.Add(new ClaimRow(name, Backwards, [Reversal(network, test.Inputs[..32])]) { IsMethod = name == Divided });
        }

        return new SeedResult([.. accuracy, .. reversal])
        {
            Curves = curves,
            Network = kept,
            Pictures = [Picture(examples)],
            Configuration =
            [
                ("data", string.Create(CultureInfo.InvariantCulture, $"a square of {Square}x{Square} crosses {Frames} frames of "
                    + $"{Side}x{Side}, noise {Noise}, rightwards (class 0), or the same played backwards (class 1); 2,000 + 500 clips")),
                ("network", $"patch 4, width {Width}, 2 blocks, 4 heads; linear weights Glorot-uniform, embeddings normal "
                    + $"{Spread.ToString(CultureInfo.InvariantCulture)}: the official deviation of 0.02 is made for widths of hundreds"),
                ("training", string.Create(CultureInfo.InvariantCulture, $"{steps} steps of {Batch}, AdamW {Rate}, warm-up {WarmUp} steps, "
                    + $"then linearly to 0, clip 1")),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<TimeSformerFigures> divided,
        IReadOnlyList<TimeSformerFigures> spaceOnly)
    {
        double with = divided.Average(run => run.Accuracy), without = spaceOnly.Average(run => run.Accuracy);
        double below = 0.95 - with, off = Math.Abs(without - 0.5) - 0.06;
        bool exact = spaceOnly.All(run => run.Reversal <= 1e-4) && divided.All(run => run.Reversal > 1e-1);
        string reason = string.Create(CultureInfo.InvariantCulture, $"divided attention {with:0.000}, space-only {without:0.000}; played "
            + $"backwards, clips change the logits by {divided.Min(run => run.Reversal):0.0E+0} and "
            + $"{spaceOnly.Max(run => run.Reversal):0.0E+0} of their rms");
        if (exact && below < 0 && off <= 0) return (Verdict.Holds, reason);
        return (!exact || below > Error(divided) || off > Error(spaceOnly) || double.IsNaN(with + without)
            ? Verdict.DoesNotHold : Verdict.Undecided, reason);

        static double Error(IReadOnlyList<TimeSformerFigures> runs) =>
            new ClaimRow("", "", [.. runs.Select(run => run.Accuracy)]).Spread / Math.Sqrt(runs.Count);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        return Judge(Of(Divided), Of(SpaceOnly));

        IReadOnlyList<TimeSformerFigures> Of(string arm) =>
            [.. table[arm, Accuracy].Zip(table[arm, Backwards], (accuracy, reversal) => new TimeSformerFigures(accuracy, reversal))];
    }

    /// <summary>Clips <c>(count, 1, 6, 16, 16)</c> of a square that goes right, or of one played backwards (class 1). As sets of frames
    /// both classes are the same.</summary>
    internal static LabelledTensors Sample(int count, Random random)
    {
        var pixels = new float[count * Frames * Side * Side];
        var labels = new long[count];
        for (int k = 0; k < count; k++)
        {
            int row = random.Next(Side - Square + 1), start = random.Next(4);
            labels[k] = random.Next(2);
            for (int t = 0; t < Frames; t++)
            {
                var frame = pixels.AsSpan(((k * Frames) + (labels[k] == 0 ? t : Frames - 1 - t)) * Side * Side, Side * Side);
                for (int y = 0; y < Square; y++) frame.Slice(((row + y) * Side) + start + (9 * t / 5), Square).Fill(1);
                StrokeGlyphs.AddNoise(frame, Noise, random);
            }
        }

        return new LabelledTensors(Tensor.From(pixels, [count, 1, Frames, Side, Side]), Tensor.From(labels));
    }

    private static List<double> Train(VideoTransformer network, LabelledTensors examples, int steps, int seed, Action<double> tell,
        CancellationToken cancellation)
    {
        var order = new Random(seed);
        var losses = new List<double>();
        int warmUp = Math.Min(WarmUp, steps / 2);
        using var optimizer = new AdamW(ParameterGroup.WeightsAndVectors(network, (_, parameter) => parameter.Dimensions <= 1
            || network.WithoutDecay.Contains(parameter)), Rate);
        var schedule = LearningRateSchedule.Linear(Rate, 0, Math.Max(1, steps - warmUp)).WithWarmUp(warmUp);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var rows = Tensor.From(Enumerable.Range(0, Batch).Select(_ => (long)order.Next((int)examples.Count)).ToArray());
            schedule.Apply(optimizer, step);
            optimizer.ZeroGrad();
            var loss = Functional.CrossEntropy(network.Call(examples.Inputs[rows]), examples.Labels[rows]);
            loss.Backward();
            GradientClipping.ByNorm(network.Parameters(), 1);
            optimizer.Step();
            losses.Add(loss.Item<double>());
            tell(losses[^1]);
        }

        optimizer.ZeroGrad();
        return losses;
    }

    private static double Reversal(VideoTransformer network, Tensor clips)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        network.Eval();
        var logits = network.Call(clips);
        return (network.Call(clips.Flip([2])) - logits).Abs().Max().Item<double>() / logits.Square().Mean().Sqrt().Item<double>();
    }

    private static ClaimPicture Picture(LabelledTensors examples)
    {
        float[] pixels = examples.Inputs[..4].ToArray<float>();
        var cells = pixels.Chunk(Side * Side)
            .Select(frame => Image.FromFloats(Side, Side, 1, [.. frame.Select(pixel => Math.Clamp(pixel, 0, 1))])
                .Resize(4 * Side, 4 * Side, ResizeFilter.Nearest));
        return new ClaimPicture("Four clips, a row each: forwards or backwards?", ImageGrid.Create(cells, Frames).Encode(ImageFormat.Png));
    }
}
