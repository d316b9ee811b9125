namespace Sconce.Data;

/// <summary>
/// From a polygon to the runs of its pixels, rounding for rounding as cocodataset/cocoapi@8c9bcc3 common/maskApi.c <c>rleFrPoly</c>:
/// corners are rounded to fifths of a pixel, the edges between them become points a fifth apart, and where such a point crosses the middle
/// of a column, the column's run changes.
/// </summary>
internal static class PolygonRaster
{
    private const int Scale = 5, FewestNumbers = 6;

    /// <summary>Points along the edges of all of a mask's polygons together: a hundred times round a picture of 30,000 x 30,000.</summary>
    private const long MostPoints = 60_000_000;

    /// <summary>Says what is wrong with a polygon.</summary>
    /// <exception cref="DataException">Something is.</exception>
    internal static void Check(IReadOnlyList<double> polygon, int width, int height, string what)
    {
        if (polygon.Count % 2 != 0)
            throw new DataException($"{what} has {polygon.Count} numbers, an odd count: each corner is an x and a y");
        if (polygon.Count < FewestNumbers)
            throw new DataException($"{what} has {polygon.Count / 2} corner{(polygon.Count == 2 ? "" : "s")}: at least 3 "
                + $"enclose something");
        for (int k = 0; k < polygon.Count; k++)
        {
            int side = k % 2 == 0 ? width : height;
            if (!(polygon[k] >= -side && polygon[k] <= 2.0 * side))
                throw new DataException($"{what} has a corner at {(k % 2 == 0 ? "x" : "y")} = {polygon[k]}, far outside its picture of "
                    + $"{width} x {height}");
        }
    }

    /// <summary>
    /// Refuses polygons whose edges are so long together that following them would take minutes: a few bytes can cross a picture any number
    /// of times.
    /// </summary>
    /// <exception cref="DataException">They are.</exception>
    internal static void CheckLength(IEnumerable<IReadOnlyList<double>> polygons, string what)
    {
        double points = 0;
        foreach (var polygon in polygons)
        {
            for (int k = 0; k < polygon.Count; k += 2)
            {
                int next = (k + 2) % polygon.Count;
                points += Scale * Math.Max(Math.Abs(polygon[next] - polygon[k]), Math.Abs(polygon[next + 1] - polygon[k + 1]));
            }
        }

        if (points <= MostPoints) return;
        string length = $"{points / Scale:N0} pixels together, more than {MostPoints / Scale:N0}";
        throw new DataException($"{what} has edges of {length}: it goes to and fro across its picture");
    }

    /// <summary>Runs down the columns, outside first; some may be 0.</summary>
    internal static List<int> Runs(IReadOnlyList<double> polygon, int width, int height)
    {
        var changes = Changes(polygon, width, height);
        changes.Sort();
        var runs = new List<int>(changes.Count + 1);
        int last = 0;
        foreach (int change in changes)
        {
            runs.Add(change - last);
            last = change;
        }

        runs.Add((width * height) - last);
        return runs;
    }

    /// <summary>Places, counted down the columns, at which outside and inside change.</summary>
    private static List<int> Changes(IReadOnlyList<double> polygon, int width, int height)
    {
        int corners = polygon.Count / 2;
        int At(int k) => (int)((Scale * polygon[k]) + 0.5);
        var changes = new List<int>();
        (int U, int V)? previous = null;
        for (int k = 0; k < corners; k++)
        {
            int next = (k + 1) % corners;
            foreach (var (u, v) in Edge(At(2 * k), At((2 * k) + 1), At(2 * next), At((2 * next) + 1)))
            {
                if (previous is { } before && before.U != u && Crossing(before, (u, v), width, height) is { } change) changes.Add(change);
                previous = (u, v);
            }
        }

        return changes;
    }

    /// <summary>The points of an edge, from its first corner to its second; the longer direction steps by one.</summary>
    private static IEnumerable<(int U, int V)> Edge(int x0, int y0, int x1, int y1)
    {
        int wide = Math.Abs(x1 - x0), high = Math.Abs(y1 - y0);
        bool flat = wide >= high, turned = flat ? x0 > x1 : y0 > y1;
        if (turned) (x0, y0, x1, y1) = (x1, y1, x0, y0);
        int steps = flat ? wide : high;
        double slope = flat ? (double)(y1 - y0) / wide : (double)(x1 - x0) / high;
        if (steps == 0) slope = 0; // one point
        for (int d = 0; d <= steps; d++)
        {
            int t = turned ? steps - d : d;
            yield return flat ? (x0 + t, (int)(y0 + (slope * t) + 0.5)) : ((int)(x0 + (slope * t) + 0.5), y0 + t);
        }
    }

    /// <summary>Where two neighbouring points cross the middle of a column, the place below which the column changes.</summary>
    private static int? Crossing((int U, int V) before, (int U, int V) point, int width, int height)
    {
        double column = (((point.U < before.U ? point.U : point.U - 1) + 0.5) / Scale) - 0.5;
        if (Math.Floor(column) != column || column < 0 || column > width - 1) return null;
        double row = ((Math.Min(point.V, before.V) + 0.5) / Scale) - 0.5;
        return ((int)column * height) + (int)Math.Ceiling(Math.Clamp(row, 0, height));
    }
}
