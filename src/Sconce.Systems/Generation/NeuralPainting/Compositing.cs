using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>How strokes come onto the canvas. jiupinjia/stylized-neural-painting@e7a66b2 morphology.py, painter.py.</summary>
public static class Compositing
{
    /// <summary>The largest number within <paramref name="reach"/> cells, <c>(N, C, H, W)</c>; beyond the edge there is nothing.</summary>
    public static Tensor Dilate(Tensor maps, int reach = 1) => maps.MaxPool2d([(2 * reach) + 1, (2 * reach) + 1], [1, 1], [reach, reach]);

    /// <summary>The smallest number within <paramref name="reach"/> cells, <c>(N, C, H, W)</c>; beyond the edge there is nothing.</summary>
    public static Tensor Erode(Tensor maps, int reach = 1)
    {
        using var scope = new TensorScope();
        return scope.Keep(-Dilate(-maps, reach));
    }

    /// <summary>
    /// Paint spread by a cell, cover drawn in by one, so that no stroke shows the black around it; then each over what lies there:
    /// <c>canvas ← foreground · alpha + canvas · (1 − alpha)</c>. 2011.08114 equation 1.
    /// </summary>
    /// <param name="foregrounds"><c>(patches, strokes, 3, s, s)</c></param>
    /// <param name="alphas"><c>(patches, strokes, 3, s, s)</c></param>
    /// <param name="canvas"><c>(patches, 3, s, s)</c></param>
    /// <param name="reach">Cells; 0 leaves the strokes as they are.</param>
    /// <returns>The canvas, <c>(patches, 3, s, s)</c>.</returns>
    public static Tensor Paint(Tensor foregrounds, Tensor alphas, Tensor canvas, int reach = 1)
    {
        using var scope = new TensorScope();
        var paint = Dilate(foregrounds.Flatten(0, 1), reach).Reshape(foregrounds.Shape);
        var cover = Erode(alphas.Flatten(0, 1), reach).Reshape(alphas.Shape);
        for (int k = 0; k < paint.Size(1); k++)
        {
            var alpha = cover[.., k];
            canvas = (paint[.., k] * alpha) + (canvas * (1 - alpha));
        }

        return scope.Keep(canvas);
    }
}
