using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>
/// Classes of pixels from few labels: beside the true ones a student learns what its own average says of pictures without labels, mixed in
/// pairs so that the nearer surface is seen; depth goes on beside it. 2012.10782 §3.1-3.2;
/// lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029 train.py.
/// </summary>
/// <param name="network">The student.</param>
/// <param name="teacher">Of the same class, its average; it is in the checkpoint.</param>
/// <param name="depth">Tells depth, and is held; null where there is none.</param>
/// <param name="player">Over the student.</param>
/// <param name="settings">The weights.</param>
/// <param name="device">Where all are.</param>
internal sealed class PixelProgram(
    DepthSegmentationNetwork network, DepthSegmentationNetwork teacher, DepthSegmentationNetwork? depth, Player player,
    PixelTrainingSettings settings, Device device) : LossProgram<PixelBatch>(player)
{
    private const double MostKept = 0.99, Jitter = 0.25;
    private readonly DepthMix mix = new();

    public override IReadOnlyList<(string Name, Module Module)> Modules => [("", network), ("teacher", teacher)];

    public override Module Product => network;

    public override Tensor Loss(PixelBatch batch) => Parts(batch, null);

    public override int Count(PixelBatch batch) => batch.Count;

    public override string Describe(PixelBatch batch) => BatchFaults.First(batch.Names);

    public override string? Fault(PixelBatch batch) =>
        BatchFaults.NotFinite(batch.Pictures) is { } picture ? $"the picture {batch.Names[picture]} holds NaN or infinity" : null;

    /// <summary>Makes the teacher the student.</summary>
    internal void Begin() => Follow(0);

    protected override void Step(PixelBatch batch, TrainingStep step) => step.Update(Player, () => Parts(batch, step));

    /// <summary>The teacher keeps less at first, when the student is far from where it will be.</summary>
    protected override void Stepped(long step) => Follow(Math.Min(1 - (1.0 / (step + 1)), MostKept));

    private Tensor Parts(PixelBatch batch, TrainingStep? step)
    {
        using var scope = new TensorScope();
        var pictures = batch.Pictures.To(device);
        var told = network.Predict(pictures);
        var labels = batch.Classes.To(device).To(DType.Int64);
        var total = PseudoLabels.Supervised(told.Semantics!, labels);
        if (told.SideSemantics is { } side) total = total + PseudoLabels.Supervised(side, labels);
        step?.Report("supervised", total.Item<double>());
        if (depth is not null && told.Disparities.Count > 0 && settings.DepthWeight > 0)
        {
            var known = Known(pictures);
            var lost = DepthDistances.BerHu(told.Disparity, known, known.OnesLike());
            step?.Report("depth", lost.Item<double>());
            total = total + (lost * settings.DepthWeight);
        }

        if (settings.UnlabelledWeight == 0 || batch.Count % 2 != 0) return scope.Keep(total);
        var (mixed, classes, weight) = Mixed(batch.Others.To(device));
        step?.Report("sure", weight.Item<double>());
        var guessed = PseudoLabels.Loss(network.Predict(mixed).Semantics!, classes, weight);
        return scope.Keep(total + (guessed * settings.UnlabelledWeight));
    }

    /// <summary>Pictures without labels, mixed in pairs, with what the teacher says of them and how sure it is.</summary>
    private (Tensor Pictures, Tensor Classes, Tensor Weight) Mixed(Tensor others)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        teacher.Eval();
        var probabilities = teacher.Predict(others).Semantics!.Softmax(1);
        if (probabilities.Size(2) != others.Size(2))
        {
            probabilities = Functional.Interpolate(probabilities, [others.Size(2), others.Size(3)], Interpolation.Bilinear);
        }

        if (depth is not null)
        {
            var disparities = DepthMix.Normalized(Known(others));
            List<Tensor> pictures = [], chances = [];
            for (long pair = 0; pair < others.Size(0); pair += 2)
            {
                var mask = mix.Mask(disparities.Narrow(0, pair, 2));
                pictures.Add(DepthMix.Mixed(others.Narrow(0, pair, 2), mask));
                chances.Add(DepthMix.Mixed(probabilities.Narrow(0, pair, 2), mask));
            }

            (others, probabilities) = (Tensor.Cat([.. pictures], 0), Tensor.Cat([.. chances], 0));
        }

        var (classes, weight) = PseudoLabels.Of(probabilities, settings.Sure);
        return scope.Keep((Jittered(others), classes, weight));
    }

    /// <summary>Brightness and contrast changed, most of the time, and every second batch blurred.</summary>
    private static Tensor Jittered(Tensor pictures)
    {
        using var scope = new TensorScope();
        float[] drawn = Tensor.Rand([4]).ToArray<float>();
        if (drawn[0] < 0.8)
        {
            double light = 1 + (Jitter * ((2 * drawn[1]) - 1)), contrast = 1 + (Jitter * ((2 * drawn[2]) - 1));
            var mean = pictures.Mean([1, 2, 3], keepdim: true);
            pictures = (((pictures - mean) * contrast) + (mean * light)).Clamp(0, 1);
        }

        if (drawn[3] < 0.5) pictures = pictures.ReflectionPad2d([1, 1, 1, 1]).AvgPool2d([3, 3], [1, 1]);
        return scope.Keep(pictures);
    }

    private Tensor Known(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        return scope.Keep(depth!.Predict(pictures).Disparity);
    }

    /// <summary>Parameters by the average; what norms have gathered as it is.</summary>
    private void Follow(double kept)
    {
        using var off = Gradients.Off();
        using var scope = new TensorScope();
        foreach (var (own, average) in network.Parameters().Zip(teacher.Parameters()))
        {
            average.CopyInPlace((average * kept) + (own * (1 - kept)));
        }

        foreach (var (own, average) in network.NamedBuffers()
            .Zip(teacher.NamedBuffers())) ((Tensor)average.Buffer).CopyInPlace((Tensor)own.Buffer);
    }
}
