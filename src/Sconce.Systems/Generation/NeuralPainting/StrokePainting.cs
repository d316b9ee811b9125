using Sconce.Imaging;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>A painting: its strokes in the order in which they are laid.</summary>
/// <param name="Brush">What the numbers of a stroke mean.</param>
/// <param name="Strokes">Vectors, in units of the canvas's shorter side.</param>
/// <param name="Width">Of the canvas in pixels.</param>
/// <param name="Height">Of the canvas in pixels.</param>
/// <param name="Ground">The canvas's own colour.</param>
public sealed record StrokePainting(Brush Brush, IReadOnlyList<float[]> Strokes, int Width, int Height, Rgb Ground)
{
    /// <summary>Draws it; strokes have no resolution, so any size of the same proportions will do.</summary>
    /// <param name="width">In pixels; the canvas's where left out.</param>
    /// <param name="height">In pixels.</param>
    public Image Render(int? width = null, int? height = null)
    {
        var engine = new StrokeEngine(width ?? Width, height ?? Height, Ground);
        foreach (float[] stroke in Strokes) engine.Draw(Brush, stroke);
        return engine.ToImage();
    }
}
