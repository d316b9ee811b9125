using Sconce.Maths;
using Sconce.Torch;

namespace Sconce.Nn.Detection;

/// <summary>One answer of a detector's second stage.</summary>
/// <param name="Boxes">Corners in pixels <c>(D, 4)</c>, surest first.</param>
/// <param name="Scores"><c>(D)</c></param>
/// <param name="Classes"><c>(D)</c> int64, 0 being the first class of an object.</param>
public sealed record ClasswiseDetections(Tensor Boxes, Tensor Scores, Tensor Classes) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Boxes, Scores, Classes];
}

/// <summary>From each region's chances and boxes of every class to a picture's detections. 1504.08083 §2.2.</summary>
public sealed record ClasswiseSelection
{
    /// <summary>Chances up to it are no detections.</summary>
    public double Threshold { get; init; } = 0.05;

    /// <summary>The largest overlap of two detections of a class.</summary>
    public double Overlap { get; init; } = 0.5;

    /// <summary>Detections a picture at most.</summary>
    public int Most { get; init; } = 100;

    /// <summary>The least side of a detection in pixels.</summary>
    public double LeastSide { get; init; }

    /// <summary>One picture's detections, off the tape.</summary>
    /// <param name="scores"><c>(R, C)</c>, without the background.</param>
    /// <param name="boxes"><c>(R, C, 4)</c></param>
    /// <param name="image">Height and width of the picture without padding.</param>
    public ClasswiseDetections Select(Tensor scores, Tensor boxes, (long Height, long Width) image)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var cut = BoxClipping.To(boxes.Detach(), image);
        var sides = cut[.., .., 2..] - cut[.., .., ..2]; // (R, C, 2)
        var wanted = scores.Gt(Threshold).LogicalAnd(sides.Ge(LeastSide).All(2)).Nonzero(); // (D, 2)
        Tensor regions = wanted[.., 0], classes = wanted[.., 1];
        Tensor chances = scores.Detach()[regions, classes], found = cut[regions, classes];
        long[] kept = BoxSuppression.Keep(found, chances, classes, Overlap);
        var places = Tensor.From(kept.AsSpan(0, Math.Min(Most, kept.Length)).ToArray()).To(scores.Device);
        return scope.Keep(
            new ClasswiseDetections(found.IndexSelect(0, places), chances.IndexSelect(0, places), classes.IndexSelect(0, places)));
    }
}
