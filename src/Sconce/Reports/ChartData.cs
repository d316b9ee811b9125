using System.Text.RegularExpressions;

namespace Sconce.Reports;

/// <summary>One chart as the page's script draws it.</summary>
internal sealed record ChartData(string Name, string X, IReadOnlyList<LineData> Lines);

/// <summary>One line: ascending X, Y with null for gaps, an index of colour and of dashes.</summary>
internal sealed record LineData(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, int Colour, int Dash);

/// <summary>Brings curves into charts: an arm has one colour, whatever the seed.</summary>
internal static partial class Charts
{
    private const int Colours = 8;

    internal static ChartData[] Of(IReadOnlyList<CurveRecord> curves)
    {
        var arms = curves.Select(curve => Arm(curve.Name)).Distinct().ToList();
        return
        [
            .. curves.GroupBy(curve => curve.Chart).Select(chart => new ChartData(chart.Key, "step", [.. chart.Select(curve =>
            {
                int arm = arms.IndexOf(Arm(curve.Name));
                var points = Ascending(curve);
                return new LineData(curve.Name, [.. points.Select(point => point.X)], [.. points.Select(point => double.IsFinite(point.Y) ? point.Y : double.NaN)], arm % Colours, arm / Colours % 4);
            })])),
        ];
    }

    /// <summary>A curve's name without its seed: <c>AGC, seed 2</c> becomes <c>AGC</c>.</summary>
    internal static string Arm(string name) => Seed().Replace(name, "") is { Length: > 0 } arm ? arm : name;

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

    [GeneratedRegex(@"[\s,;:/·–-]*\(?(seed|run)[\s#=]*\d+\)?\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Seed();
}
