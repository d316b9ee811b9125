using Sconce.Torch;

namespace Sconce.Systems.Detection.Anomaly;

/// <summary>
/// One Gaussian for each position of a grid of features (PaDiM; 2011.08785 §III-B, anomalib@161bb36 <c>MultiVariateGaussian</c>):
/// unbiased covariance with 0.01
/// on its diagonal. Of fewer pictures than channels, a covariance is the diagonal and the span of the pictures' deviations: that span is
/// kept, not the
/// matrix, which says the same in a fraction of the memory (29 of 550 rows for thirty pictures).
/// </summary>
public sealed class PatchGaussians : IDisposable
{
    /// <summary>The method's 0.01, and 1e-5 before the inversion.</summary>
    public const double Ridge = 0.01 + 1e-5;

    /// <summary>Cells that are worked on at once: 8 MiB, of which a few are held, in fitting twice as wide.</summary>
    private const long MostCells = 2 << 20;

    private const double Negligible = 1e-6;

    /// <summary>From what a file holds.</summary>
    /// <param name="mean"><c>(HW, C)</c></param>
    /// <param name="axes"><c>(HW, R, C)</c>: orthonormal directions; zeros where a direction is none.</param>
    /// <param name="weights"><c>(HW, R)</c>: the inverse variance along each.</param>
    internal PatchGaussians(Tensor mean, Tensor axes, Tensor weights) => (Mean, Axes, Weights) = (mean, axes, weights);

    /// <summary><c>(HW, C)</c></summary>
    public Tensor Mean { get; }

    /// <summary>Directions in which the pictures vary; <c>(HW, R, C)</c>, R at most the channels.</summary>
    public Tensor Axes { get; }

    /// <summary>The inverse variance along each direction; <c>(HW, R)</c>. Along all others it is 1 / <see cref="Ridge"/>.</summary>
    public Tensor Weights { get; }

    /// <summary>Bytes that it holds.</summary>
    public long Bytes => 4 * (Mean.Elements + Axes.Elements + Weights.Elements);

    /// <summary>Fits one to features.</summary>
    /// <param name="features"><c>(N, HW, C)</c>, two pictures at least.</param>
    /// <param name="progress">Told how many positions are done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArgumentException">Fewer than two pictures.</exception>
    public static PatchGaussians Fit(Tensor features, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        var fitted = Fit(features.Unbind(0), progress, cancellation);
        scope.Keep((fitted.Mean, fitted.Axes, fitted.Weights));
        return fitted;
    }

    /// <summary>Fits one to pictures' features, <c>(HW, C)</c> each, which are not laid together: that would be all of them once
    /// more.</summary>
    internal static PatchGaussians Fit(IReadOnlyList<Tensor> pictures, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int count = pictures.Count;
        if (count < 2) throw new ArgumentException($"a covariance takes two pictures at least, not {count}");
        long positions = pictures[0].Size(0), channels = pictures[0].Size(1);
        using var scope = new TensorScope();
        using var inference = Gradients.Off();
        bool few = count - 1 < channels;
        long rank = few ? count : channels, block = Math.Max(1, MostCells / (channels * rank));
        var mean = Tensor.Empty([positions, channels], DType.Float32);
        var axes = Tensor.Empty([positions, rank, channels], DType.Float32);
        var weights = Tensor.Empty([positions, rank], DType.Float32);
        for (long start = 0; start < positions; start += block)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = new TensorScope();
            long here = Math.Min(block, positions - start);
            var features = Tensor.Stack([.. pictures.Select(picture => picture.Narrow(0, start, here))], 1); // (here, N, C)
            var middle = features.Mean([1L], true);
            mean.Narrow(0, start, here).CopyInPlace(middle.Squeeze(1));
            var centred = features - middle;
            var (directions, variances) = few ? OfPictures(centred) : OfChannels(centred);
            axes.Narrow(0, start, here).CopyInPlace(directions);
            weights.Narrow(0, start, here).CopyInPlace((variances + Ridge).Reciprocal());
            progress?.Report(new WorkProgress("fitting positions", start + here, positions));
        }

        return new PatchGaussians(scope.Keep(mean), scope.Keep(axes), scope.Keep(weights));
    }

    /// <summary>How far features lie from their position's normal: <c>(N, HW, C) -> (N, HW)</c>, Mahalanobis' distance.</summary>
    public Tensor Distance(Tensor features)
    {
        using var scope = new TensorScope();
        long positions = Mean.Size(0), block = Math.Max(1, MostCells / Math.Max(1, features.Size(0) * features.Size(2)));
        var parts = new List<Tensor>();
        for (long start = 0; start < positions; start += block)
        {
            using var inner = new TensorScope();
            long here = Math.Min(block, positions - start);
            var away = (features.Narrow(1, start, here) - Mean.Narrow(0, start, here)).Transpose(0, 1); // (here, N, C)
            var directions = Axes.Narrow(0, start, here);
            var along = away.Bmm(directions.Transpose(1, 2)); // (here, N, R)
            // What no direction explains, by itself: a difference of two large squares would lose its digits.
            var rest = (away - along.Bmm(directions)).Square().Sum([2L]) * (1 / Ridge);
            var squares = (along.Square() * Weights.Narrow(0, start, here).Unsqueeze(1)).Sum([2L]) + rest;
            parts.Add(inner.Keep(squares.ClampMin(0).Sqrt().Transpose(0, 1)));
        }

        return scope.Keep(Tensor.Cat([.. parts], 1));
    }

    /// <summary>The inverse covariances, <c>(HW, C, C)</c>: as large as they are in the straight form.</summary>
    public Tensor InverseCovariances()
    {
        using var scope = new TensorScope();
        var scaled = Axes * (Weights - (1 / Ridge)).Unsqueeze(2);
        var rest = Tensor.Eye(Mean.Size(1)).To(Mean.Device) * (1 / Ridge);
        return scope.Keep(Axes.Transpose(1, 2).Bmm(scaled) + rest);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mean.Dispose();
        Axes.Dispose();
        Weights.Dispose();
    }

    /// <summary>Directions from the pictures' products: X = U s V', and X X' = U s² U'.</summary>
    private static (Tensor Directions, Tensor Variances) OfPictures(Tensor centred)
    {
        long count = centred.Size(1);
        var exact = centred.To(DType.Float64);
        var (squares, left) = exact.Bmm(exact.Transpose(1, 2)).LinalgEigh(); // (here, N), (here, N, N)
        var lengths = squares.ClampMin(0).Sqrt();
        var kept = lengths > (lengths.Amax([1L], true) * Negligible).ClampMin(1e-12);
        var inverse = lengths.ClampMin(1e-12).Reciprocal() * kept.To(DType.Float64);
        var directions = left.Transpose(1, 2).Bmm(exact) * inverse.Unsqueeze(2);
        return (directions.Float(), (squares.ClampMin(0) / (count - 1)).Float());
    }

    private static (Tensor Directions, Tensor Variances) OfChannels(Tensor centred)
    {
        var exact = centred.To(DType.Float64);
        var (variances, vectors) = (exact.Transpose(1, 2).Bmm(exact) / (centred.Size(1) - 1)).LinalgEigh();
        return (vectors.Transpose(1, 2).Float(), variances.ClampMin(0).Float());
    }
}
