namespace Sconce.Data.Procedural;

/// <summary>Outlines that eight words tell apart.</summary>
public enum ShapeKind
{
    /// <summary>A disc.</summary>
    Circle,

    /// <summary>Upright.</summary>
    Square,

    /// <summary>Pointing up.</summary>
    Triangle,

    /// <summary>Higher than wide.</summary>
    Diamond,

    /// <summary>A plus.</summary>
    Cross,

    /// <summary>A disc with a hole.</summary>
    Ring,

    /// <summary>Five points.</summary>
    Star,

    /// <summary>Lying, two and a half times as wide as high.</summary>
    Bar,
}

/// <summary>Colours that six words tell apart.</summary>
public enum ShapeColor
{
    /// <summary>(0.9, 0.1, 0.1)</summary>
    Red,

    /// <summary>(0.1, 0.7, 0.15)</summary>
    Green,

    /// <summary>(0.15, 0.25, 0.9)</summary>
    Blue,

    /// <summary>(0.9, 0.85, 0.1)</summary>
    Yellow,

    /// <summary>(0.6, 0.15, 0.75)</summary>
    Purple,

    /// <summary>(0.1, 0.75, 0.8)</summary>
    Cyan,
}

/// <summary>A small picture of one coloured shape, as words would describe it.</summary>
/// <param name="Shape">Which outline.</param>
/// <param name="Color">Which colour.</param>
/// <param name="IsBig">A radius of 9 to 11 pixels of 32 rather than 5.5 to 7.</param>
/// <param name="IsLight">A light grey background rather than a dark one.</param>
public readonly record struct ColoredShape(ShapeKind Shape, ShapeColor Color, bool IsBig, bool IsLight);

/// <summary>Draws one coloured shape at a random place, of random size, on a grey of random depth, with pixel noise.</summary>
public static class ColoredShapes
{
    private static readonly float[][] Colors =
        [[0.9f, 0.1f, 0.1f], [0.1f, 0.7f, 0.15f], [0.15f, 0.25f, 0.9f], [0.9f, 0.85f, 0.1f], [0.6f, 0.15f, 0.75f], [0.1f, 0.75f, 0.8f]];

    /// <summary>Draws into planes (3, size, size) of [0, 1].</summary>
    /// <param name="scene">What.</param>
    /// <param name="random">Place, size, grey and noise; equal states give equal pictures.</param>
    /// <param name="planes">Exactly 3 · size² numbers.</param>
    /// <param name="size">The side in pixels; radii scale with it.</param>
    /// <param name="noise">The standard deviation of each number's normal noise.</param>
    /// <exception cref="ArgumentException">The span has another length.</exception>
    public static void Draw(ColoredShape scene, Random random, Span<float> planes, int size = 32, double noise = 0.12)
    {
        if (planes.Length != 3 * size * size)
            throw new ArgumentException($"a picture of {size} pixels a side takes {3 * size * size} numbers, not {planes.Length}",
                nameof(planes));
        double unit = size / 32.0;
        double radius = unit * (scene.IsBig ? Between(random, 9, 11) : Between(random, 5.5, 7));
        double x = Between(random, radius, size - radius), y = Between(random, radius, size - radius);
        double grey = scene.IsLight ? Between(random, 0.65, 0.9) : Between(random, 0.05, 0.3);
        float[] color = Colors[(int)scene.Color];
        int area = size * size;
        for (int row = 0; row < size; row++)
        {
            for (int column = 0; column < size; column++)
            {
                double cover = Cover(scene.Shape, (column - x) / radius, (row - y) / radius, 1 / radius);
                for (int channel = 0; channel < 3; channel++)
                {
                    double value = grey + (cover * (color[channel] - grey)) + (noise * Normal(random));
                    planes[(channel * area) + (row * size) + column] = (float)Math.Clamp(value, 0, 1);
                }
            }
        }
    }

    /// <summary>The share of a pixel, whose corner and side are given in radii, that lies inside: of 2 × 2 places.</summary>
    private static double Cover(ShapeKind shape, double u, double v, double side)
    {
        int inside = 0;
        for (int k = 0; k < 4; k++)
        {
            if (Contains(shape, u + (side * (0.25 + (0.5 * (k & 1)))), v + (side * (0.25 + (0.5 * (k >> 1)))))) inside++;
        }

        return inside / 4.0;
    }

    /// <summary>Whether a place, in radii from the centre, y downwards, is inside.</summary>
    private static bool Contains(ShapeKind shape, double u, double v)
    {
        double r = Math.Sqrt((u * u) + (v * v));
        double a = Math.Abs(u), b = Math.Abs(v);
        return shape switch
        {
            ShapeKind.Circle => r <= 0.95,
            ShapeKind.Square => Math.Max(a, b) <= 0.82,
            ShapeKind.Triangle => v <= 0.8 && a <= 0.55 * (v + 0.95),
            ShapeKind.Diamond => (a / 0.65) + b <= 1,
            ShapeKind.Cross => Math.Max(a, b) <= 0.95 && Math.Min(a, b) <= 0.3,
            ShapeKind.Ring => r is <= 1 and >= 0.55,
            ShapeKind.Star => r <= StarRadius(Math.Atan2(u, -v)),
            ShapeKind.Bar => a <= 1 && b <= 0.4,
            _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "no such shape"),
        };
    }

    /// <summary>A five-pointed star's edge at an angle from its upper point: straight lines between radii 1 and 0.42.</summary>
    private static double StarRadius(double angle)
    {
        const double half = Math.PI / 5, inner = 0.42;
        double t = Math.Abs(angle) % (2 * half);
        if (t > half) t = (2 * half) - t; // 0 at a point, half at a notch
        double notchX = inner * Math.Sin(half), notchY = inner * Math.Cos(half);
        return notchX / ((notchX * Math.Cos(t)) + ((1 - notchY) * Math.Sin(t)));
    }

    private static double Between(Random random, double low, double high) => low + (random.NextDouble() * (high - low));

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
