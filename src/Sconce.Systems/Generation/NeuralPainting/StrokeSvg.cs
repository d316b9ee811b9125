using System.Globalization;
using System.Text;
using Sconce.Imaging;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>A painting as vectors that any browser or drawing program shows.</summary>
public static class StrokeSvg
{
    private const int Outline = 16;

    /// <summary>The whole file.</summary>
    /// <param name="painting">What was painted.</param>
    public static string Write(StrokePainting painting)
    {
        int unit = Math.Min(painting.Width, painting.Height);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {painting.Width} {painting.Height}\">\n");
        text.Append(CultureInfo.InvariantCulture, $"<rect width=\"100%\" height=\"100%\" fill=\"{painting.Ground}\"/>\n");
        foreach (var (number, stroke) in painting.Strokes.Index())
        {
            if (StrokeEngine.IsDrawn(painting.Brush, stroke)) Append(text, painting.Brush, stroke, unit, number);
        }

        return text.Append("</svg>\n").ToString();
    }

    private static void Append(StringBuilder text, Brush brush, float[] stroke, int unit, int number)
    {
        string fill = Colour(stroke, brush.ShapeWidth);
        var corners = brush.Curved ? Curve(brush, stroke, unit) : Box(brush, stroke, unit);
        if (brush.ColourWidth == 6)
        {
            var (from, to) = (Middle(corners, first: true), Middle(corners, first: false));
            string second = Colour(stroke, brush.ShapeWidth + 3);
            text.Append(
                CultureInfo.InvariantCulture,
                $"<linearGradient id=\"g{number}\" gradientUnits=\"userSpaceOnUse\" "
                + $"x1=\"{from.X:0.#}\" y1=\"{from.Y:0.#}\" x2=\"{to.X:0.#}\" y2=\"{to.Y:0.#}\">"
                + $"<stop stop-color=\"{fill}\"/><stop offset=\"1\" stop-color=\"{second}\"/></linearGradient>\n");
            fill = $"url(#g{number})";
        }

        string points = string.Join(
            ' ', corners.Select(corner => string.Create(CultureInfo.InvariantCulture, $"{corner.X:0.#},{corner.Y:0.#}")));
        double opacity = brush.Opaque ? 1 : stroke[^1];
        text.Append(CultureInfo.InvariantCulture, $"<polygon points=\"{points}\" fill=\"{fill}\" fill-opacity=\"{opacity:0.##}\"/>\n");
    }

    /// <summary>The upper corners first, so that colours run from the first half to the second.</summary>
    private static StrokePoint[] Box(Brush brush, float[] stroke, int unit)
    {
        double share = brush.Opaque ? 0.5 : 0.25, angle = Math.PI * stroke[4] * (brush.Opaque ? -1 : 1);
        var centre = new StrokePoint(stroke[0] * unit, stroke[1] * unit);
        return StrokePoint.Box(centre, stroke[2] * unit * share, stroke[3] * unit * share, angle);
    }

    /// <summary>Along one side and back along the other.</summary>
    private static StrokePoint[] Curve(Brush brush, float[] stroke, int unit)
    {
        var curve = new StrokeCurve(stroke, unit);
        var stations = Enumerable.Range(0, Outline + 1).Select(k => curve.At(k * StrokeCurve.Steps / Outline)).ToArray();
        var sides = stations.Select((place, k) =>
        {
            StrokePoint before = stations[Math.Max(0, k - 1)], after = stations[Math.Min(Outline, k + 1)];
            double dx = after.X - before.X, dy = after.Y - before.Y, length = Math.Max(double.Hypot(dx, dy), 1e-9), t = k / (double)Outline;
            double radius = brush.ColourWidth == 3 ? curve.FirstRadius : ((1 - t) * curve.FirstRadius) + (t * curve.LastRadius);
            double x = -dy / length * radius, y = dx / length * radius;
            return (Left: new StrokePoint(place.X + x, place.Y + y), Right: new StrokePoint(place.X - x, place.Y - y));
        }).ToList();
        var back = sides.Skip(1).Reverse().Select(side => side.Right);
        return [sides[0].Right, sides[0].Left, .. sides.Skip(1).Select(side => side.Left), .. back];
    }

    private static StrokePoint Middle(StrokePoint[] corners, bool first)
    {
        int at = first ? 0 : corners.Length / 2;
        return new((corners[at].X + corners[at + 1].X) / 2, (corners[at].Y + corners[at + 1].Y) / 2);
    }

    private static string Colour(float[] stroke, int place)
    {
        byte Byte(int k) => (byte)Math.Clamp((int)((stroke[place + k] * 255) + 0.5f), 0, 255);
        return new Rgb(Byte(0), Byte(1), Byte(2)).ToString();
    }
}
