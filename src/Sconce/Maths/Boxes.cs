using Sconce.Torch;

namespace Sconce.Maths;

/// <summary>
/// Boxes as tensors <c>(…, 4)</c>, on the tape: corners are left, top, right, bottom; centres are centre x, centre y, width, height.
/// Formulas of 1902.09630 (generalised IoU) as facebookresearch/detr@29901c51 util/box_ops.py has them.
/// </summary>
public static class Boxes
{
    /// <summary>Centre, width and height to corners; <c>(…, 4) -> (…, 4)</c>.</summary>
    /// <exception cref="TorchException">The last dimension is not 4.</exception>
    public static Tensor ToCorners(Tensor centres)
    {
        using var scope = new TensorScope();
        Verify(centres, "boxes to corners");
        Tensor middle = centres[TensorIndex.Ellipsis, ..2], half = centres[TensorIndex.Ellipsis, 2..] * 0.5;
        return scope.Keep(Tensor.Cat([middle - half, middle + half], -1));
    }

    /// <summary>Corners to centre, width and height; <c>(…, 4) -> (…, 4)</c>.</summary>
    /// <exception cref="TorchException">The last dimension is not 4.</exception>
    public static Tensor ToCentres(Tensor corners)
    {
        using var scope = new TensorScope();
        Verify(corners, "boxes to centres");
        Tensor first = corners[TensorIndex.Ellipsis, ..2], last = corners[TensorIndex.Ellipsis, 2..];
        return scope.Keep(Tensor.Cat([(first + last) * 0.5, last - first], -1));
    }

    /// <summary>Width times height of corner boxes; <c>(…, 4) -> (…)</c>.</summary>
    public static Tensor Area(Tensor corners)
    {
        using var scope = new TensorScope();
        Verify(corners, "box area");
        var size = corners[TensorIndex.Ellipsis, 2..] - corners[TensorIndex.Ellipsis, ..2];
        return scope.Keep(size[TensorIndex.Ellipsis, 0] * size[TensorIndex.Ellipsis, 1]);
    }

    /// <summary>Intersection over union of every pair of corner boxes; <c>(N, 4), (M, 4) -> (N, M)</c> in [0, 1].</summary>
    public static Tensor PairwiseIou(Tensor a, Tensor b)
    {
        using var scope = new TensorScope();
        return scope.Keep(Overlap(a.Unsqueeze(1), b.Unsqueeze(0)).Iou);
    }

    /// <summary>Generalised IoU of every pair of corner boxes, IoU less the share of the hull that neither covers;
    /// <c>(N, 4), (M, 4) -> (N, M)</c> in (-1, 1].</summary>
    public static Tensor PairwiseGeneralizedIou(Tensor a, Tensor b)
    {
        using var scope = new TensorScope();
        return scope.Keep(GeneralizedIou(a.Unsqueeze(1), b.Unsqueeze(0)));
    }

    /// <summary>Generalised IoU of corner boxes that stand at the same place; <c>(…, 4), (…, 4) -> (…)</c>, shapes broadcast.</summary>
    public static Tensor GeneralizedIou(Tensor a, Tensor b)
    {
        using var scope = new TensorScope();
        var (iou, union) = Overlap(a, b);
        var hull = a[TensorIndex.Ellipsis, 2..].Maximum(b[TensorIndex.Ellipsis, 2..])
            - a[TensorIndex.Ellipsis, ..2].Minimum(b[TensorIndex.Ellipsis, ..2]);
        hull = hull.ClampMin(0);
        var area = hull[TensorIndex.Ellipsis, 0] * hull[TensorIndex.Ellipsis, 1];
        return scope.Keep(iou - ((area - union) / area));
    }

    private static (Tensor Iou, Tensor Union) Overlap(Tensor a, Tensor b)
    {
        using var scope = new TensorScope();
        var shared = a[TensorIndex.Ellipsis, 2..].Minimum(b[TensorIndex.Ellipsis, 2..])
            - a[TensorIndex.Ellipsis, ..2].Maximum(b[TensorIndex.Ellipsis, ..2]);
        shared = shared.ClampMin(0);
        var intersection = shared[TensorIndex.Ellipsis, 0] * shared[TensorIndex.Ellipsis, 1];
        var union = Area(a) + Area(b) - intersection;
        return scope.Keep((intersection / union, union));
    }

    private static void Verify(Tensor boxes, string operation)
    {
        if (boxes.Dimensions == 0 || boxes.Size(-1) != 4)
            throw new TorchException($"{operation}: a tensor of shape [{string.Join(", ", boxes.Shape.ToArray())}], but boxes have four "
                + $"numbers in the last dimension");
    }
}
