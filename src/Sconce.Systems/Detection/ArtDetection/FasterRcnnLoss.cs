using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>
/// The losses of the second stage's answers, each without dimensions; torchvision 0.14.1 <c>detection/roi_heads.py</c>.
/// </summary>
internal static class FasterRcnnLoss
{
    /// <summary>Where the loss of deltas turns from quadratic to linear, in both stages.</summary>
    internal const double Beta = 1.0 / 9;

    /// <summary>
    /// Cross-entropy of classes, its mean; deltas of the objects' own class, their sum by the number of regions. 1504.08083 equation 1.
    /// </summary>
    /// <param name="logits"><c>(R, C)</c>, the background first.</param>
    /// <param name="deltas"><c>(R, 4·C)</c></param>
    /// <param name="labels"><c>(R)</c> int64, 0 for the background.</param>
    /// <param name="targets"><c>(R, 4)</c></param>
    /// <param name="beta">Where the loss of deltas turns linear.</param>
    internal static (Tensor Classes, Tensor Boxes) Regions(Tensor logits, Tensor deltas, Tensor labels, Tensor targets, double beta = Beta)
    {
        using var scope = new TensorScope();
        var objects = labels.Gt(0).Nonzero().Squeeze(1);
        var own = deltas.Unflatten(1, [-1, 4])[objects, labels[objects]]; // (objects, 4)
        var boxes = own.SmoothL1Loss(targets[objects], (long)Reduction.Sum, beta) / labels.Elements;
        return scope.Keep((Functional.CrossEntropy(logits, labels), boxes));
    }
}
