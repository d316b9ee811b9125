using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>
/// Statistics of each channel of each picture, and their exchange. 1703.06868 equation 8; naoto0804/pytorch-AdaIN@47950d0 function.py.
/// </summary>
public static class AdaptiveInstanceNorm
{
    /// <summary>Added to variances before the root.</summary>
    public const double Eps = 1e-5;

    /// <summary>The content's features with the style's mean and deviation; <c>(N, C, h, w), (N, C, h', w') -> (N, C, h, w)</c>.</summary>
    public static Tensor Apply(Tensor content, Tensor style, double eps = Eps)
    {
        using var scope = new TensorScope();
        var (mean, deviation) = Statistics(content, eps);
        var (newMean, newDeviation) = Statistics(style, eps);
        return scope.Keep(((content - mean) / deviation * newDeviation) + newMean);
    }

    /// <summary>Mean and deviation over the map, <c>(N, C, h, w) -> 2 x (N, C, 1, 1)</c>; the variance is the unbiased one.</summary>
    /// <exception cref="TorchException">A map of fewer than two cells, which has no unbiased variance.</exception>
    public static (Tensor Mean, Tensor Deviation) Statistics(Tensor features, double eps = Eps)
    {
        if (features.Dimensions != 4 || features.Size(2) * features.Size(3) < 2)
        {
            throw new TorchException(
                $"adaptive instance norm: features [{string.Join(", ", features.Shape.ToArray())}]: (N, C, h, w) of two cells or more");
        }

        using var scope = new TensorScope();
        var cells = features.Flatten(2);
        Tensor mean = cells.Mean([2], keepdim: true), variance = cells.Var([2], unbiased: true, keepdim: true);
        return scope.Keep((mean.Unsqueeze(3), (variance + eps).Sqrt().Unsqueeze(3)));
    }
}
