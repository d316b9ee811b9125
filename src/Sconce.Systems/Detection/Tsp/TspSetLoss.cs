using Sconce.Maths;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>
/// DETR's way with TSP-FCOS's features, the paper's baseline: a one-to-one matching of all features with all objects, cross-entropy with
/// a weak
/// background, generalised IoU of the matched. 2011.10881 §4.4; <c>use_detr_loss</c> in fcos/my_fcos_outputs.py.
/// </summary>
internal sealed record TspSetLoss
{
    internal double BackgroundWeight { get; init; } = 0.1;

    internal double BoxWeight { get; init; } = 10;

    internal GiouMatcher Matcher { get; init; } = new();

    /// <summary>Classes and boxes of a batch, each without dimensions.</summary>
    /// <param name="logits"><c>(N, K, C)</c>; the background's logit is 0.</param>
    /// <param name="boxes">Corners in pixels <c>(N, K, 4)</c>.</param>
    /// <param name="objects">Labels and corners of each picture's objects.</param>
    /// <param name="positives">Features that belong to an object by their place; what boxes are divided by.</param>
    internal (Tensor Classes, Tensor Boxes) Compute(
        Tensor logits, Tensor boxes, IReadOnlyList<(Tensor Labels, Tensor Boxes)> objects, long positives)
    {
        using var scope = new TensorScope();
        long classes = logits.Size(2);
        var extended = Tensor.Cat([logits, logits[.., .., ..1].ZerosLike()], 2); // (N, K, C + 1)
        if (positives == 0) return scope.Keep((extended.Sum() * 0, boxes.Sum() * 0));
        var wanted = Tensor.Full([logits.Size(0), logits.Size(1)], classes, DType.Int64, device: logits.Device);
        var lost = boxes.Sum() * 0;
        for (int k = 0; k < objects.Count; k++)
        {
            var pairs = Matcher.Match(extended[k], boxes[k], objects[k].Labels, objects[k].Boxes);
            if (pairs.Count == 0) continue;
            var rows = Tensor.From(pairs.Select(pair => (long)pair.Prediction).ToArray()).To(logits.Device);
            var columns = Tensor.From(pairs.Select(pair => (long)pair.Target).ToArray()).To(logits.Device);
            wanted[k, rows] = objects[k].Labels[columns];
            lost = lost + (1 - Boxes.GeneralizedIou(boxes[k][rows], objects[k].Boxes[columns])).Sum();
        }

        var weights = Tensor.Ones([classes + 1], logits.DType, device: logits.Device);
        weights.FillInPlace(BackgroundWeight, classes);
        var cross = Functional.CrossEntropy(extended.Transpose(1, 2), wanted, weights);
        return scope.Keep((cross, lost * (BoxWeight / positives)));
    }
}
