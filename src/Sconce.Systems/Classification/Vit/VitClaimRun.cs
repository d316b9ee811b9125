using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Data.Procedural;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.Vit;

/// <summary>The claim's convolutional net: five 3x3 convolutions, the mean, a classifier; <c>(N, 1, 20, 20) -> (N, classes)</c>, 14,036
/// parameters for 6.</summary>
internal sealed partial class SmallConvNet(int classes) : Module<Tensor, Tensor>
{
    public Sequential Body { get; } =
        new([.. Stage(1, 10, 1), .. Stage(10, 10, 1), .. Stage(10, 20, 2), .. Stage(20, 20, 1), .. Stage(20, 40, 2)]);

    public Linear Head { get; } = new(40, classes);

    protected override Tensor Forward(Tensor pictures) => Head.Call(Body.Call(pictures).Mean([2, 3]));

    private static Module<Tensor, Tensor>[] Stage(int inputs, int outputs, int stride) =>
        [new Conv2d(inputs, outputs, 3, stride, 1, bias: false), new BatchNorm2d(outputs), new Relu(inPlace: true)];
}

/// <summary>What one seed came to.</summary>
/// <param name="Accuracy">Test accuracy by the number of training pictures.</param>
/// <param name="Order">Test accuracy on the order of two glyphs, without positions and with them.</param>
/// <param name="Shuffle">How much the logits change when patches change places, as a share of their rms, without positions and with
/// them.</param>
internal sealed record VitFigures(IReadOnlyDictionary<int, (double Vit, double Conv)> Accuracy, (double Without, double With) Order,
    (double Without, double With) Shuffle);

/// <summary>One seed of the claim: both nets on ever more data, then two networks with and without positions.</summary>
internal sealed class VitClaimRun(int seed, int steps, int[] sizes, int orderSize, int tests)
{
    internal const int Side = 20, Patch = 4, Glyphs = 6, Batch = 48, WarmUp = 50;
    internal const double Noise = 0.2, Rate = 2e-3, Decay = 0.05;

    /// <summary>40,422 parameters for 6 classes.</summary>
    internal static VitConfig SmallVit { get; } = new(48, 2, 4)
    {
        ImageSize = Side,
        PatchSize = Patch,
        InputChannels = 1,
        Classes = Glyphs,
        Block = new BlockOptions { MlpRatio = 2 },
        Initialization = VitInitialization.Framework,
    };

    internal List<(string Name, List<double> Losses)> Curves { get; } = [];

    /// <summary>The first pictures of both tasks <c>(16, 1, 20, 20)</c>.</summary>
    internal float[][] Samples { get; private set; } = [];

    /// <summary>The last ViT that told glyphs apart, which saw most pictures.</summary>
    internal ClaimNetwork? Kept { get; private set; }

    /// <summary>Runs of training in all.</summary>
    internal int Trainings => (2 * sizes.Length) + 2;

    internal VitFigures Run(Action<string, int, double> progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var random = new Random(seed);
        var glyphs = new StrokeGlyphs(Glyphs, 9, random);
        var (testPictures, testLabels) = glyphs.Sample(tests, Side, Noise, random);
        var (pictures, labels) = glyphs.Sample(sizes.Max(), Side, Noise, random);
        var accuracy = new Dictionary<int, (double Vit, double Conv)>();
        foreach (int size in sizes)
        {
            var (some, answers) = (pictures[..size], labels[..size]);
            double conv = Train($"conv net, {size} pictures", () => new SmallConvNet(Glyphs), some, answers, testPictures, testLabels,
                progress, cancellation);
            double vit = Train($"ViT, {size} pictures", () => new VisionTransformer(SmallVit), some, answers, testPictures, testLabels,
                progress, cancellation);
            accuracy[size] = (vit, conv);
        }

        var pair = new StrokeGlyphs(2, 2 * Patch, random);
        var (testOrders, testAnswers) = Orders(pair, tests, random);
        var (orders, orderAnswers) = Orders(pair, orderSize, random);
        double without = Train("ViT without positions", () => new VisionTransformer(SmallVit with { Classes = 2, Positions = false }),
            orders, orderAnswers, testOrders, testAnswers, progress, cancellation);
        double with = Train("ViT with positions", () => new VisionTransformer(SmallVit with { Classes = 2 }), orders, orderAnswers,
            testOrders, testAnswers, progress, cancellation);
        Samples = [.. new[] { pictures, orders }.Select(set => set[..Math.Min(16, (int)set.Size(0))].ToArray<float>())];
        return new VitFigures(accuracy, (without, with), (ShuffleChange(withPositions: false), ShuffleChange(withPositions: true)));
    }

    /// <summary>Two glyphs on the grid of patches, in columns of their own: class 1 where the first stands to the right of the
    /// second.</summary>
    internal static (Tensor Pictures, Tensor Labels) Orders(StrokeGlyphs pair, int count, Random random)
    {
        const int places = (Side / Patch) - 1; // a glyph covers two patches by two
        var pixels = new float[count * Side * Side];
        var labels = new long[count];
        for (int k = 0; k < count; k++)
        {
            var picture = pixels.AsSpan(k * Side * Side, Side * Side);
            int left = random.Next(places - 2), right = random.Next(left + 2, places);
            labels[k] = random.Next(2);
            pair.Paste(0, picture, Side, Patch * (labels[k] == 0 ? left : right), Patch * random.Next(places));
            pair.Paste(1, picture, Side, Patch * (labels[k] == 0 ? right : left), Patch * random.Next(places));
            StrokeGlyphs.AddNoise(picture, Noise, random);
        }

        return (Tensor.From(pixels, [count, 1, Side, Side]), Tensor.From(labels));
    }

    /// <summary>The largest change of an untrained network's logits when the patches change places, its patches' positions at 0 or as large
    /// as its tokens.</summary>
    internal double ShuffleChange(bool withPositions)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        TorchRuntime.ManualSeed((ulong)seed);
        using var network = new VisionTransformer(SmallVit);
        network.Eval();
        if (withPositions) Init.Normal(network.PosEmbed!, 0.5);
        else network.PosEmbed!.FillInPlace(0, .., 1..);
        var pictures = Tensor.Randn([8, 1, Side, Side]);
        const int grid = Side / Patch;
        var patches = pictures.Reshape([8, grid, Patch, grid, Patch]).Permute([0, 1, 3, 2, 4]).Reshape([8, grid * grid, Patch, Patch]);
        var shuffled = patches[.., Tensor.Randperm(grid * grid, DType.Int64)].Reshape([8, grid, grid, Patch, Patch])
            .Permute([0, 1, 3, 2, 4]).Reshape([8, 1, Side, Side]);
        var logits = network.Call(pictures);
        return (network.Call(shuffled) - logits).Abs().Max().Item<double>() / logits.Square().Mean().Sqrt().Item<double>();
    }

    /// <summary>AdamW, warm-up, cosine, clipping; the same batches for every network of a task; the accuracy on the test
    /// pictures.</summary>
    private double Train(string name, Func<Module<Tensor, Tensor>> build, Tensor pictures, Tensor labels, Tensor testPictures,
        Tensor testLabels, Action<string, int, double> progress, CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed((ulong)seed); // of the first weights
        using var network = build();
        var order = new Random(seed);
        var groups = network is VisionTransformer vit ? VitTraining.Groups(vit) : ParameterGroup.WeightsAndVectors(network);
        using var optimizer = new AdamW(groups, Rate, weightDecay: Decay);
        int warmUp = Math.Min(WarmUp, steps / 2), count = (int)labels.Size(0);
        var schedule = LearningRateSchedule.Cosine(Rate, steps - warmUp).WithWarmUp(warmUp, Rate / Math.Max(1, warmUp));
        var losses = new List<double>();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var rows = Tensor.From(Enumerable.Range(0, Batch).Select(_ => (long)order.Next(count)).ToArray());
            optimizer.ZeroGrad();
            var loss = Functional.CrossEntropy(network.Call(pictures[rows]), labels[rows]);
            loss.Backward();
            GradientClipping.ByNorm(network.Parameters(), VitTraining.ClipNorm);
            schedule.Apply(optimizer, step);
            optimizer.Step();
            losses.Add(loss.Item<float>());
            progress(name, step + 1, losses[^1]);
        }

        optimizer.ZeroGrad();
        Curves.Add((name, losses));
        if (name.StartsWith("ViT, ", StringComparison.Ordinal))
            Kept = ClaimNetwork.Of(VitClaim.Network.Name, new GreyInput(network), VitClaim.Network.Get<ImageClassifier>().Preprocessing);
        network.Eval();
        using var answers = new TensorScope();
        using var inference = Gradients.Off();
        return network.Call(testPictures).Argmax(-1).Eq(testLabels).To(DType.Float64).Mean().Item<double>();
    }
}
