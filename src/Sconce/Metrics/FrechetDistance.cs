using Sconce.Torch;

namespace Sconce.Metrics;

/// <summary>The mean and covariance of features, gathered batch by batch in double precision.</summary>
public sealed class FeatureStatistics : IDisposable
{
    private readonly Tensor mean;
    private readonly Tensor deviations;

    /// <summary>Nothing gathered yet.</summary>
    /// <param name="width">Numbers a feature, D.</param>
    public FeatureStatistics(int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        using var scope = new TensorScope();
        mean = scope.KeepForever(Tensor.Zeros([width], DType.Float64));
        deviations = scope.KeepForever(Tensor.Zeros([width, width], DType.Float64));
    }

    /// <summary>Those of features <c>(N, D)</c>.</summary>
    public static FeatureStatistics Of(Tensor features)
    {
        var gathered = new FeatureStatistics((int)features.Size(1));
        gathered.Add(features);
        return gathered;
    }

    /// <summary>Features gathered, N.</summary>
    public long Count { get; private set; }

    /// <summary>Adds features <c>(n, D)</c>.</summary>
    /// <remarks>
    /// Each batch is centred before it is multiplied, and batches are joined by their means (Chan, Golub, LeVeque 1979, eq. 2.1): sums of
    /// raw
    /// products cancel where features lie far from zero.
    /// </remarks>
    public void Add(Tensor features)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        if (features.Dimensions != 2 || features.Size(1) != mean.Size(0))
        {
            string shape = string.Join(", ", features.Shape.ToArray());
            throw new TorchException($"feature statistics: features of shape [{shape}], where (n, {mean.Size(0)}) are wanted");
        }

        long added = features.Size(0), all = Count + added;
        if (added == 0) return;
        var numbers = features.To(Device.Cpu, DType.Float64);
        var center = numbers.Mean([0L]);
        var centred = numbers - center;
        var between = center - mean;
        deviations.AddInPlace(centred.T().Matmul(centred));
        deviations.AddInPlace(between.Unsqueeze(1) * between * ((double)Count * added / all));
        mean.AddInPlace(between * ((double)added / all));
        Count = all;
    }

    /// <summary><c>(D)</c></summary>
    public Tensor Mean() => mean.Clone();

    /// <summary>The unbiased covariance <c>(D, D)</c>, divided by N − 1 as <c>numpy.cov</c>.</summary>
    /// <exception cref="InvalidOperationException">Fewer than two features.</exception>
    public Tensor Covariance()
    {
        if (Count < 2) throw new InvalidOperationException($"feature statistics: a covariance takes two features at least, not {Count}");
        return deviations / (Count - 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        mean.Dispose();
        deviations.Dispose();
    }
}

/// <summary>
/// Fréchet's distance of two normal distributions, squared: <c>|μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁Σ₂)^½)</c>. With Inception's features it is
/// the FID of 1706.08500; with another network's it is comparable only with itself.
/// </summary>
public static class FrechetDistance
{
    /// <summary>The distance of what two sets of features gathered.</summary>
    public static double Of(FeatureStatistics first, FeatureStatistics second)
    {
        using var scope = new TensorScope();
        return Of(first.Mean(), first.Covariance(), second.Mean(), second.Covariance());
    }

    /// <summary>The distance of two means <c>(D)</c> and covariances <c>(D, D)</c>; 0 for equal ones, but for rounding.</summary>
    public static double Of(Tensor mean1, Tensor covariance1, Tensor mean2, Tensor covariance2)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        // tr (Σ₁Σ₂)^½ = tr (Σ₁^½ Σ₂ Σ₁^½)^½, which is symmetric: no complex roots to be cut off.
        var (values, vectors) = covariance1.To(DType.Float64).LinalgEigh();
        var root = (vectors * values.ClampMin(0).Sqrt()).Matmul(vectors.T());
        var product = root.Matmul(covariance2.To(DType.Float64)).Matmul(root);
        var trace = ((product + product.T()) / 2).LinalgEigvalsh().ClampMin(0).Sqrt().Sum();
        var difference = mean1.To(DType.Float64) - mean2.To(DType.Float64);
        // Rounding may leave less than nothing of equal distributions.
        return Math.Max(((difference * difference).Sum() + covariance1.Trace() + covariance2.Trace() - (trace * 2)).Item<double>(), 0);
    }
}
