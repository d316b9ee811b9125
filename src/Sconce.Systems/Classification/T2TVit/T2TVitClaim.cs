using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Data.Procedural;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>What one seed came to.</summary>
/// <param name="Tokens">Test accuracy behind soft splits.</param>
/// <param name="Patches">Behind one cut into patches, with the same backbone.</param>
/// <param name="Deeper">The same with twice the blocks.</param>
internal sealed record T2TVitFigures(double Tokens, double Patches, double Deeper);

/// <summary>Soft splits against a hard cut before the same encoder; 2101.11986 §3.1 and table 6, in small.</summary>
public sealed class T2TVitClaim : Claim
{
    internal const int Side = 32, Glyphs = 8, GlyphSide = 7, Marks = 6, Width = 48, Heads = 4, Depth = 2, TokenWidth = 32;
    internal const double Noise = 0.1, MlpRatio = 2, Rate = 2e-3, Decay = 0.05, Lead = 0.05;
    private const string Soft = "T2T", Hard = "patches of 16", Deep = "patches of 16, twice the blocks", Accuracy = "test accuracy",
        FirstSplit = "first soft split";

    /// <inheritdoc/>
    public override string Statement =>
        "Tokens made step by step from overlapping windows keep small shapes that one hard cut into patches of 16 pixels loses, before the "
        + "same encoder and even before one of twice the depth.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds, T2T's test accuracy on small marks at random places is 5 points or more above the better of "
        + "both encoders behind patches of 16 pixels; and if, exactly, one changed pixel changes " +
        "those windows of the first soft split that hold it and no others, and a picture moved by 4 pixels moves the windows inside by "
        + "one. Does not hold if one of these fails; undecided where the lead misses " +
        "5 points by less than its standard error.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    internal static T2TVitConfig SoftConfig { get; } =
        new(Width, Depth, Heads) { ImageSize = Side, InputChannels = 1, Classes = Glyphs, MlpRatio = MlpRatio, TokenWidth = TokenWidth };

    internal static VitConfig HardConfig(int depth) => new(Width, depth, Heads)
    {
        ImageSize = Side,
        PatchSize = 16,
        InputChannels = 1,
        Classes = Glyphs,
        Block = new BlockOptions
        {
            MlpRatio = MlpRatio,
            NormEps = 1e-5,
            Attention = new AttentionOptions { QkvBias = false, NormEps = 1e-5 }
        },
    };

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = ClaimClassifier.Of(
        "t2t_vit_claim", ClaimClassifier.Plain(Side), Glyphs, classes =>
            new GreyInput(new T2TVisionTransformer(SoftConfig with { Classes = classes })));

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var trial = new ClassifierTrial(options.Quick ? 8 : 64, options.Quick ? 3 : 500);
        int training = options.Quick ? 40 : 4000, tests = options.Quick ? 20 : 1000;
        var curves = new List<ClaimCurve>();
        ClaimNetwork? kept = null;
        using var scope = new TensorScope();
        var random = new Random(seed);
        var glyphs = new StrokeGlyphs(Glyphs, GlyphSide, random);
        var test = Sample(glyphs, tests, random);
        var examples = Sample(glyphs, training, random);
        double tokens = Train(Soft, () => new T2TVisionTransformer(SoftConfig));
        double patches = Train(Hard, () => new VisionTransformer(HardConfig(Depth)));
        double deeper = Train(Deep, () => new VisionTransformer(HardConfig(2 * Depth)));
        return new SeedResult([new ClaimRow(Hard, Accuracy, [patches]), new ClaimRow(Deep, Accuracy, [deeper]),
            new ClaimRow(Soft, Accuracy, [tokens]) { IsMethod = true }])
        {
            Checks = [new ClaimRow(FirstSplit, "is local", [IsLocal() ? 1 : 0]),
                new ClaimRow(FirstSplit, "is equivariant", [IsEquivariant() ? 1 : 0])],
            Curves = curves,
            Network = kept,
            Pictures = [Picture(examples)],
            Configuration =
            [
                ("data", string.Create(CultureInfo.InvariantCulture, $"{Glyphs} random stroke glyphs of {GlyphSide}x{GlyphSide}, {Marks} "
                    + $"times at random places of {Side}x{Side} pixels, noise {Noise}; {training:N0} + {tests:N0} pictures")),
                ("encoder", $"width {Width}, {Depth} blocks ({2 * Depth} where said), {Heads} heads, MLP ratio {MlpRatio}, 4 tokens and a "
                    + $"class token"),
                ("T2T", $"performer layers of {TokenWidth} channels; positions fixed (learned behind patches)"),
                ("training", string.Create(CultureInfo.InvariantCulture, $"{trial.Steps} steps of {trial.Batch}, AdamW {Rate}, decay "
                    + $"{Decay}, warm-up and cosine; linear weights Glorot-uniform")),
            ],
        };

        double Train(string arm, Func<Module<Tensor, Tensor>> build)
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var network = build();
            // Deviation 0.02 is made for widths of hundreds.
            foreach (var (_, module) in network.NamedModules())
            {
                if (module is Linear linear) Init.XavierUniform(linear.Weight);
            }

            using var optimizer = new AdamW(ParameterGroup.WeightsAndVectors(network), Rate, weightDecay: Decay);
            var schedule = LearningRateSchedule.Cosine(Rate, trial.Steps).WithWarmUp(trial.Steps / 20);
            var losses = trial.Train(network, optimizer, schedule, examples, seed, $"{arm}, seed {seed}", progress, cancellation);
            curves.Add(ClassifierTrial.Curve($"{arm}, seed {seed}", losses));
            if (arm == Soft) kept = ClaimNetwork.Of(Network.Name, new GreyInput(network), Network.Get<ImageClassifier>().Preprocessing);
            return ClassifierTrial.Accuracy(network, test, cancellation);
        }
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<T2TVitFigures> runs, bool local, bool equivariant)
    {
        double[] leads = [.. runs.Select(run => run.Tokens - Math.Max(run.Patches, run.Deeper))];
        // The better of both encoders in the mean, not seed by seed.
        double lead = runs.Average(run => run.Tokens) - Math.Max(runs.Average(run => run.Patches), runs.Average(run => run.Deeper));
        double error = new ClaimRow("", "", leads).Spread / Math.Sqrt(runs.Count);
        string reason = string.Create(CultureInfo.InvariantCulture, $"T2T {runs.Average(run => run.Tokens):0.000}, patches "
            + $"{runs.Average(run => run.Patches):0.000}, with twice the blocks {runs.Average(run => run.Deeper):0.000}: ")
            + string.Create(CultureInfo.InvariantCulture, $"a lead of {lead * 100:0.0} ± {error * 100:0.0} points; the first split "
                + $"{(local ? "sees a pixel where it is" : "does NOT see a pixel where it is")} and "
                + $"{(equivariant ? "moves with the picture" : "does NOT move with the picture")}");
        if (!local || !equivariant || double.IsNaN(lead)) return (Verdict.DoesNotHold, reason);
        if (lead >= Lead) return (Verdict.Holds, reason);
        return (lead < Lead - error ? Verdict.DoesNotHold : Verdict.Undecided, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) => Judge(
        [.. Enumerable.Range(0, table.Seeds)
            .Select(k => new T2TVitFigures(table[Soft, Accuracy][k], table[Hard, Accuracy][k], table[Deep, Accuracy][k]))],
        table[FirstSplit, "is local"].All(found => found > 0),
        table[FirstSplit, "is equivariant"].All(found => found > 0));

    /// <summary>Whether, for every pixel of one row, exactly those windows change that hold it.</summary>
    internal static bool IsLocal(int side = 48)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int grid = side / 4, row = side / 2;
        var before = T2TModule.FirstSplit(Tensor.Zeros([1, 1, side, side]));
        for (int column = 0; column < side; column++)
        {
            using var pass = new TensorScope();
            var picture = Tensor.Zeros([1, 1, side, side]);
            picture.FillInPlace(1, 0, 0, row, column);
            bool[] changed = (T2TModule.FirstSplit(picture) - before).Abs().Sum([0, 2]).Gt(0).ToArray<bool>();
            for (int window = 0; window < changed.Length; window++)
            {
                if (changed[window] != (Holds(window / grid, row) && Holds(window % grid, column))) return false;
            }
        }

        return true;

        static bool Holds(int place, int pixel) => pixel >= (4 * place) - 2 && pixel < (4 * place) + 5;
    }

    /// <summary>Whether moving a picture by 4 pixels, down and to the right, moves the windows that touch no border by one.</summary>
    internal static bool IsEquivariant(int side = 48)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var generator = new Generator(1);
        var wide = Tensor.Randn([1, 2, side + 4, side + 4], generator);
        int grid = side / 4;
        var here = T2TModule.FirstSplit(wide[.., .., 4.., 4..]).Reshape([grid, grid, -1]);
        var moved = T2TModule.FirstSplit(wide[.., .., ..side, ..side]).Reshape([grid, grid, -1]);
        return here[1..(grid - 2), 1..(grid - 2)].EqualTo(moved[2..(grid - 1), 2..(grid - 1)]);
    }

    /// <summary>Pictures with several marks of one glyph each, at random places, in noise; the class is the glyph.
    /// <c>(count, 1, 32, 32)</c></summary>
    internal static LabelledTensors Sample(StrokeGlyphs glyphs, int count, Random random)
    {
        var pixels = new float[count * Side * Side];
        var labels = new long[count];
        for (int k = 0; k < count; k++)
        {
            var picture = pixels.AsSpan(k * Side * Side, Side * Side);
            labels[k] = random.Next(Glyphs);
            for (int mark = 0; mark < Marks; mark++)
                glyphs.Paste((int)labels[k], picture, Side, random.Next(Side - GlyphSide + 1), random.Next(Side - GlyphSide + 1));
            StrokeGlyphs.AddNoise(picture, Noise, random);
        }

        return new LabelledTensors(Tensor.From(pixels, [count, 1, Side, Side]), Tensor.From(labels));
    }

    private static ClaimPicture Picture(LabelledTensors examples)
    {
        float[] pixels = examples.Inputs[..Math.Min(16, (int)examples.Count)].ToArray<float>();
        var cells = pixels.Chunk(Side * Side)
            .Select(picture => Image.FromFloats(Side, Side, 1, [.. picture.Select(pixel => Math.Clamp(pixel, 0, 1))])
                .Resize(2 * Side, 2 * Side, ResizeFilter.Nearest));
        return new ClaimPicture("Which of eight glyphs?", ImageGrid.Create(cells, 8).Encode(ImageFormat.Png));
    }
}
