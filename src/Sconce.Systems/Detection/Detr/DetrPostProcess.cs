using Sconce.Maths;
using Sconce.Metrics;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>From the network's answers to boxes in pixels, one a query, without suppression; facebookresearch/detr@29901c51 models/detr.py <c>PostProcess</c>.</summary>
public static class DetrPostProcess
{
    /// <summary>
    /// The likeliest class of each query, "no object" left out, and its probability; corners in pixels.
    /// <c>logits (N, Q, C + 1), boxes (N, Q, 4), sizes (N, 2) of heights and widths -> scores (N, Q), labels (N, Q), boxes (N, Q, 4)</c>.
    /// </summary>
    public static (Tensor Scores, Tensor Labels, Tensor Boxes) Apply(Tensor logits, Tensor boxes, Tensor sizes)
    {
        if (sizes.Dimensions != 2 || sizes.Size(0) != logits.Size(0) || sizes.Size(1) != 2) throw new TorchException($"DETR's boxes: sizes of shape [{string.Join(", ", sizes.Shape.ToArray())}] for {logits.Size(0)} pictures: (N, 2) of heights and widths is expected");
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var (scores, labels) = logits.Softmax(-1)[TensorIndex.Ellipsis, ..^1].Max(-1);
        var sides = sizes.To(boxes.DType);
        var scale = Tensor.Stack([sides[.., 1], sides[.., 0], sides[.., 1], sides[.., 0]], 1).Unsqueeze(1); // (N, 1, 4)
        return scope.Keep((scores, labels, Boxes.ToCorners(boxes) * scale));
    }

    /// <summary>The boxes of each picture, one a query, in the order of queries.</summary>
    /// <param name="output">Of the network.</param>
    /// <param name="sizes">Width and height of each picture, to which boxes are scaled.</param>
    public static IReadOnlyList<IReadOnlyList<DetectedBox>> Detect(DetrOutput output, IReadOnlyList<(int Width, int Height)> sizes)
    {
        using var scope = new TensorScope();
        var extents = Tensor.From(sizes.SelectMany(size => new[] { (long)size.Height, size.Width }).ToArray(), [sizes.Count, 2]);
        var (scores, labels, boxes) = Apply(output.Logits.Cpu().Float(), output.Boxes.Cpu().Float(), extents);
        int queries = (int)scores.Size(1);
        float[] chances = scores.ToArray<float>(), edges = boxes.ToArray<float>();
        long[] classes = labels.ToArray<long>();
        return [.. Enumerable.Range(0, sizes.Count).Select(picture => (IReadOnlyList<DetectedBox>)[.. Enumerable.Range(picture * queries, queries).Select(k =>
            new DetectedBox(edges[4 * k], edges[(4 * k) + 1], edges[(4 * k) + 2], edges[(4 * k) + 3], (int)classes[k], chances[k]))])];
    }
}
