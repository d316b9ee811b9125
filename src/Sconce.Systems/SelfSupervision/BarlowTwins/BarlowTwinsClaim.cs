using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.BarlowTwins;

/// <summary>The ablation of the loss's two terms, by a linear probe on frozen features; 2103.03230 table 5, in small.</summary>
public sealed class BarlowTwinsClaim : Claim
{
    private const int Batch = 96, FeatureWidth = 48, EmbeddingWidth = 128;
    private const double Rate = 2e-3, RedundancyWeight = 0.02;
    private const string Untrained = "random encoder", InvarianceOnly = "invariance only (λ = 0)", Both = "Barlow Twins (λ = 0.02)";

    /// <inheritdoc/>
    public override string Statement =>
        "Reducing redundancy makes features learned without labels better than invariance alone does, and both are better than a "
        + "random encoder's.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds, the linear probe's accuracy with Barlow Twins is at least 0.03 above invariance alone and at "
        + "least 0.12 above the random encoder. Undecided where the mean misses a bound by less " +
        "than its standard error.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(3);

    /// <summary>What is kept of the method: the encoder with the probe upon it.</summary>
    internal static ModelVariant Kept { get; } = ClaimClassifier.Of(
        "barlow_twins_claim", ClaimClassifier.Plain(ShapeScenes.Side), ShapeScenes.Classes,
        classes => new ProbedEncoder(Encoder(), classes > 0 ? new Linear(FeatureWidth, classes) : null))
        .With(new ImageClassifier(ShapeScenes.Classes, "head", ClaimClassifier.Plain(ShapeScenes.Side)));

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 4 : 600;
        (string Name, double? Weight)[] arms = [(Untrained, null), (InvarianceOnly, 0), (Both, RedundancyWeight)];
        List<ClaimRow> accuracy = [], correlation = [];
        var curves = new List<ClaimCurve>();
        ClaimNetwork? kept = null;
        using var scope = new TensorScope();
        var random = new Random(seed);
        var unlabelled = ShapeScenes.Sample(options.Quick ? 200 : 2000, random).Inputs;
        var probe = ShapeScenes.Sample(options.Quick ? 64 : 300, random);
        var test = ShapeScenes.Sample(options.Quick ? 64 : 1500, random);
        foreach (var (name, weight) in arms)
        {
            TorchRuntime.ManualSeed((ulong)seed);
            using var encoder = Encoder();
            using var projector = BarlowTwins.CreateProjector(FeatureWidth, [EmbeddingWidth, EmbeddingWidth]);
            if (weight is { } redundancyWeight)
            {
                var losses = Train(encoder, projector, unlabelled, redundancyWeight, steps, $"{name}, seed {seed}", seed,
                    progress, cancellation);
                curves.Add(ClassifierTrial.Curve($"{name}, seed {seed}", losses));
            }

            void Learned(Linear head)
            {
                if (weight > 0)
                    kept = ClaimNetwork.Of(Kept.Name, new ProbedEncoder(encoder, head), ClaimClassifier.Plain(ShapeScenes.Side));
            }

            double right = Probe(encoder, probe, test, options.Quick ? 4 : 300, Learned, cancellation);
            accuracy.Add(new ClaimRow(name, "linear probe accuracy", [right]) { IsMethod = weight > 0 });
            correlation.Add(new ClaimRow(name, "mean |correlation| off "
                + "the diagonal", [OffDiagonal(encoder, projector, test.Inputs[..256], seed)])
            { IsMethod = weight > 0 });
        }

        return new SeedResult([.. accuracy, .. correlation])
        {
            Curves = curves,
            Network = kept,
            Pictures = [Samples(seed)],
            Configuration =
            [
                ("data", "8 shapes of any colour, 0.3 lighter or darker than the ground, in pictures of 20x20; 2,000 without labels, 300 "
                    + "for the probe, 1,500 to test"),
                ("encoder", "3x3 convolutions of 12, 24, 48 (stride 2) and 48 channels, batch norm, ReLU, global mean; "
                    + "projector 48-128-128"),
                ("views", "crop of 50 to 100 % of the area, flip, gain ±0.6 and offset ±0.3 of each channel, grey in 20 %, "
                    + "inverted in 20 %"),
                ("training", $"Adam {Rate}, 20 steps of warm-up, cosine, {steps} steps of {Batch}"),
            ],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<double> both, IReadOnlyList<double> invariance,
        IReadOnlyList<double> untrained)
    {
        string reason = string.Create(CultureInfo.InvariantCulture, $"probe accuracy {both.Average():0.000} with Barlow Twins, "
            + $"{invariance.Average():0.000} with invariance only, {untrained.Average():0.000} with a random encoder (chance 0.125)");
        return (ByMargins(both.Zip(invariance, (a, b) => a - b - 0.03), both.Zip(untrained, (a, b) => a - b - 0.12)), reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        const string metric = "linear probe accuracy";
        return Judge(table[Both, metric], table[InvarianceOnly, metric], table[Untrained, metric]);
    }

    /// <summary><c>(N, 3, 20, 20) -> (N, 48)</c></summary>
    private static Sequential Encoder()
    {
        var layers = new List<Module<Tensor, Tensor>>();
        foreach (var (inputs, outputs, stride) in new[] { (3, 12, 2), (12, 24, 2), (24, 48, 2), (48, FeatureWidth, 1) })
        {
            layers.AddRange([new Conv2d(inputs, outputs, 3, stride, 1, bias: false), new BatchNorm2d(outputs), new Relu(inPlace: true)]);
        }

        layers.Add(new GlobalAvgPool2d());
        return new Sequential(layers);
    }

    private static List<double> Train(Sequential encoder, Sequential projector, Tensor pictures, double redundancyWeight, int steps,
        string name, int seed, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var optimizer = new Adam([.. encoder.Parameters(), .. projector.Parameters()], Rate);
        int warmUp = Math.Min(20, steps / 2);
        var schedule = LearningRateSchedule.Cosine(Rate, steps - warmUp).WithWarmUp(warmUp, Rate / Math.Max(1, warmUp));
        var order = new Random(seed);
        var losses = new List<double>();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var rows = Tensor.From(Enumerable.Range(0, Batch).Select(_ => (long)order.Next((int)pictures.Size(0))).ToArray());
            var batch = pictures[rows];
            schedule.Apply(optimizer, step);
            optimizer.ZeroGrad();
            var loss = BarlowTwinsLoss.Compute(projector.Call(encoder.Call(View(batch))), projector.Call(encoder.Call(View(batch))),
                redundancyWeight);
            loss.Backward();
            optimizer.Step();
            losses.Add(loss.Item<double>());
            if (step % 10 == 0)
                progress?.Report(new WorkProgress(name, step, steps,
                    string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.0}")));
        }

        optimizer.ZeroGrad();
        return losses;
    }

    /// <summary>One distorted view of a batch, every picture by itself: crop and flip by one affine sampling, then colour.
    /// <c>(N, 3, S, S) -> (N, 3, S, S)</c></summary>
    internal static Tensor View(Tensor pictures)
    {
        using var scope = new TensorScope();
        long n = pictures.Size(0);
        var scale = (Tensor.Rand([n]) * 0.5 + 0.5).Sqrt();
        var flip = Tensor.Rand([n]).Lt(0.5).To(DType.Float32) * 2 - 1;
        var zero = Tensor.Zeros([n]);
        Tensor Shift() => (Tensor.Rand([n]) * 2 - 1) * (1 - scale);
        // (N, 2, 3)
        var affine = Tensor.Stack([Tensor.Stack([scale * flip, zero, Shift()], 1), Tensor.Stack([zero, scale, Shift()], 1)], 1);
        var grid = Functional.AffineGridGenerator(affine, [n, 3, pictures.Size(2), pictures.Size(3)], false);
        var view = Functional.GridSampler(pictures, grid, 0, 1, false); // bilinear, edges repeated
        var mean = view.Mean([2, 3], keepdim: true);
        view = (view - mean) * (1 + (Tensor.Rand([n, 3, 1, 1]) * 2 - 1) * 0.6) + mean + (Tensor.Rand([n, 3, 1, 1]) * 2 - 1) * 0.3;
        view = Functional.Where(Tensor.Rand([n, 1, 1, 1]).Lt(0.2), view.Mean([1], keepdim: true).ExpandAs(view), view);
        return scope.Keep(Functional.Where(Tensor.Rand([n, 1, 1, 1]).Lt(0.2), 1 - view, view));
    }

    /// <summary>Trains a linear classifier on frozen, standardised features; its accuracy on the test pictures.</summary>
    private static double Probe(
        Sequential encoder, LabelledTensors probe, LabelledTensors test, int steps, Action<Linear> learned, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        encoder.Eval();
        Tensor train, held, mean, deviation;
        using (Gradients.Off())
        {
            train = encoder.Call(probe.Inputs);
            held = encoder.Call(test.Inputs);
            (mean, deviation) = (train.Mean([0]), train.Std([0]) + 1e-6);
            (train, held) = ((train - mean) / deviation, (held - mean) / deviation);
        }

        using var classifier = new Linear(FeatureWidth, ShapeScenes.Classes);
        using var optimizer = new Adam(classifier.Parameters(), 1e-2);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = new TensorScope();
            optimizer.ZeroGrad();
            Functional.CrossEntropy(classifier.Call(train), probe.Labels).Backward();
            optimizer.Step();
        }

        optimizer.ZeroGrad();
        using (Gradients.Off())
        {
            using var head = new Linear(FeatureWidth, ShapeScenes.Classes); // the same on features that are not standardised
            head.Weight.CopyInPlace(classifier.Weight / deviation);
            head.Bias!.CopyInPlace(classifier.Bias! - (classifier.Weight * (mean / deviation)).Sum([1]));
            learned(head);
        }

        encoder.Train();
        return ClassifierTrial.Accuracy(classifier, new LabelledTensors(held, test.Labels), cancellation);
    }

    /// <summary>How much the components of held-out embeddings repeat each other, in [0, 1].</summary>
    private static double OffDiagonal(Sequential encoder, Sequential projector, Tensor pictures, int seed)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        TorchRuntime.ManualSeed((ulong)seed);
        var correlation = BarlowTwinsLoss.CrossCorrelation(projector.Call(encoder.Call(View(pictures))),
            projector.Call(encoder.Call(View(pictures)))).Abs();
        long width = correlation.Size(0);
        return (correlation.Sum() - correlation.Diagonal().Sum()).Item<double>() / (width * (width - 1));
    }

    private static ClaimPicture Samples(int seed)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed((ulong)seed);
        var pictures = ShapeScenes.Sample(8, new Random(seed)).Inputs;
        const int side = ShapeScenes.Side;
        var values = Tensor.Cat([pictures, View(pictures), View(pictures)], 0).Clamp(0, 1).Contiguous().ToArray<float>();
        var cells = values.Chunk(3 * side * side)
            .Select(cell => Image.FromFloats(side, side, 3, cell).Resize(3 * side, 3 * side, ResizeFilter.Nearest));
        return new ClaimPicture("Pictures, and two views of each", ImageGrid.Create(cells, 8).Encode(ImageFormat.Png));
    }
}
