using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Data.Procedural;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>A fixed shuffle of all pixels, for a Perceiver and for a convolutional net; 2103.03206 §4.1 and table 2, in small.</summary>
public sealed class PerceiverClaim : Claim
{
    private const int Side = 16, Glyphs = 6, GlyphSide = 9, Bands = 6, Batch = 64;
    private const double Noise = 0.4, Rate = 2e-3, Exact = 1e-5;
    private const string Conv = "conv net, pictures as they are", ConvShuffled = "conv net, pixels shuffled",
        Perceiver = "Perceiver, pictures as they are", PerceiverShuffled = "Perceiver, pixels shuffled";
    private const string WithoutPlaces = "Perceiver without places", WithPlaces = "Perceiver, rows shuffled with their places",
        AgainstPlaces = "Perceiver, pixels shuffled against their places";
    private const string Accuracy = "test accuracy", LogitChange = "change of logits", GradientChange = "change of gradients";

    /// <summary>What one seed came to.</summary>
    /// <param name="Perceiver">Test accuracy on pictures as they are.</param>
    /// <param name="PerceiverShuffled">With rows and their places shuffled.</param>
    /// <param name="WithoutPlaces">Of a Perceiver that knows no places.</param>
    /// <param name="Conv">Of the convolutional net.</param>
    /// <param name="ConvShuffled">Trained and tested on shuffled pixels.</param>
    /// <param name="Logits">Change of the Perceiver's logits when rows are shuffled with their places, as a share of their rms.</param>
    /// <param name="Gradients">The same of the loss's gradients.</param>
    /// <param name="Against">Change of the logits when pixels are shuffled against their places.</param>
    internal sealed record SeedFigures(double Perceiver, double PerceiverShuffled, double WithoutPlaces, double Conv, double ConvShuffled,
        double Logits, double Gradients, double Against);

    /// <inheritdoc/>
    public override string Statement =>
        "A fixed shuffle of all pixels costs a Perceiver nothing, for it knows places by their features alone, and costs a "
        + "convolutional net a lot.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in every seed, shuffling rows with their places changes a trained Perceiver's logits and its loss's gradients by at "
        + "most 1e-5 of their rms (so that training on shuffled rows is training on unshuffled " +
        "ones), and shuffling pixels against their places changes the logits by more than 1e-2; and if, in the mean, shuffled pixels cost "
        + "the convolutional net 20 points of test accuracy or more and the Perceiver at most " +
        "1, and a Perceiver without places stays 25 points or more behind. Undecided where a mean misses by less than its standard error.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(6);

    /// <summary>16 latents of width 48, three rounds of one self-attention.</summary>
    internal static PerceiverConfig SmallConfig { get; } = new(0)
    {
        Latents = 16,
        Width = 48,
        Rounds = 3,
        SelfAttentions = 1,
        SelfHeads = 4,
        Classes = Glyphs,
        LatentDeviation = 0.3,
    };

    /// <summary>What is kept of the method.</summary>
    internal static ModelVariant Network { get; } = ClaimClassifier.Of("perceiver_claim", ClaimClassifier.Plain(Side), Glyphs, classes =>
        new GreyInput(Built(classes)));

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        var trial = new ClassifierTrial(Batch, options.Quick ? 4 : 1200);
        var curves = new List<ClaimCurve>();
        using var scope = new TensorScope();
        var random = new Random(seed);
        var glyphs = new StrokeGlyphs(Glyphs, GlyphSide, random);
        LabelledTensors train = Examples(glyphs, options.Quick ? 128 : 6000, random),
            test = Examples(glyphs, options.Quick ? 64 : 600, random);
        using var generator = new Generator((ulong)seed);
        var order = Tensor.Randperm(Side * Side, generator, DType.Int64);
        var (figures, kept) = One(trial, train, test, order, seed, curves, progress, cancellation);
        return new SeedResult(
        [
            new ClaimRow(Conv, Accuracy, [figures.Conv]),
            new ClaimRow(ConvShuffled, Accuracy, [figures.ConvShuffled]),
            new ClaimRow(Perceiver, Accuracy, [figures.Perceiver]) { IsMethod = true },
            new ClaimRow(PerceiverShuffled, Accuracy, [figures.PerceiverShuffled]) { IsMethod = true },
            new ClaimRow(WithoutPlaces, Accuracy, [figures.WithoutPlaces]),
            new ClaimRow(WithPlaces, LogitChange, [figures.Logits]) { IsMethod = true },
            new ClaimRow(WithPlaces, GradientChange, [figures.Gradients]) { IsMethod = true },
            new ClaimRow(AgainstPlaces, LogitChange, [figures.Against]),
        ])
        {
            Curves = curves,
            Network = kept,
            Pictures = [Picture(test.Inputs, order)],
            Configuration =
            [
                ("data", $"{Glyphs} random stroke glyphs of {GlyphSide}x{GlyphSide} at random places of {Side}x{Side} pixels, noise "
                    + $"{Noise.ToString(CultureInfo.InvariantCulture)}; 6,000 + 600 pictures"),
                ("Perceiver", $"16 latents of width 48, 3 rounds of 1 self-attention of 4 heads, {Bands} bands"),
                ("convolutional net", "5 convolutions of 16, 16, 32, 32, 48 channels"),
                ("training", $"{trial.Steps} steps of {Batch}, AdamW {Rate.ToString(CultureInfo.InvariantCulture)} by cosine after 100 "
                    + $"steps of warm-up"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<SeedFigures> seeds)
    {
        bool exact = seeds.All(seed => seed.Logits <= Exact && seed.Gradients <= Exact && seed.Against > 1e-2);
        string figures = string.Create(CultureInfo.InvariantCulture, $"shuffled pixels take the convolutional net from "
            + $"{seeds.Average(seed => seed.Conv):0.000} to {seeds.Average(seed => seed.ConvShuffled):0.000} and the Perceiver from ")
            + string.Create(CultureInfo.InvariantCulture, $"{seeds.Average(seed => seed.Perceiver):0.000} to "
                + $"{seeds.Average(seed => seed.PerceiverShuffled):0.000}; without places it has "
                + $"{seeds.Average(seed => seed.WithoutPlaces):0.000} (chance {1.0 / Glyphs:0.000}); ")
            + string.Create(CultureInfo.InvariantCulture, $"logits change by {seeds.Max(seed => seed.Logits):0.0E+0} and gradients by "
                + $"{seeds.Max(seed => seed.Gradients):0.0E+0} with places, logits by {seeds.Min(seed => seed.Against):0.0E+0} "
                + $"against them");
        if (!exact) return (Verdict.DoesNotHold, figures);
        return (ByMargins(seeds.Select(seed => seed.Conv - seed.ConvShuffled - 0.2),
            seeds.Select(seed => 0.01 - (seed.Perceiver - seed.PerceiverShuffled)),
            seeds.Select(seed => seed.Perceiver - seed.WithoutPlaces - 0.25)), figures);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options) =>
        Judge([.. Enumerable.Range(0, table.Seeds).Select(k => new SeedFigures(
            table[Perceiver, Accuracy][k], table[PerceiverShuffled, Accuracy][k], table[WithoutPlaces, Accuracy][k],
            table[Conv, Accuracy][k], table[ConvShuffled, Accuracy][k],
            table[WithPlaces, LogitChange][k], table[WithPlaces, GradientChange][k], table[AgainstPlaces, LogitChange][k]))]);

    private static PerceiverClassifier Built(int classes) =>
        new(new PixelInput(new FourierFeatures(Bands, [Side, Side]), 1), SmallConfig with { Classes = classes });

    private static (SeedFigures Figures, ClaimNetwork Kept) One(ClassifierTrial trial, LabelledTensors train, LabelledTensors test,
        Tensor order, int seed, List<ClaimCurve> curves, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var perceiver = Seeded(seed, () => Built(Glyphs));
        using var blind = Seeded(seed, () => new PerceiverClassifier(new PlainPixels(), SmallConfig));
        using var conv = Seeded(seed, () => new GridConvNet(Glyphs));
        using var convShuffled = Seeded(seed, () => new GridConvNet(Glyphs));
        LabelledTensors shuffledTrain = new(Shuffles.Pixels(train.Inputs, order), train.Labels),
            shuffledTest = new(Shuffles.Pixels(test.Inputs, order), test.Labels);
        double accuracy = Train(perceiver, "Perceiver", train, test), withoutPlaces = Train(blind, "Perceiver without places", train, test);
        double convAccuracy = Train(conv, "conv net", train, test),
            convShuffledAccuracy = Train(convShuffled, "conv net, shuffled", shuffledTrain, shuffledTest);
        var (logits, gradients, against, shuffled) = Changes(perceiver, test, order);
        var kept = ClaimNetwork.Of(Network.Name, new GreyInput(perceiver), Network.Get<ImageClassifier>().Preprocessing);
        return (new SeedFigures(accuracy, shuffled, withoutPlaces, convAccuracy, convShuffledAccuracy, logits, gradients, against), kept);

        double Train(Module<Tensor, Tensor> network, string name, LabelledTensors examples, LabelledTensors asked)
        {
            int warmUp = Math.Min(100, trial.Steps / 2);
            using var optimizer = new AdamW(network.Parameters(), Rate);
            var schedule = LearningRateSchedule.Cosine(Rate, trial.Steps - warmUp).WithWarmUp(warmUp, Rate / Math.Max(1, warmUp));
            string run = $"{name}, seed {seed}";
            curves.Add(ClassifierTrial.Curve(run, trial.Train(network, optimizer, schedule, examples, seed, run, progress, cancellation)));
            return ClassifierTrial.Accuracy(network, asked, cancellation);
        }
    }

    /// <summary>The trained network's answers and gradients on a batch, shuffled and not; and its accuracy on all shuffled test
    /// pictures.</summary>
    private static (double Logits, double Gradients, double Against, double Accuracy) Changes(PerceiverClassifier network,
        LabelledTensors test, Tensor order)
    {
        using var scope = new TensorScope();
        Tensor pictures = test.Inputs[..Batch], labels = test.Labels[..Batch];
        Tensor[] parameters = [.. network.Parameters()];
        Tensor plain = network.Call(pictures), shuffled = Shuffles.WithPlaces(network, pictures, order),
            against = network.Call(Shuffles.Pixels(pictures, order));
        Tensor[] one = Gradients.Of([Functional.CrossEntropy(plain, labels)], parameters),
            other = Gradients.Of([Functional.CrossEntropy(shuffled, labels)], parameters);
        using var off = Gradients.Off();
        // A key's bias has no gradient but rounding, so all gradients together are compared.
        Tensor first = Tensor.Cat([.. one.Select(gradient => gradient.Flatten())], 0),
            second = Tensor.Cat([.. other.Select(gradient => gradient.Flatten())], 0);
        double accuracy = Shuffles.WithPlaces(network, test.Inputs, order).Argmax(-1).Eq(test.Labels).To(DType.Float64).Mean()
            .Item<double>();
        return (Change(plain, shuffled), Change(first, second), Change(plain, against), accuracy);
    }

    /// <summary>The rms of the difference, as a share of the rms.</summary>
    private static double Change(Tensor before, Tensor after) =>
        Math.Sqrt((after - before).To(DType.Float64).Square().Mean().Item<double>() / before.To(DType.Float64).Square().Mean()
            .Item<double>());

    private static T Seeded<T>(int seed, Func<T> create)
    {
        TorchRuntime.ManualSeed((ulong)seed);
        return create();
    }

    private static LabelledTensors Examples(StrokeGlyphs glyphs, int count, Random random)
    {
        var (pictures, labels) = glyphs.Sample(count, Side, Noise, random);
        return new LabelledTensors(pictures, labels);
    }

    private static ClaimPicture Picture(Tensor pictures, Tensor order)
    {
        const int shown = 8, zoom = 4;
        var both = Tensor.Cat([pictures[..shown], Shuffles.Pixels(pictures[..shown], order)], 0).Clamp(0, 1).ToArray<float>();
        var cells = both.Chunk(Side * Side)
            .Select(cell => Image.FromFloats(Side, Side, 1, cell).Resize(zoom * Side, zoom * Side, ResizeFilter.Nearest));
        return new ClaimPicture("Pictures above, and the same with their pixels shuffled below",
            ImageGrid.Create(cells, shown).Encode(ImageFormat.Png));
    }
}
