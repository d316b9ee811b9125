namespace Sconce.Systems.Generation.Trecs;

/// <summary>A point of a mouse trace, as a share of the picture; it may lie a little outside.</summary>
/// <param name="X">From the left.</param>
/// <param name="Y">From the top.</param>
public readonly record struct TracePoint(double X, double Y);

/// <summary>The part of a picture that a mouse trace surrounds. 2011.03775 §4.3.</summary>
/// <param name="Height">Of the raster.</param>
/// <param name="Width">Of the raster.</param>
/// <param name="Pixels">Row by row: whether a pixel's centre lies within the hull, its border included.</param>
public sealed record TraceHull(int Height, int Width, bool[] Pixels)
{
    /// <summary>Pixels within.</summary>
    public int Area => Pixels.Count(inside => inside);

    /// <summary>The convex hull of a trace. Fewer than three distinct points surround nothing.</summary>
    /// <param name="trace">Points; those outside the picture are moved to its border.</param>
    /// <param name="height">Of the raster.</param>
    /// <param name="width">Of the raster.</param>
    public static TraceHull Of(IEnumerable<TracePoint> trace, int height, int width)
    {
        var corners = Corners([.. trace.Select(point => (Math.Clamp(point.X, 0, 1) * width, Math.Clamp(point.Y, 0, 1) * height))]);
        var pixels = new bool[height * width];
        if (corners.Count >= 3)
        {
            for (int k = 0; k < pixels.Length; k++) pixels[k] = Holds(corners, ((k % width) + 0.5, (k / width) + 0.5));
        }

        return new(height, width, pixels);
    }

    /// <summary>The share of the hull that has each label; zeros where the hull is empty.</summary>
    /// <param name="label">Of each pixel, row by row.</param>
    /// <param name="count">How many labels there are.</param>
    public double[] Cover(IReadOnlyList<int> label, int count)
    {
        int area = Area;
        return Shares(label, count, (_, _) => area);
    }

    /// <summary>The share of each label's pixels that lie within.</summary>
    /// <param name="label">Of each pixel, row by row.</param>
    /// <param name="count">How many labels there are.</param>
    public double[] ClassShare(IReadOnlyList<int> label, int count)
    {
        var totals = label.CountBy(value => value).ToDictionary();
        return Shares(label, count, (value, _) => totals.GetValueOrDefault(value));
    }

    /// <summary>The overlap of each label's pixels with the hull: intersection over union.</summary>
    /// <param name="label">Of each pixel, row by row.</param>
    /// <param name="count">How many labels there are.</param>
    public double[] Agreement(IReadOnlyList<int> label, int count)
    {
        int area = Area;
        var totals = label.CountBy(value => value).ToDictionary();
        return Shares(label, count, (value, inside) => area + totals.GetValueOrDefault(value) - inside);
    }

    private double[] Shares(IReadOnlyList<int> label, int count, Func<int, int, int> whole)
    {
        if (label.Count != Pixels.Length)
        {
            throw new ArgumentException($"trace: {label.Count} labels for a hull on {Width} x {Height} pixels", nameof(label));
        }

        var inside = new int[count];
        for (int k = 0; k < Pixels.Length; k++)
        {
            if (Pixels[k]) inside[label[k]]++;
        }

        return [.. inside.Select((part, k) => whole(k, part) is > 0 and var all ? part / (double)all : 0)];
    }

    /// <summary>Around the hull, without points on its edges. Andrew 1979.</summary>
    private static List<(double X, double Y)> Corners((double X, double Y)[] points)
    {
        var sorted = points.Distinct().Order().ToList();
        if (sorted.Count < 3) return sorted;
        var lower = Half(sorted);
        sorted.Reverse();
        return [.. lower.SkipLast(1), .. Half(sorted).SkipLast(1)];

        static List<(double X, double Y)> Half(List<(double X, double Y)> sorted)
        {
            var half = new List<(double X, double Y)>();
            foreach (var point in sorted)
            {
                while (half.Count > 1 && Turn(half[^2], half[^1], point) <= 0) half.RemoveAt(half.Count - 1);
                half.Add(point);
            }

            return half;
        }
    }

    private static bool Holds(List<(double X, double Y)> corners, (double X, double Y) point) =>
        corners.Index().All(corner => Turn(corner.Item, corners[(corner.Index + 1) % corners.Count], point) >= 0);

    private static double Turn((double X, double Y) a, (double X, double Y) b, (double X, double Y) c) =>
        ((b.X - a.X) * (c.Y - a.Y)) - ((b.Y - a.Y) * (c.X - a.X));
}
