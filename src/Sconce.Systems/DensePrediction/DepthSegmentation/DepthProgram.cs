using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>Frames are made of their neighbours' pixels through depth and motion; 1806.01260 §3.</summary>
internal sealed class DepthProgram(
    DepthSegmentationNetwork network, Player player, double smoothness, Func<DepthBatch> shown, Device device)
        : LossProgram<DepthBatch>(player)
{
    private readonly MonodepthLoss training = new() { Smoothness = smoothness };
    private readonly MonodepthLoss judging = new() { Smoothness = 0, TieNoise = 0 };

    public override Module Product => network;

    public override Tensor Loss(DepthBatch batch) => Losses(batch, training, scales: 4).Loss;

    public override int Count(DepthBatch batch) => batch.Count;

    public override string Describe(DepthBatch batch) => BatchFaults.First(batch.Names);

    public override string? Fault(DepthBatch batch) =>
        BatchFaults.NotFinite(batch.Frames) is { } frame ? $"the frame {batch.Names[frame]} holds NaN or infinity" : null;

    /// <summary>How unlike frames are to what is made of their neighbours, at full size; and where a warp beats standing still.</summary>
    internal (double Error, double Moving) Judge(DepthBatch batch)
    {
        using var scope = new TensorScope();
        var losses = Losses(batch, judging, scales: 1);
        return (losses.Loss.Item<double>(), losses.Selections[0].Mean().Item<double>());
    }

    /// <summary>Held-out frames with the depth that is seen in them.</summary>
    protected override void WriteSamples(SampleFolder samples)
    {
        using var scope = new TensorScope();
        using var batch = shown();
        var disparities = network.Predict(batch.Frames.To(device)).Disparity.Cpu();
        int height = (int)batch.Frames.Size(2), width = (int)batch.Frames.Size(3);
        var cells = Enumerable.Range(0, batch.Count).SelectMany(k => new[]
        {
            batch.Frames[k].ToImage(),
            DepthDrawing.Colours(width, height, disparities[k].Reshape([-1]).ToArray<float>()),
        });
        ImageGrid.Create([.. cells], 2).Save(samples.File("depth.png"));
    }

    private MonodepthLosses Losses(DepthBatch batch, MonodepthLoss loss, int scales)
    {
        using var scope = new TensorScope();
        Tensor before = batch.Before.To(device), frames = batch.Frames.To(device), after = batch.After.To(device);
        var disparities = network.Predict(frames).Disparities.OfType<Tensor>().Take(scales).ToList();
        Tensor[] pictures =
        [
            .. disparities.Select(map => map.Size(2) == frames.Size(2)
                ? frames : Functional.Interpolate(frames, [map.Size(2), map.Size(3)], Interpolation.Bilinear)),
        ];
        NeighbourFrame[] neighbours =
        [
            new(before, network.Motion(frames, before, isEarlier: true)), new(after, network.Motion(frames, after, isEarlier: false)),
        ];
        return scope.Keep(loss.Compute(disparities, pictures, neighbours, batch.Intrinsics.To(device), batch.Inverse.To(device)));
    }
}

/// <summary>How well frames are made of their neighbours, on frames that were not learned from.</summary>
internal static class DepthEvaluation
{
    /// <summary>The figures, means over frames.</summary>
    internal static FigureSet Run(
        DepthProgram program, IReadOnlyList<FrameTriple> frames, (int Width, int Height) size, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        double error = 0, moving = 0;
        using var off = Gradients.Off();
        for (int k = 0; k < frames.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var batch = Batch(frames, [k], size);
            var (own, warped) = program.Judge(batch);
            (error, moving) = (error + (own / frames.Count), moving + (warped / frames.Count));
            progress?.Report(new WorkProgress("frames", k + 1, frames.Count, frames[k].Frame));
        }

        return new FigureSet { Figure.Lower("photometric", error), { "moving", moving } };
    }

    /// <summary>Some frames, unmirrored.</summary>
    internal static DepthBatch Batch(IReadOnlyList<FrameTriple> frames, int[] items, (int Width, int Height) size)
    {
        var recipe = new DepthRecipe(frames, size, mirrors: false);
        using var builder = recipe.Begin(items, default);
        for (int k = 0; k < items.Length; k++)
        {
            var random = default(AugmentationRandom);
            builder.Place(k, recipe.Load(items[k], ref random));
        }

        return builder.Complete([.. Enumerable.Range(0, items.Length)]);
    }
}
