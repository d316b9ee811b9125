using Sconce.Torch;

namespace Sconce.Systems.Analysis.Circuits;

/// <summary>
/// Channels that move independently, turned into red, green and blue as they go together in natural pictures; lucid's color.py.
/// </summary>
public static class NaturalColour
{
    // Rows are red, green, blue: the square root of ImageNet's colour covariance.
    private static readonly double[] Correlation = [0.26, 0.09, 0.02, 0.27, 0, -0.05, 0.27, -0.09, 0.03];

    private static readonly double[] ImageNetMean = [0.48, 0.46, 0.41];

    /// <summary>Linear colour. <c>(N, 3, H, W) -> (N, 3, H, W)</c></summary>
    public static Tensor Correlate(Tensor channels)
    {
        using var scope = new TensorScope();
        var matrix = Tensor.From(Correlation, [3, 3]);
        var largest = matrix.Norm(2, [0]).Max();
        return scope.Keep(Tensor.Einsum("ij,njhw->nihw", [(matrix / largest).To(channels.DType), channels]));
    }

    /// <summary>Colours that can be shown. <c>(N, 3, H, W) -> (N, 3, H, W)</c> in [0, 1]</summary>
    /// <param name="channels">Any numbers.</param>
    /// <param name="decorrelate">Whether they are independent channels.</param>
    /// <param name="sigmoid">
    /// Whether they are squeezed into the range; else they are clipped, around ImageNet's mean where they were independent.
    /// </param>
    public static Tensor Valid(Tensor channels, bool decorrelate = true, bool sigmoid = true)
    {
        using var scope = new TensorScope();
        var linear = decorrelate ? Correlate(channels) : channels;
        if (sigmoid) return scope.Keep(linear.Sigmoid());
        if (decorrelate) linear += Tensor.From(ImageNetMean, [3, 1, 1]).To(linear.DType);
        return scope.Keep(linear.Clamp(0, 1));
    }
}
