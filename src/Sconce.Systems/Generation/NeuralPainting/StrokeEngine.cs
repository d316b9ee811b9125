using Sconce.Imaging;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// The graphics engine: draws strokes on a canvas of any size, one over the other, with smooth edges. jiupinjia/stylized-neural-painting@
/// e7a66b2 renderer.py; where OpenCV fills shapes there, pixels here are covered by their distance to the edge.
/// </summary>
public sealed class StrokeEngine
{
    private const float SmallestDrawn = 3 / 128f;
    private const double ShortestMarker = 4;
    private readonly int width, height, unit;
    private readonly float[] canvas; // row by row, three colours a pixel, in [0, 1]

    /// <summary>An empty canvas.</summary>
    /// <param name="width">In pixels.</param>
    /// <param name="height">In pixels; coordinates of strokes are in units of the shorter side.</param>
    /// <param name="ground">Its colour.</param>
    public StrokeEngine(int width, int height, Rgb ground)
    {
        if (width < 1 || height < 1) throw new ArgumentException($"stroke engine: a canvas of {width} x {height} pixels");
        (this.width, this.height, unit) = (width, height, Math.Min(width, height));
        canvas = new float[3 * width * height];
        float[] colour = [ground.R / 255f, ground.G / 255f, ground.B / 255f];
        for (int k = 0; k < canvas.Length; k++) canvas[k] = colour[k % 3];
    }

    /// <summary>A brush of one's own, for strokes of oil; bristles by formula where left out.</summary>
    public PictureMark? Mark { get; init; }

    /// <summary>Whether what a stroke covers is drawn, in white, in place of its paint.</summary>
    internal bool DrawsCover { get; init; }

    /// <summary>Whether strokes are drawn that are too small to be seen in a painting.</summary>
    internal bool DrawsSmallest { get; init; }

    /// <summary>Whether a stroke is large enough to be drawn at all.</summary>
    public static bool IsDrawn(Brush brush, ReadOnlySpan<float> stroke) =>
        Math.Max(stroke[brush.Sizes[0]], stroke[brush.Sizes[1]]) > SmallestDrawn;

    /// <summary>Draws a stroke over what is there; one that is too small is left out.</summary>
    /// <param name="brush">What the numbers mean.</param>
    /// <param name="stroke">Its vector.</param>
    /// <exception cref="ArgumentException">It has another length.</exception>
    public void Draw(Brush brush, ReadOnlySpan<float> stroke)
    {
        if (stroke.Length != brush.Width)
        {
            throw new ArgumentException(
                $"stroke engine: a stroke of {stroke.Length} numbers; a {brush.Name} has {brush.Width}", nameof(stroke));
        }

        if (!DrawsSmallest && !IsDrawn(brush, stroke)) return;
        float[] numbers = stroke.ToArray();
        if (!brush.Curved) DrawBox(brush, numbers);
        else if (brush.ColourWidth == 6) DrawSweep(numbers);
        else DrawMarker(numbers);
    }

    /// <summary>What has been painted so far.</summary>
    public Image ToImage()
    {
        var image = new Image(width, height);
        var pixels = image.Pixels;
        for (int k = 0; k < canvas.Length; k++) pixels[k] = (byte)Math.Clamp((int)((canvas[k] * 255) + 0.5f), 0, 255);
        return image;
    }

    private void DrawBox(Brush brush, float[] stroke)
    {
        double share = brush.Opaque ? 0.5 : 0.25;
        var centre = new StrokePoint(StrokeGeometry.Pixel(stroke[0], unit), StrokeGeometry.Pixel(stroke[1], unit));
        double halfWidth = 0.5 + (stroke[2] * unit * share), halfHeight = 0.5 + (stroke[3] * unit * share);
        double angle = Math.PI * stroke[4] * (brush.Opaque ? -1 : 1);
        var bristles = brush.Opaque ? Mark ?? BristleMask.For(halfWidth, halfHeight, unit) : null;
        Fill(centre, double.Hypot(halfWidth, halfHeight), brush.Opaque ? 1 : stroke[^1], (x, y, colour) =>
        {
            var place = new StrokePoint(x, y).Turned(centre, -angle); // back into the stroke's own frame
            double across = place.X - centre.X, down = place.Y - centre.Y;
            double cover = Cover(Math.Min(halfWidth - Math.Abs(across), halfHeight - Math.Abs(down)));
            if (cover == 0) return 0;
            double t = brush.ColourWidth == 6 ? Math.Clamp(((down / halfHeight) + 1) / 2, 0, 1) : 0;
            double pressure = bristles?.At(across / halfWidth, down / halfHeight) ?? 1;
            Mix(stroke, brush.ShapeWidth, brush.ColourWidth, t, colour);
            if (bristles is null) return cover;
            for (int k = 0; k < 3; k++) colour[k] *= 0.75 + (0.25 * pressure); // ridges catch the light
            return cover * Cover((pressure * 4) - 0.5);
        });
    }

    private void DrawSweep(float[] stroke)
    {
        var curve = new StrokeCurve(stroke, unit);
        double largest = Math.Max(curve.FirstRadius, curve.LastRadius);
        var stations = Enumerable.Range(0, StrokeCurve.Steps).Select(curve.At).ToArray();
        double reach = stations.Max(place => Distance(place, stations[0])) + largest;
        Fill(stations[0], reach, stroke[^1], (x, y, colour) =>
        {
            double cover = 0;
            int covering = 0;
            for (int step = 0; step < stations.Length; step++)
            {
                double t = step / (double)StrokeCurve.Steps, radius = ((1 - t) * curve.FirstRadius) + (t * curve.LastRadius);
                double here = Cover(radius - Distance(stations[step], new(x, y)));
                if (here >= cover && here > 0) (cover, covering) = (here, step); // later circles lie over earlier ones
            }

            Mix(stroke, 8, 6, covering / (double)StrokeCurve.Steps, colour);
            return cover;
        });
    }

    private void DrawMarker(float[] stroke)
    {
        var curve = new StrokeCurve(stroke, unit);
        if (curve.Reach < ShortestMarker) return;
        var tips = Enumerable.Range(0, StrokeCurve.Steps).Select(curve.Tip).ToArray();
        var first = curve.At(0);
        double reach = tips.SelectMany(tip => tip).Max(corner => Distance(corner, first));
        Fill(first, reach, stroke[^1], (x, y, colour) =>
        {
            Mix(stroke, 8, 3, 0, colour);
            double cover = 0;
            foreach (var tip in tips) cover = Math.Max(cover, Cover(Inside(tip, x, y)));
            return cover;
        });
    }

    /// <summary>Lays paint over every pixel within reach of a point.</summary>
    /// <param name="centre">The point.</param>
    /// <param name="reach">How far the stroke goes from it.</param>
    /// <param name="opacity">In [0, 1].</param>
    /// <param name="paint">Gives a pixel's colour, and how much of it is covered.</param>
    private void Fill(StrokePoint centre, double reach, float opacity, Func<double, double, double[], double> paint)
    {
        int left = Math.Max(0, (int)(centre.X - reach - 1)), right = Math.Min(width - 1, (int)(centre.X + reach + 2));
        int top = Math.Max(0, (int)(centre.Y - reach - 1)), bottom = Math.Min(height - 1, (int)(centre.Y + reach + 2));
        var colour = new double[3];
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                double alpha = Math.Clamp(paint(x, y, colour) * opacity, 0, 1);
                if (DrawsCover) Array.Fill(colour, 1);
                int at = 3 * ((y * width) + x);
                for (int k = 0; k < 3 && alpha > 0; k++) canvas[at + k] = (float)((colour[k] * alpha) + (canvas[at + k] * (1 - alpha)));
            }
        }
    }

    /// <summary>How much of a pixel is inside, its centre being so far within the edge.</summary>
    private static double Cover(double inside) => Math.Clamp(inside + 0.5, 0, 1);

    private static double Distance(StrokePoint a, StrokePoint b) => double.Hypot(a.X - b.X, a.Y - b.Y);

    /// <summary>The distance to the nearest edge of a convex shape, negative outside of one.</summary>
    private static double Inside(StrokePoint[] corners, double x, double y)
    {
        double least = double.MaxValue;
        for (int k = 0; k < corners.Length; k++)
        {
            StrokePoint a = corners[k], b = corners[(k + 1) % corners.Length];
            double cross = ((b.X - a.X) * (y - a.Y)) - ((b.Y - a.Y) * (x - a.X));
            least = Math.Min(least, cross / Math.Max(Distance(a, b), 1e-9));
        }

        return least;
    }

    private static void Mix(float[] stroke, int place, int count, double t, double[] colour)
    {
        int second = count == 6 ? place + 3 : place;
        for (int k = 0; k < 3; k++) colour[k] = ((1 - t) * stroke[place + k]) + (t * stroke[second + k]);
    }
}
