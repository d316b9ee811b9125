using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>
/// How unlike two pictures are, pixel by pixel, and how uneven a disparity is. 1806.01260 §3.2;
/// lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029 models/monodepth_layers.py.
/// </summary>
public static class PhotometricError
{
    /// <summary>Structural dissimilarity, <c>(1 - SSIM) / 2</c>: <c>(N, C, H, W) x 2 -> (N, C, H, W)</c> in [0, 1].</summary>
    /// <param name="x">In [0, 1].</param>
    /// <param name="y">In [0, 1].</param>
    /// <param name="c1">Steadies the ratio of means.</param>
    /// <param name="c2">Steadies the ratio of variances.</param>
    /// <param name="window">The side of the square that is compared, odd.</param>
    public static Tensor Dissimilarity(Tensor x, Tensor y, double c1 = 1e-4, double c2 = 9e-4, int window = 3)
    {
        using var scope = new TensorScope();
        x = Mirrored(x);
        y = Mirrored(y);
        Tensor meanX = Mean(x), meanY = Mean(y);
        Tensor varianceX = Mean(x * x) - (meanX * meanX), varianceY = Mean(y * y) - (meanY * meanY);
        var covariance = Mean(x * y) - (meanX * meanY);
        var numerator = ((meanX * meanY * 2) + c1) * ((covariance * 2) + c2);
        var denominator = ((meanX * meanX) + (meanY * meanY) + c1) * (varianceX + varianceY + c2);
        return scope.Keep(((1 - (numerator / denominator)) / 2).Clamp(0, 1));

        Tensor Mirrored(Tensor picture) => picture.ReflectionPad2d([window / 2, window / 2, window / 2, window / 2]);

        Tensor Mean(Tensor values) => values.AvgPool2d([window, window], [1, 1]);
    }

    /// <summary>0.85 of the dissimilarity and 0.15 of the absolute difference: <c>(N, C, H, W) x 2 -> (N, 1, H, W)</c>.</summary>
    /// <param name="picture">What was made.</param>
    /// <param name="target">What it should be.</param>
    /// <param name="withStructure">False for the absolute difference alone.</param>
    public static Tensor Compute(Tensor picture, Tensor target, bool withStructure = true)
    {
        using var scope = new TensorScope();
        var difference = (target - picture).Abs().Mean([1], keepdim: true);
        if (!withStructure) return scope.Keep(difference);
        return scope.Keep((Dissimilarity(picture, target).Mean([1], keepdim: true) * 0.85) + (difference * 0.15));
    }

    /// <summary>How uneven a disparity is where the picture is even, <c>()</c>.</summary>
    /// <param name="disparity"><c>(N, 1, H, W)</c></param>
    /// <param name="picture"><c>(N, C, H, W)</c></param>
    public static Tensor Unevenness(Tensor disparity, Tensor picture)
    {
        using var scope = new TensorScope();
        return scope.Keep(Along(3) + Along(2));

        Tensor Along(int dimension)
        {
            var edges = Steps(picture, dimension).Mean([1], keepdim: true);
            return (Steps(disparity, dimension) * (-edges).Exp()).Mean();
        }
    }

    /// <summary>The disparity over its mean, so that unevenness does not shrink with it.</summary>
    public static Tensor Normalized(Tensor disparity)
    {
        using var scope = new TensorScope();
        return scope.Keep(disparity / (disparity.Mean([2, 3], keepdim: true) + 1e-7));
    }

    private static Tensor Steps(Tensor map, int dimension)
    {
        long count = map.Size(dimension) - 1;
        return (map.Narrow(dimension, 0, count) - map.Narrow(dimension, 1, count)).Abs();
    }
}
