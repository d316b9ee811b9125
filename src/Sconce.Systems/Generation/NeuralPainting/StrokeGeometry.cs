namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>A point in pixels; x counts columns, y rows.</summary>
/// <param name="X">From the left.</param>
/// <param name="Y">From the top.</param>
public readonly record struct StrokePoint(double X, double Y)
{
    /// <summary>Turned about a centre, against the clock as the picture is seen. utils.py <c>rotate_pt</c>.</summary>
    public StrokePoint Turned(StrokePoint centre, double angle)
    {
        double dx = X - centre.X, dy = Y - centre.Y, cos = Math.Cos(angle), sin = Math.Sin(angle);
        return new((dx * cos) + (dy * sin) + centre.X, (-dx * sin) + (dy * cos) + centre.Y);
    }

    /// <summary>The four corners of a box about a centre, turned about it, around.</summary>
    public static StrokePoint[] Box(StrokePoint centre, double halfWidth, double halfHeight, double angle) =>
    [
        new StrokePoint(centre.X - halfWidth, centre.Y - halfHeight).Turned(centre, angle),
        new StrokePoint(centre.X + halfWidth, centre.Y - halfHeight).Turned(centre, angle),
        new StrokePoint(centre.X + halfWidth, centre.Y + halfHeight).Turned(centre, angle),
        new StrokePoint(centre.X - halfWidth, centre.Y + halfHeight).Turned(centre, angle),
    ];
}

/// <summary>
/// A curved stroke on a square canvas: a quadratic Bezier curve whose middle point is given relative to its ends.
/// jiupinjia/stylized-neural-painting@e7a66b2 renderer.py <c>_draw_watercolor</c>, <c>_draw_markerpen</c>.
/// </summary>
public readonly record struct StrokeCurve
{
    /// <summary>Stations along a stroke.</summary>
    public const int Steps = 100;

    private readonly (double X, double Y) first, middle, last;

    /// <summary>Reads the shape.</summary>
    /// <param name="shape">(x0, y0, x1, y1, x2, y2, r0, r2) in [0, 1].</param>
    /// <param name="canvas">The side of the canvas in pixels.</param>
    public StrokeCurve(ReadOnlySpan<float> shape, int canvas)
    {
        float middleX = shape[0] + ((shape[4] - shape[0]) * shape[2]), middleY = shape[1] + ((shape[5] - shape[1]) * shape[3]);
        first = (StrokeGeometry.Pixel(shape[0], canvas), StrokeGeometry.Pixel(shape[1], canvas));
        middle = (StrokeGeometry.Pixel(middleX, canvas), StrokeGeometry.Pixel(middleY, canvas));
        last = (StrokeGeometry.Pixel(shape[4], canvas), StrokeGeometry.Pixel(shape[5], canvas));
        FirstRadius = StrokeGeometry.Radius(shape[6], canvas);
        LastRadius = StrokeGeometry.Radius(shape[7], canvas);
    }

    /// <summary>Half the width at the beginning, in pixels; a marker's everywhere.</summary>
    public int FirstRadius { get; }

    /// <summary>Half the width at the end; a marker has none of its own.</summary>
    public int LastRadius { get; }

    /// <summary>How far its ends lie apart, rows and columns together.</summary>
    public double Reach => Math.Abs(first.X - last.X) + Math.Abs(first.Y - last.Y);

    /// <summary>The place at a station.</summary>
    /// <param name="step">From 0; the curve ends at <see cref="Steps"/>, which the official engine does not reach.</param>
    public StrokePoint At(int step)
    {
        double t = step / (double)Steps, s = 1 - t;
        return new(
            (s * s * first.X) + (2 * t * s * middle.X) + (t * t * last.X),
            (s * s * first.Y) + (2 * t * s * middle.Y) + (t * t * last.Y));
    }

    /// <summary>A marker's tip at a station: a square turned along the curve, its corners not yet on whole pixels.</summary>
    public StrokePoint[] Tip(int step)
    {
        double t = step / (double)Steps;
        double dx = 2 * (((t - 1) * first.X) + ((1 - (2 * t)) * middle.X) + (t * last.X));
        double dy = 2 * (((t - 1) * first.Y) + ((1 - (2 * t)) * middle.Y) + (t * last.Y));
        return StrokePoint.Box(At(step), FirstRadius, FirstRadius, Math.Atan2(dx, dy) - (Math.PI / 2));
    }
}

/// <summary>An affine map from a brush's picture to the canvas: <c>x' = A·x + B·y + C</c>, <c>y' = D·x + E·y + F</c>.</summary>
public readonly record struct BrushMap(double A, double B, double C, double D, double E, double F)
{
    /// <summary>The numbers row by row.</summary>
    public double[] ToArray() => [A, B, C, D, E, F];
}

/// <summary>From numbers in [0, 1] to pixels. renderer.py <c>_normalize</c>; utils.py <c>create_transformed_brush</c>.</summary>
public static class StrokeGeometry
{
    /// <summary>The pixel of a coordinate.</summary>
    public static int Pixel(float value, int canvas) => (int)((value * (canvas - 1)) + 0.5f);

    /// <summary>A radius or half a side: at least one pixel, at most a quarter of the canvas and one.</summary>
    public static int Radius(float value, int canvas) => 1 + (int)Math.Floor(value * canvas / 4);

    /// <summary>A side of an oil stroke: at least one pixel, at most the canvas and one.</summary>
    public static int Extent(float value, int canvas) => (int)(1 + (value * canvas));

    /// <summary>Where a brush's picture comes to lie: centred, stretched to the stroke's size, turned, moved to its place.</summary>
    /// <param name="shape">(x, y, width, height, angle / π) in [0, 1].</param>
    /// <param name="canvas">The side of the canvas in pixels.</param>
    /// <param name="brushWidth">Of the brush's picture.</param>
    /// <param name="brushHeight">Of the brush's picture.</param>
    public static BrushMap Place(ReadOnlySpan<float> shape, int canvas, int brushWidth, int brushHeight)
    {
        double scaleX = (double)Extent(shape[2], canvas) / brushWidth, scaleY = (double)Extent(shape[3], canvas) / brushHeight;
        double angle = Math.PI * shape[4], cos = Math.Cos(angle), sin = Math.Sin(angle);
        double a = cos * scaleX, b = -sin * scaleY, d = sin * scaleX, e = cos * scaleY;
        double halfWidth = brushWidth / 2.0, halfHeight = brushHeight / 2.0;
        return new(
            a, b, Pixel(shape[0], canvas) - (a * halfWidth) - (b * halfHeight),
            d, e, Pixel(shape[1], canvas) - (d * halfWidth) - (e * halfHeight));
    }
}
