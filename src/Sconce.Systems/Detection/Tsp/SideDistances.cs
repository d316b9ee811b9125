using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>Boxes as distances from one point to their left, top, right and bottom sides. 1904.01355 §3.1.</summary>
internal static class SideDistances
{
    /// <summary>
    /// Generalised IoU of boxes around the same points, with one unit added to both areas of the IoU; <c>(P, 4), (P, 4) -> (P)</c>.
    /// 1902.09630;
    /// Edward-Sun/TSP-Detection@1b8a503 fcos/my_fcos_outputs.py <c>IOULoss</c>.
    /// </summary>
    internal static Tensor GeneralizedIou(Tensor a, Tensor b)
    {
        using var scope = new TensorScope();
        Tensor inner = a.Minimum(b), outer = a.Maximum(b);
        var shared = Area(inner);
        var union = Area(a) + Area(b) - shared;
        var hull = Area(outer);
        return scope.Keep(((shared + 1) / (union + 1)) - ((hull - union) / hull));
    }

    /// <summary>How central a point is in its box, 1 in the middle and 0 at a side; <c>(P, 4) -> (P)</c>. 1904.01355 equation 3.</summary>
    internal static Tensor Centreness(Tensor sides)
    {
        using var scope = new TensorScope();
        Tensor across = sides[.., TensorIndex.Slice(0, null, 2)], down = sides[.., TensorIndex.Slice(1, null, 2)];
        return scope.Keep((Evenness(across) * Evenness(down)).Sqrt());
    }

    /// <summary>Corners: <c>locations (…, 2), sides in pixels (…, 4) -> (…, 4)</c>.</summary>
    internal static Tensor ToCorners(Tensor locations, Tensor sides)
    {
        using var scope = new TensorScope();
        return scope.Keep(Tensor.Cat([locations - sides[TensorIndex.Ellipsis, ..2], locations + sides[TensorIndex.Ellipsis, 2..]], -1));
    }

    private static Tensor Evenness(Tensor pair) => pair.Amin([1]) / pair.Amax([1]);

    private static Tensor Area(Tensor sides) => (sides[.., 0] + sides[.., 2]) * (sides[.., 1] + sides[.., 3]);
}
