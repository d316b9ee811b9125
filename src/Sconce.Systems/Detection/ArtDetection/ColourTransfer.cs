using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>
/// Gives a picture another's colours: means, deviations and correlations of the three channels (CORAL, 1511.05547);
/// naoto0804/pytorch-AdaIN@47950d0 function.py <c>coral</c>.
/// </summary>
public static class ColourTransfer
{
    /// <summary>The source with the target's colours; <c>(3, H, W), (3, H', W') -> (3, H, W)</c>.</summary>
    /// <exception cref="TorchException">Other shapes.</exception>
    public static Tensor Apply(Tensor source, Tensor target)
    {
        using var scope = new TensorScope();
        var (from, _, _) = Standardized(source);
        var (to, mean, deviation) = Standardized(target);
        var whitened = Functional.LinalgInv(Root(Scatter(from))).Matmul(from);
        return scope.Keep(((Root(Scatter(to)).Matmul(whitened) * deviation) + mean).Reshape(source.Shape));
    }

    private static (Tensor Pixels, Tensor Mean, Tensor Deviation) Standardized(Tensor picture)
    {
        if (picture.Dimensions != 3 || picture.Size(0) != 3)
        {
            throw new TorchException(
                $"colour transfer: a picture [{string.Join(", ", picture.Shape.ToArray())}], but (3, H, W) is expected");
        }

        var pixels = picture.Flatten(1); // (3, H·W)
        Tensor mean = pixels.Mean([1], keepdim: true), deviation = pixels.Std([1], unbiased: true, keepdim: true);
        return ((pixels - mean) / deviation, mean, deviation);
    }

    /// <summary>Products of the channels over all pixels, and the identity, so that it has an inverse: <c>(3, 3)</c>.</summary>
    private static Tensor Scatter(Tensor pixels) => pixels.Matmul(pixels.T()) + Tensor.Eye(3).To(pixels.Device, pixels.DType);

    private static Tensor Root(Tensor matrix)
    {
        var (u, s, v) = Functional.LinalgSvd(matrix);
        return u.Matmul(s.Sqrt().Diag()).Matmul(v);
    }
}
