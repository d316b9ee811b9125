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
    /// <summary>A brush of one's own, for strokes of oil.</summary>
    public PictureMark? Mark { get; init; }

    /// <summary>Draws it; strokes have no resolution, so any size of the same proportions will do.</summary>
    /// <param name="width">In pixels; the canvas's where left out.</param>
    /// <param name="height">In pixels.</param>
    public Image Render(int? width = null, int? height = null)
    {
        var engine = Engine(width ?? Width, height ?? Height);
        foreach (float[] stroke in Strokes) engine.Draw(Brush, stroke);
        return engine.ToImage();
    }

    /// <summary>Draws it stroke by stroke: the empty canvas, then as many pictures as asked for, the last of the whole.</summary>
    /// <param name="count">Of pictures after the empty one; with fewer strokes some are alike.</param>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels.</param>
    public IEnumerable<Image> Stages(int count, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var engine = Engine(width, height);
        yield return engine.ToImage();
        int laid = 0;
        for (int stage = 1; stage <= count; stage++)
        {
            for (int until = (int)((long)Strokes.Count * stage / count); laid < until; laid++) engine.Draw(Brush, Strokes[laid]);
            yield return engine.ToImage();
        }
    }

    private StrokeEngine Engine(int width, int height) => new(width, height, Ground) { Mark = Mark };
}
