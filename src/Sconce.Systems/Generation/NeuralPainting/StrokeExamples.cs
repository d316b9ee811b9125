using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// Strokes as the engine draws them on a black canvas of their own, for renderers to imitate: paint and cover apart. jiupinjia/
/// stylized-neural-painting@e7a66b2 imitator.py, renderer.py <c>random_stroke_params</c>.
/// </summary>
internal static class StrokeExamples
{
    /// <summary>The paint and the cover <c>(N, 3, side, side)</c> of strokes <c>(N, d)</c>.</summary>
    public static StrokeImages Draw(Brush brush, Tensor strokes, int side)
    {
        using var scope = new TensorScope();
        int count = (int)strokes.Size(0), width = brush.Width;
        float[] numbers = strokes.Contiguous().ToArray<float>();
        var foregrounds = new Tensor[count];
        var covers = new Tensor[count];
        for (int k = 0; k < count; k++)
        {
            float[] stroke = numbers[(k * width)..((k + 1) * width)];
            covers[k] = Drawn(brush, stroke, side, asCover: true);
            stroke[^1] = 1; // paint is as it is, however thinly it will cover
            foregrounds[k] = Drawn(brush, stroke, side, asCover: false);
        }

        return scope.Keep(new StrokeImages(Tensor.Stack(foregrounds), Tensor.Stack(covers)));
    }

    private static Tensor Drawn(Brush brush, float[] stroke, int side, bool asCover)
    {
        var engine = new StrokeEngine(side, side, Rgb.Black) { DrawsCover = asCover, DrawsSmallest = true };
        engine.Draw(brush, stroke);
        return engine.ToImage().ToTensor();
    }
}
