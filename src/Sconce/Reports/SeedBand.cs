namespace Sconce.Reports;

/// <summary>The mean of an arm's seeds, with a band of one standard deviation to either side.</summary>
internal static class SeedBand
{
    /// <summary>
    /// Of lines whose places may differ: between two of its places a line is straight, and beyond its ends it is not there.
    /// </summary>
    internal static LineData Of(string name, IReadOnlyList<LineData> seeds)
    {
        double[] places = [.. seeds.SelectMany(line => line.X).Distinct().Order()];
        double[] mean = new double[places.Length], low = new double[places.Length], high = new double[places.Length];
        var next = new int[seeds.Count];
        for (int k = 0; k < places.Length; k++)
        {
            double[] values = [.. seeds.Select((line, s) => At(line, places[k], ref next[s])).Where(double.IsFinite)];
            mean[k] = values.Length == 0 ? double.NaN : values.Average();
            double spread = values.Length < 2 ? 0 : Math.Sqrt(
                values.Sum(value => (value - mean[k]) * (value - mean[k])) / (values.Length - 1));
            (low[k], high[k]) = (mean[k] - spread, mean[k] + spread);
        }

        return new LineData($"{name}, mean of {seeds.Count}", places, mean, seeds[0].Colour, seeds[0].Dash) { Low = low, High = high };
    }

    /// <summary>A line's value at a place; places are asked in ascending order.</summary>
    private static double At(LineData line, double place, ref int next)
    {
        while (next < line.X.Count && line.X[next] < place) next++;
        if (next == line.X.Count) return double.NaN;
        if (line.X[next] == place) return line.Y[next];
        if (next == 0) return double.NaN;
        double share = (place - line.X[next - 1]) / (line.X[next] - line.X[next - 1]);
        return line.Y[next - 1] + (share * (line.Y[next] - line.Y[next - 1]));
    }
}
