using Sconce.Torch;

namespace Sconce.Data.Procedural;

/// <summary>
/// Random glyphs: each a few straight strokes between random points of a small square, 0 to 1. What a glyph is lies in how its strokes
/// meet, so that single pixels tell little about it.
/// </summary>
public sealed class StrokeGlyphs
{
    private const double Thickness = 0.6; // half a stroke's width, in pixels; its edge fades over one pixel
    private readonly float[][] glyphs;

    /// <summary>Draws the glyphs.</summary>
    /// <param name="count">How many.</param>
    /// <param name="side">Their side, in pixels.</param>
    /// <param name="random">Equal states give equal glyphs.</param>
    /// <param name="strokes">Of each glyph.</param>
    public StrokeGlyphs(int count, int side, Random random, int strokes = 4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(strokes, 1);
        ArgumentNullException.ThrowIfNull(random);
        Side = side;
        glyphs = new float[count][];
        for (int k = 0; k < count; k++)
        {
            glyphs[k] = new float[side * side];
            for (int stroke = 0; stroke < strokes; stroke++) Draw(glyphs[k], random);
        }
    }

    /// <summary>How many there are.</summary>
    public int Count => glyphs.Length;

    /// <summary>Their side, in pixels.</summary>
    public int Side { get; }

    /// <summary>The pixels of one, rows first, in [0, 1].</summary>
    public ReadOnlySpan<float> this[int glyph] => glyphs[glyph];

    /// <summary>Lays a glyph onto a picture of one channel: each pixel becomes the lighter of both.</summary>
    /// <param name="glyph">Which.</param>
    /// <param name="picture">Rows first.</param>
    /// <param name="width">Of the picture, in pixels.</param>
    /// <param name="left">The glyph's first column there.</param>
    /// <param name="top">The glyph's first row there.</param>
    /// <exception cref="ArgumentOutOfRangeException">The glyph would reach beyond the picture.</exception>
    public void Paste(int glyph, Span<float> picture, int width, int left, int top)
    {
        if (left < 0 || top < 0 || left + Side > width || (top + Side) * width > picture.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(left), $"a glyph of {Side} pixels at column {left}, row {top} reaches beyond a "
                + $"picture of {picture.Length / Math.Max(1, width)}x{width}");
        }

        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                ref float pixel = ref picture[((top + row) * width) + left + column];
                pixel = Math.Max(pixel, glyphs[glyph][(row * Side) + column]);
            }
        }
    }

    /// <summary>Pictures of one glyph each, at a random place, in noise; the class is the glyph.</summary>
    /// <param name="count">How many; a longer run of the same random state begins with the shorter one's pictures.</param>
    /// <param name="size">The side of the pictures, in pixels.</param>
    /// <param name="noise">The standard deviation of the noise added to every pixel.</param>
    /// <param name="random">Equal states give equal pictures.</param>
    /// <returns>Pictures <c>(count, 1, size, size)</c> and labels <c>(count)</c>.</returns>
    public (Tensor Pictures, Tensor Labels) Sample(int count, int size, double noise, Random random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, Side);
        ArgumentNullException.ThrowIfNull(random);
        var pixels = new float[count * size * size];
        var labels = new long[count];
        for (int k = 0; k < count; k++)
        {
            var picture = pixels.AsSpan(k * size * size, size * size);
            int glyph = random.Next(Count);
            labels[k] = glyph;
            Paste(glyph, picture, size, random.Next(size - Side + 1), random.Next(size - Side + 1));
            AddNoise(picture, noise, random);
        }

        return (Tensor.From(pixels, [count, 1, size, size]), Tensor.From(labels));
    }

    /// <summary>Adds normal noise to every pixel.</summary>
    public static void AddNoise(Span<float> picture, double deviation, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        foreach (ref float pixel in picture)
        {
            // Box and Muller's; 1 - u is never 0.
            pixel += (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
    }

    /// <summary>One stroke, at least half the side long.</summary>
    private void Draw(float[] glyph, Random random)
    {
        double x0, y0, x1, y1;
        do
        {
            (x0, y0, x1, y1) = (Place(random), Place(random), Place(random), Place(random));
        }
        while (Math.Sqrt(((x1 - x0) * (x1 - x0)) + ((y1 - y0) * (y1 - y0))) < Side / 2.0);

        double dx = x1 - x0, dy = y1 - y0, square = (dx * dx) + (dy * dy);
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                double along = Math.Clamp((((column - x0) * dx) + ((row - y0) * dy)) / square, 0, 1);
                double across = Math.Sqrt(Math.Pow(column - x0 - (along * dx), 2) + Math.Pow(row - y0 - (along * dy), 2));
                ref float pixel = ref glyph[(row * Side) + column];
                pixel = Math.Max(pixel, (float)Math.Clamp(Thickness + 0.5 - across, 0, 1));
            }
        }
    }

    private double Place(Random random) => random.NextDouble() * (Side - 1);
}
