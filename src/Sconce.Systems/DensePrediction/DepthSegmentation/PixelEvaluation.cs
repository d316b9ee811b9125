using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>Figures of classes of pixels on pictures that were not learned from.</summary>
internal static class PixelEvaluation
{
    internal static IReadOnlyList<string> Names { get; } = ["mIoU", "accuracy"];

    /// <summary>Asks a network about every picture at its own size; it is left in evaluation mode.</summary>
    internal static ConfusionMatrix Run(
        DepthSegmentationNetwork network, IDataset<LabelledPixels> pictures, int classes, int side, Device device,
        IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        network.Eval();
        var matrix = new ConfusionMatrix(classes, PseudoLabels.Ignored);
        for (int k = 0; k < pictures.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var inference = Gradients.Inference();
            var (picture, truth) = pictures[k];
            var (width, height) = StreetNetwork.SeenSize(picture.Width, picture.Height, side);
            var seen = picture.Resize(width, height, ResizeFilter.Bilinear).ToTensor().Unsqueeze(0).To(device);
            long[] answers = StreetNetwork.Whole(network.Predict(seen).Semantics!, picture).Argmax(0).Reshape([-1]).ToArray<long>();
            var labels = new long[answers.Length];
            var numbers = truth!.Pixels;
            for (int pixel = 0; pixel < labels.Length; pixel++)
            {
                labels[pixel] = numbers[pixel] < classes ? numbers[pixel] : PseudoLabels.Ignored;
            }

            matrix.Add(answers, labels);
            progress?.Report(new WorkProgress("pictures", k + 1, pictures.Count, pictures.NameOf(k)));
        }

        return matrix;
    }

    internal static FigureSet Figures(ConfusionMatrix matrix) =>
        new() { { "mIoU", matrix.MeanIntersectionOverUnion }, { "accuracy", matrix.Accuracy } };
}
