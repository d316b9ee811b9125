using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>Differences of pictures, pixel by pixel. jiupinjia/stylized-neural-painting@e7a66b2 loss.py <c>PixelLoss</c>.</summary>
public static class PaintingLosses
{
    /// <summary>The mean of <c>|canvas − target|</c> to a power.</summary>
    /// <param name="canvas"><c>(N, C, H, W)</c></param>
    /// <param name="target">Of the same shape.</param>
    /// <param name="power">1 for absolute differences, 2 for squared ones.</param>
    /// <param name="ignoreColour">Whether only the mean of the channels counts.</param>
    public static Tensor Pixels(Tensor canvas, Tensor target, double power = 1, bool ignoreColour = false)
    {
        using var scope = new TensorScope();
        if (ignoreColour) (canvas, target) = (canvas.Mean([1]), target.Mean([1]));
        var difference = (canvas - target).Abs();
        return scope.Keep((power == 1 ? difference : difference.Pow(power)).Mean());
    }
}
