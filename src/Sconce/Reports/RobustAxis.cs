namespace Sconce.Reports;

/// <summary>The upright axis of a chart in which one run may have diverged: the others stay readable.</summary>
internal static class RobustAxis
{
    private const double Far = 10;

    /// <summary>
    /// The axis ends where values are more than ten times as far from the calm end as the lines' own: the median over the lines of where
    /// each begins or, if that is farther, of its middle value.
    /// </summary>
    /// <returns>Nothing where all values fit.</returns>
    internal static (IReadOnlyList<double>? Axis, string? Beyond) Of(IReadOnlyList<LineData> lines)
    {
        double[][] finite = [.. lines.Select(line => line.Y.Where(double.IsFinite).ToArray()).Where(values => values.Length > 0)];
        if (finite.Length == 0) return (null, null);
        double[] all = [.. finite.SelectMany(values => values).Order()];
        double? high = End(finite, all), low = -End([.. finite.Select(Negated)], [.. Negated(all).Order()]);
        if (high is null && low is null) return (null, null);
        double top = high ?? all[^1], bottom = low ?? all[0], margin = 0.05 * (top - bottom);
        double farthest = high is not null ? all[^1] : all[0];
        string words = $"The axis ends at {ClaimFigures.Number(high ?? bottom)}; some values lie far beyond it, up to "
            + $"{ClaimFigures.Number(farthest)}.";
        return ([bottom - margin, top + margin], words);
    }

    private static double[] Negated(double[] values) => [.. values.Select(value => -value)];

    /// <summary>The highest value that still belongs to the others; null where every one does.</summary>
    private static double? End(double[][] lines, double[] sorted)
    {
        double calm = sorted[0];
        double usual = Median(lines.Select(values => Math.Max(values[..Math.Min(3, values.Length)].Max(), Median(values)) - calm));
        double most = calm + (Far * usual);
        if (usual <= 0 || sorted[^1] <= most) return null;
        return sorted.Last(value => value <= most);
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(sorted.Length - 1) / 2];
    }
}
