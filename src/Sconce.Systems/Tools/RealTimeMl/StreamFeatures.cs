using Sconce.Tables;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>
/// Columns of a table as numbers that a linear learner can take, learnt on the way: numbers by their running mean and deviation, blanks as
/// the mean with a flag, texts by their kind, of which those not seen before, or beyond the most, share one.
/// </summary>
/// <param name="columns">Without the target.</param>
/// <param name="mostKinds">Kinds of a column of texts that are told apart.</param>
public sealed class StreamFeatures(IReadOnlyList<TableColumn> columns, int mostKinds = 100)
{
    private const double Furthest = 5; // deviations: one wild number must not throw the learner off

    private readonly Running[] numbers = new Running[columns.Count];
    private readonly Dictionary<(int Column, string Kind), int> kinds = [];
    private readonly int[] kindsOf = new int[columns.Count];

    // A constant; then of each column a number and a flag, or for texts the unknown kind and nothing; then the kinds as they came.
    private int Fixed => 1 + (2 * columns.Count);

    /// <summary>The features of a row, as what came before it says. It learns nothing.</summary>
    public double[] Of(int row)
    {
        var features = new double[Fixed + kinds.Count];
        features[0] = 1;
        for (int k = 0; k < columns.Count; k++)
        {
            int place = 1 + (2 * k);
            if (columns[k].IsBlank(row)) features[place + 1] = 1;
            else if (columns[k].IsNumber) features[place] = numbers[k].Standardized(columns[k].Numbers[row]);
            else if (kinds.TryGetValue((k, columns[k].Text(row)!), out int kind)) features[Fixed + kind] = 1;
            else features[place] = 1;
        }

        return features;
    }

    /// <summary>Takes a row into the means, and its new kinds among those known.</summary>
    public void Learn(int row)
    {
        for (int k = 0; k < columns.Count; k++)
        {
            if (columns[k].IsBlank(row)) continue;
            if (columns[k].IsNumber) numbers[k].Add(columns[k].Numbers[row]);
            else if (kindsOf[k] < mostKinds && kinds.TryAdd((k, columns[k].Text(row)!), kinds.Count)) kindsOf[k]++;
        }
    }

    /// <summary>What was learnt, for a file.</summary>
    internal FeatureMemory Remember() => new(
        [.. columns.Select(column => column.Name)], [.. columns.Select(column => column.IsNumber)],
        [.. numbers.Select(running => running.Numbers)],
        [.. kinds.OrderBy(kind => kind.Value).Select(kind => new KindMemory(kind.Key.Column, kind.Key.Kind))]);

    /// <summary>Goes on from what another stream of these columns left.</summary>
    internal void Recall(FeatureMemory memory)
    {
        for (int k = 0; k < numbers.Length; k++) numbers[k] = new Running(memory.Numbers[k]);
        foreach (var kind in memory.Kinds)
        {
            kinds.Add((kind.Column, kind.Kind), kinds.Count);
            kindsOf[kind.Column]++;
        }
    }

    /// <summary>Welford's mean and variance.</summary>
    private struct Running(double[] numbers)
    {
        private long count = (long)numbers[0];
        private double mean = numbers[1], squares = numbers[2];

        public readonly double[] Numbers => [count, mean, squares];

        public readonly double Standardized(double value) =>
            count < 2 || squares <= 0 ? 0 : Math.Clamp((value - mean) / Math.Sqrt(squares / count), -Furthest, Furthest);

        public void Add(double value)
        {
            count++;
            double before = value - mean;
            mean += before / count;
            squares += before * (value - mean);
        }
    }
}
