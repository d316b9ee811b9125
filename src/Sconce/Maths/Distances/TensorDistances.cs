using Sconce.Torch;

namespace Sconce.Maths.Distances;

/// <summary>The measures as tensors, on the tape: rows at the same place, shapes broadcast, <c>(…, D), (…, D) -> (…)</c>.</summary>
public static class TensorDistances
{
    /// <summary>The straight line; its gradient is 0 where the rows are equal.</summary>
    public static Tensor Euclidean(Tensor a, Tensor b) => Minkowski(a, b, 2);

    /// <summary>Along a grid.</summary>
    public static Tensor Manhattan(Tensor a, Tensor b) => Minkowski(a, b, 1);

    /// <summary>The largest difference.</summary>
    public static Tensor Chebyshev(Tensor a, Tensor b)
    {
        using var scope = new TensorScope();
        return scope.Keep((a - b).Abs().Amax([-1L]));
    }

    /// <summary>The family, p above 0.</summary>
    public static Tensor Minkowski(Tensor a, Tensor b, double p)
    {
        if (double.IsPositiveInfinity(p)) return Chebyshev(a, b);
        using var scope = new TensorScope();
        return scope.Keep((a - b).Norm(p, [-1L]));
    }

    /// <summary>The cosine of the angle, in [-1, 1]; NaN for a row of zeros.</summary>
    public static Tensor CosineSimilarity(Tensor a, Tensor b)
    {
        using var scope = new TensorScope();
        return scope.Keep((a * b).Sum([-1L]) / (a.Norm(2, [-1L]) * b.Norm(2, [-1L])));
    }

    /// <summary>Along a sphere, rows of latitude and longitude in radians; its gradient is 0 where the rows are equal.</summary>
    /// <param name="a"><c>(…, 2)</c></param>
    /// <param name="b"><c>(…, 2)</c></param>
    /// <param name="radius">Of the sphere.</param>
    public static Tensor Haversine(Tensor a, Tensor b, double radius = Distances.Haversine.EarthKilometres)
    {
        using var scope = new TensorScope();
        Tensor north = a[TensorIndex.Ellipsis, 0], south = b[TensorIndex.Ellipsis, 0];
        var east = a[TensorIndex.Ellipsis, 1] - b[TensorIndex.Ellipsis, 1];
        var share = ((north - south) / 2).Sin().Square() + (north.Cos() * south.Cos() * (east / 2).Sin().Square());
        var apart = (share > 0).To(share.DType);
        var safe = share + ((1 - apart) * 0.5); // the root of 0 has no gradient: a place that does not count is put there
        return scope.Keep(safe.Clamp(0, 1).Sqrt().Asin() * apart * (2 * radius));
    }
}
