using Sconce.Abilities;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection;

/// <summary>COCO's figures of a detector of boxes on a set of pictures.</summary>
internal static class DetectorEvaluation
{
    /// <summary>The names of the figures.</summary>
    public static IReadOnlyList<string> Names { get; } = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR"];

    /// <summary>Asks a network about every picture; it is left in evaluation mode.</summary>
    /// <param name="variant">Which says by its <see cref="PictureDetector"/> how it is asked.</param>
    /// <param name="network">Of the set's classes.</param>
    /// <param name="data">Pictures with boxes.</param>
    /// <param name="labels">The network's number of each class of the set.</param>
    /// <param name="side">Of the pictures in pixels; null for the network's own.</param>
    /// <param name="progress">Told of every picture.</param>
    /// <param name="each">Told of each picture and its answers.</param>
    /// <param name="cancellation">Ends it between two pictures.</param>
    public static CocoEvaluation Run(
        ModelVariant variant,
        Module network,
        DetectionDataset data,
        int[] labels,
        int? side,
        IProgress<WorkProgress>? progress = null,
        Action<ImageExample, IReadOnlyList<DetectedBox>>? each = null,
        CancellationToken cancellation = default)
    {
        var look = variant.Get<PictureDetector>().Look;
        network.Eval();
        var evaluation = new CocoEvaluation(data.Classes.Count);
        var device = network.Parameters().First().Device;
        for (int k = 0; k < data.Count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var inference = Gradients.Inference();
            var example = data[k];
            var found = look(network, example.Image.To8Bit().ToRgb(), side, device);
            var known = found.Select(box => box with { Label = Array.IndexOf(labels, box.Label) }).Where(box => box.Label >= 0);
            evaluation.Add([.. example.Boxes], [.. known]);
            each?.Invoke(example, found);
            progress?.Report(new WorkProgress("pictures", k + 1, data.Count, data.NameOf(k)));
        }

        return evaluation;
    }

    /// <summary>The figures by name; NaN where nothing was to be found.</summary>
    public static FigureSet Figures(CocoEvaluation evaluation)
    {
        var summary = evaluation.Summarize();
        return new FigureSet
        {
            { "AP", summary.AveragePrecision },
            { "AP50", summary.At50 },
            { "AP75", summary.At75 },
            { "APs", summary.Small },
            { "APm", summary.Medium },
            { "APl", summary.Large },
            { "AR", summary.Recall100 },
        };
    }
}
