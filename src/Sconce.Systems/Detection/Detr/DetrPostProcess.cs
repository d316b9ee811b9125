using Sconce.Data;
using Sconce.Imaging;
using Sconce.Maths;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>From the network's answers to boxes in pixels, one a query, without suppression; facebookresearch/detr@29901c51 models/detr.py
/// <c>PostProcess</c>.</summary>
public static class DetrPostProcess
{
    /// <summary>
    /// The likeliest class of each query, "no object" left out, and its probability; corners in pixels.
    /// <c>logits (N, Q, C + 1), boxes (N, Q, 4), sizes (N, 2) of heights and widths -> scores (N, Q), labels (N, Q), boxes (N, Q, 4)</c>.
    /// </summary>
    public static (Tensor Scores, Tensor Labels, Tensor Boxes) Apply(Tensor logits, Tensor boxes, Tensor sizes)
    {
        if (sizes.Dimensions != 2 || sizes.Size(0) != logits.Size(0) || sizes.Size(1) != 2)
            throw new TorchException($"DETR's boxes: sizes of shape [{string.Join(", ", sizes.Shape.ToArray())}] for {logits.Size(0)} "
                + $"pictures: (N, 2) of heights and widths is expected");
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var (scores, labels) = logits.Softmax(-1)[TensorIndex.Ellipsis, ..^1].Max(-1);
        var sides = sizes.To(boxes.DType);
        var scale = Tensor.Stack([sides[.., 1], sides[.., 0], sides[.., 1], sides[.., 0]], 1).Unsqueeze(1); // (N, 1, 4)
        return scope.Keep((scores, labels, Boxes.ToCorners(boxes) * scale));
    }

    /// <summary>
    /// A picture's masks, one a query: brought to the padded pictures' size, cut to the picture's, above a half, then sampled at its own
    /// size; models/segmentation.py <c>PostProcessSegm</c>.
    /// </summary>
    /// <param name="output">Of a network with masks.</param>
    /// <param name="picture">Its number in the batch.</param>
    /// <param name="padded">Width and height of the batch.</param>
    /// <param name="processed">The picture's own in it, without padding.</param>
    /// <param name="target">Of the answer.</param>
    /// <exception cref="TorchException">The network gives no masks.</exception>
    public static IReadOnlyList<RunLengthMask> Masks(DetrOutput output, int picture, (int Width, int Height) padded,
        (int Width, int Height) processed, (int Width, int Height) target)
    {
        const int together = 8; // of a hundred masks of a whole picture each
        using var off = Gradients.Off();
        var all = output.Masks ?? throw new TorchException("DETR's masks: the network gives none: use a panoptic variant");
        var masks = new List<RunLengthMask>();
        for (int first = 0; first < all.Size(1); first += together)
        {
            using var scope = new TensorScope();
            var some = all[picture, first..Math.Min(first + together, (int)all.Size(1))].Float().Unsqueeze(1); // (8, 1, H/4, W/4)
            some = Functional.Interpolate(some, [padded.Height, padded.Width],
                Interpolation.Bilinear)[.., .., ..processed.Height, ..processed.Width];
            some = Functional.Interpolate(some.Sigmoid().Gt(0.5).Float(), [target.Height, target.Width]);
            byte[] pixels = some.To(DType.UInt8).Cpu().ToArray<byte>();
            int size = target.Width * target.Height;
            for (int k = 0; k * size < pixels.Length; k++)
                masks.Add(RunLengthMask.FromImage(Image.FromPixels(target.Width, target.Height, 1, pixels.AsSpan(k * size, size))));
        }

        return masks;
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
        return [.. Enumerable.Range(0, sizes.Count)
            .Select(picture => (IReadOnlyList<DetectedBox>)[.. Enumerable.Range(picture * queries, queries).Select(k =>
            new DetectedBox(edges[4 * k], edges[(4 * k) + 1], edges[(4 * k) + 2], edges[(4 * k) + 3], (int)classes[k], chances[k]))])];
    }
}
