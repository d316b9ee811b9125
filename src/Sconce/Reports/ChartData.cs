using System.Text.RegularExpressions;

namespace Sconce.Reports;

/// <summary>One chart as the page's script draws it.</summary>
internal sealed record ChartData(string Name, string X, IReadOnlyList<LineData> Lines)
{
    /// <summary>The ends of the upright axis where some values lie far beyond the others; null where all fit.</summary>
    public IReadOnlyList<double>? Axis { get; init; }

    /// <summary>A sentence about what lies beyond the axis; null for nothing.</summary>
    public string? Beyond { get; init; }
}

/// <summary>One line: ascending X, Y with null for gaps, an index of colour and of dashes.</summary>
internal sealed record LineData(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, int Colour, int Dash)
{
    /// <summary>The lower edge of a band around the line; null for no band.</summary>
    public IReadOnlyList<double>? Low { get; init; }

    /// <summary>The upper edge of the band.</summary>
    public IReadOnlyList<double>? High { get; init; }

    /// <summary>Whether it is drawn only when its name is clicked: single seeds beside their mean.</summary>
    public bool Hidden { get; init; }
}

/// <summary>Brings curves into charts: an arm has one colour, whatever the seed, and several seeds their mean with a band.</summary>
internal static partial class Charts
{
    private const int Colours = 8, MostPoints = 600;

    internal static ChartData[] Of(IReadOnlyList<CurveRecord> curves, string x = "step")
    {
        var arms = curves.Select(curve => Arm(curve.Name)).Distinct().ToList();
        return [.. curves.GroupBy(curve => curve.Chart).Select(chart => Chart(chart.Key, x, [.. chart.Select(Line)]))];

        LineData Line(CurveRecord curve)
        {
            int arm = arms.IndexOf(Arm(curve.Name));
            var points = Thinned(Ascending(curve));
            return new LineData(
                curve.Name, [.. points.Select(point => point.X)],
                [.. points.Select(point => double.IsFinite(point.Y) ? point.Y : double.NaN)], arm % Colours, arm / Colours % 4);
        }
    }

    /// <summary>A curve's name without its seed: <c>AGC, seed 2</c> becomes <c>AGC</c>.</summary>
    internal static string Arm(string name) => Seed().Replace(name, "") is { Length: > 0 } arm ? arm : name;

    private static ChartData Chart(string name, string x, LineData[] lines)
    {
        List<LineData> drawn = [];
        foreach (var arm in lines.GroupBy(line => Arm(line.Name)))
        {
            LineData[] seeds = [.. arm];
            if (seeds.Length > 1) drawn.Add(SeedBand.Of(arm.Key, seeds));
            drawn.AddRange(seeds.Length > 1 ? seeds.Select(line => line with { Hidden = true }) : seeds);
        }

        var (axis, beyond) = RobustAxis.Of(lines);
        return new ChartData(name, x, drawn) { Axis = axis, Beyond = beyond };
    }

    // The plotting library wants each x once, ascending; of two points at one x the later stands.
    private static List<(double X, double Y)> Ascending(CurveRecord curve)
    {
        var points = new SortedDictionary<double, double>();
        for (int k = 0; k < Math.Min(curve.X.Count, curve.Y.Count); k++)
        {
            if (double.IsFinite(curve.X[k])) points[curve.X[k]] = curve.Y[k];
        }

        return [.. points.Select(point => (point.Key, point.Value))];
    }

    /// <summary>Very many points as means of neighbours: more than the page has columns show nothing more.</summary>
    private static List<(double X, double Y)> Thinned(List<(double X, double Y)> points)
    {
        if (points.Count <= MostPoints) return points;
        int together = (points.Count + MostPoints - 1) / MostPoints;
        return [.. points.Chunk(together).Select(part => (part.Average(point => point.X), part.Average(point => point.Y)))];
    }

    [GeneratedRegex(@"[\s,;:/·–-]*\(?(seed|run)[\s#=]*\d+\)?\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Seed();
}
