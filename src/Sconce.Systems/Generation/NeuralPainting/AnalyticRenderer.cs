using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// Draws strokes by formula, with soft edges that have a gradient: it takes a trained renderer's place, needs no weights, and works at any
/// size. Not the paper's. The pressure of bristles is left to <see cref="StrokeEngine"/>.
/// </summary>
/// <param name="brush">What kind of stroke.</param>
/// <param name="side">The side of its canvas in pixels.</param>
/// <param name="sharpness">How steep edges are: of a sigmoid over distances in canvas sides.</param>
public sealed class AnalyticRenderer(Brush brush, int side, double sharpness = 40) : StrokeRenderer(brush, side)
{
    private const int Stations = 12;

    /// <inheritdoc/>
    protected override StrokeImages Draw(Tensor strokes)
    {
        var centres = (Tensor.Arange(Side, dtype: strokes.DType, device: strokes.Device) + 0.5) / Side;
        Tensor x = centres.Reshape([1, 1, -1]), y = centres.Reshape([1, -1, 1]); // of pixels; strokes along the first dimension
        var (mask, along) = Brush.Curved ? Curve(strokes, x, y) : Box(strokes, x, y);
        var first = Colour(strokes, Brush.ShapeWidth);
        var paint = Brush.ColourWidth == 3
            ? first.Expand([-1, -1, Side, Side])
            : (first * (1 - along.Unsqueeze(1))) + (Colour(strokes, Brush.ShapeWidth + 3) * along.Unsqueeze(1));
        var cover = Brush.Opaque ? mask : mask * Number(strokes, Brush.Width - 1);
        return new(paint, cover.Unsqueeze(1).Expand([-1, 3, -1, -1]));
    }

    /// <summary>A turned rectangle: how far inside each pixel lies, and how far down its height, from 0 to 1.</summary>
    private (Tensor Mask, Tensor Along) Box(Tensor strokes, Tensor x, Tensor y)
    {
        Tensor dx = x - Number(strokes, 0), dy = y - Number(strokes, 1), angle = Number(strokes, 4) * Math.PI;
        double share = Brush.Opaque ? 0.5 : 0.25; // an oil stroke's numbers are its sides, a tape's twice its half sides
        Tensor halfWidth = Number(strokes, 2) * share, halfHeight = Number(strokes, 3) * share, cos = angle.Cos(), sin = angle.Sin();
        // The official engine turns brushes with the clock, rectangles against it.
        if (Brush.Opaque) sin = -sin;
        Tensor across = (dx * cos) - (dy * sin), down = (dx * sin) + (dy * cos);
        var mask = Edge(halfWidth - across.Abs()) * Edge(halfHeight - down.Abs());
        return (mask, ((down / (halfHeight + 1e-3)).Clamp(-1.0, 1.0) + 1) / 2);
    }

    /// <summary>A swept circle, or for a marker a swept square: the same.</summary>
    private (Tensor Mask, Tensor Along) Curve(Tensor strokes, Tensor x, Tensor y)
    {
        var t = Tensor.Arange(Stations, dtype: strokes.DType, device: strokes.Device) / (Stations - 1); // (K)
        Tensor At(Tensor first, Tensor relative, Tensor last)
        {
            var middle = first + ((last - first) * relative);
            return ((1 - t).Square() * first) + (2 * t * (1 - t) * middle) + (t.Square() * last); // (N, K)
        }

        Tensor Column(int place) => strokes[.., place].Unsqueeze(1);
        Tensor px = At(Column(0), Column(2), Column(4)), py = At(Column(1), Column(3), Column(5));
        var radius = Brush.ColourWidth == 3 ? Column(6) + (0 * t) : (Column(6) * (1 - t)) + (Column(7) * t);
        Tensor dx = x.Unsqueeze(1) - Map(px), dy = y.Unsqueeze(1) - Map(py);
        var inside = Map(radius / 4) - (dx.Square() + dy.Square() + 1e-8).Sqrt(); // (N, K, s, s)
        var share = (inside * sharpness * 4).Softmax(1);
        return (Edge(inside.Amax([1])), (share * t.Reshape([1, -1, 1, 1])).Sum([1]));

        static Tensor Map(Tensor numbers) => numbers.Unsqueeze(-1).Unsqueeze(-1);
    }

    private Tensor Edge(Tensor inside) => (inside * sharpness).Sigmoid();

    private static Tensor Number(Tensor strokes, int place) => strokes[.., place].Reshape([-1, 1, 1]);

    private static Tensor Colour(Tensor strokes, int place) => strokes[.., place..(place + 3)].Unsqueeze(-1).Unsqueeze(-1);
}
