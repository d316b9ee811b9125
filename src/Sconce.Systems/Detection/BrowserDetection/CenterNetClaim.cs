using System.Globalization;
using Sconce.Claims;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Detection.BrowserDetection;

/// <summary>
/// A detector from a hundred pictures and a few hundred steps against the mean box of those pictures; the blog post's headline in small.
/// </summary>
internal sealed class CenterNetClaim : Claim
{
    private const int Side = 128, Batch = 8, Learned = 131, Asked = 33;
    private const double Least = 0.10, Times = 3;
    private const string Metric = "AP at IoU 0.5", MeanBox = "the mean box on every picture", Detector = "CenterNet lite";

    /// <inheritdoc/>
    public override string Statement => "A custom detector, small enough for a browser, learns from a hundred-odd pictures in minutes.";

    /// <inheritdoc/>
    public override string Rule =>
        "Holds if, in the mean over seeds, average precision at IoU 0.5 on pictures that were not learned from exceeds 0.10 and three "
        + "times that of the mean relative box of the learned pictures laid on every picture. Undecided where a mean misses by "
        + "less than its "
        + "standard error.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromMinutes(6);

    /// <inheritdoc/>
    public override int DefaultSeeds => 2;

    /// <inheritdoc/>
    public override string? DataFormat => "pictures of one class with boxes: COCO's layout, or Pascal VOC's; its first class counts";

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int steps = options.Quick ? 4 : 400;
        var (train, test) = Data(seed, options);
        var losses = new List<double>();
        using var network = Train(train, seed, steps, losses, progress, cancellation);
        return new SeedResult(
        [
            new ClaimRow(MeanBox, Metric, [Precision(test, MeanBoxOf(train))]),
            new ClaimRow(Detector, Metric, [Precision(test, picture => Found(network, picture))]) { IsMethod = true },
        ])
        {
            Network = ClaimNetwork.Of(BrowserDetectionSystem.Network, network),
            Curves = [new ClaimCurve("training loss", $"seed {seed}", [.. losses.Select((_, step) => step + 1.0)], losses)],
            Configuration =
            [
                ("data", options.Data ?? $"{Learned} + {Asked} scenes of one to three figures among stones, {AnimalScenes.Side} pixels"),
                ("network", "CenterNet lite from random numbers, pictures of 128 pixels"),
                ("training", $"{steps} steps of {Batch}, AdamW {CenterNetTraining.Rate} in one cycle, decay {CenterNetTraining.Decay}"),
            ],
        };
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        IReadOnlyList<double> baseline = table[MeanBox, Metric], method = table[Detector, Metric];
        string figures = string.Create(
            CultureInfo.InvariantCulture,
            $"AP at IoU 0.5 is {method.Average():0.000} with the detector and {baseline.Average():0.000} with the mean box");
        return (ByMargins(method.Select(value => value - Least), method.Zip(baseline, (own, other) => own - (Times * other))), figures);
    }

    private static (IDataset<ImageExample> Train, IDataset<ImageExample> Test) Data(int seed, ClaimOptions options)
    {
        if (options.Data is { } folder)
        {
            var opened = DetectionFolder.Open(folder, masks: false);
            return (opened.Train, opened.Test);
        }

        var (learned, asked) = options.Quick ? (16, 8) : (Learned, Asked);
        return (new AnimalScenes(learned, (2 * seed) + 1), new AnimalScenes(asked, (2 * seed) + 2));
    }

    private static CenterNetLite Train(
        IDataset<ImageExample> data,
        int seed,
        int steps,
        List<double> losses,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        TorchRuntime.ManualSeed((ulong)seed);
        var network = new CenterNetLite();
        using var optimizer = new AdamW(network.Parameters(), CenterNetTraining.Rate, weightDecay: CenterNetTraining.Decay);
        var schedule = LearningRateSchedule.OneCycle(CenterNetTraining.Rate, steps);
        var order = new Random(seed);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var (pictures, targets) = Drawn(data, order, seed, step);
            schedule.Apply(optimizer, step);
            optimizer.ZeroGrad();
            var loss = CenterNetLoss.Compute(network.Call(pictures), targets).Total;
            loss.Backward();
            optimizer.Step();
            losses.Add(loss.Item<double>());
            string said = string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.00}");
            if (step % 10 == 0) progress?.Report(new WorkProgress($"seed {seed}", step, steps, said));
        }

        network.Eval();
        return network;
    }

    private static (Tensor Pictures, CenterNetTargets Targets) Drawn(IDataset<ImageExample> data, Random order, int seed, int step)
    {
        const int cells = Side / CenterNetLite.Stride;
        const float scale = 1f / CenterNetLite.Stride;
        var augmentation = new CenterNetAugmentation(Side);
        var pictures = new List<Tensor>();
        var targets = new List<CenterNetTargets>();
        for (int k = 0; k < Batch; k++)
        {
            var random = new AugmentationRandom((ulong)seed, step, k);
            var example = augmentation.Apply(data[order.Next(data.Count)], ref random);
            pictures.Add(CenterNetPictures.Prepare(example.Image.To8Bit().ToRgb(), Side));
            var objects = example.Boxes.Where(box => box.Label == 0)
                .Select(box => new CellBox(box.Left * scale, box.Top * scale, box.Right * scale, box.Bottom * scale, 0));
            targets.Add(CenterNetTargets.Draw(objects, 1, cells, cells));
        }

        return (Tensor.Stack([.. pictures]), CenterNetTargets.Together(targets));
    }

    private static IReadOnlyList<DetectedBox> Found(CenterNetLite network, ImageExample picture) =>
        CenterNetPictures.Look(network, picture.Image.To8Bit().ToRgb(), Side, Device.Cpu);

    /// <summary>Lays the mean of all learned boxes, as shares of their pictures, on any picture.</summary>
    private static Func<ImageExample, IReadOnlyList<DetectedBox>> MeanBoxOf(IDataset<ImageExample> data)
    {
        double left = 0, top = 0, right = 0, bottom = 0;
        int count = 0;
        for (int k = 0; k < data.Count; k++)
        {
            var (width, height) = (data[k].Image.Width, data[k].Image.Height);
            foreach (var box in data[k].Boxes.Where(box => box.Label == 0))
            {
                (left, top, count) = (left + (box.Left / width), top + (box.Top / height), count + 1);
                (right, bottom) = (right + (box.Right / width), bottom + (box.Bottom / height));
            }
        }

        return example =>
        {
            double across = (double)example.Image.Width / count, down = (double)example.Image.Height / count;
            return [new DetectedBox(left * across, top * down, right * across, bottom * down, 0, 1)];
        };
    }

    private static double Precision(IDataset<ImageExample> data, Func<ImageExample, IReadOnlyList<DetectedBox>> look)
    {
        var evaluation = new CocoEvaluation(1);
        for (int k = 0; k < data.Count; k++) evaluation.Add([.. data[k].Boxes.Where(box => box.Label == 0)], look(data[k]));
        return evaluation.Summarize().At50;
    }
}
