namespace Sconce.Systems.Science.Dmseew;

/// <summary>
/// How much a count tells of the class: Pearson's χ² between each feature's sums by class and what the classes' shares let expect.
/// </summary>
public static class ChiSquared
{
    /// <summary>One statistic a feature, 0 for one that never occurs.</summary>
    /// <param name="counts">A row of counts for each example.</param>
    /// <param name="labels">The class of each example.</param>
    /// <param name="classes">How many classes.</param>
    public static double[] Of(IReadOnlyList<double[]> counts, IReadOnlyList<int> labels, int classes)
    {
        if (counts.Count != labels.Count || counts.Count == 0)
        {
            throw new ArgumentException($"{counts.Count} rows of counts and {labels.Count} labels do not go together");
        }

        int features = counts[0].Length;
        var observed = new double[classes, features];
        var shares = new double[classes];
        var totals = new double[features];
        for (int row = 0; row < counts.Count; row++)
        {
            shares[labels[row]] += 1.0 / counts.Count;
            for (int feature = 0; feature < features; feature++)
            {
                observed[labels[row], feature] += counts[row][feature];
                totals[feature] += counts[row][feature];
            }
        }

        var statistics = new double[features];
        for (int feature = 0; feature < features; feature++)
        {
            for (int c = 0; c < classes; c++)
            {
                double expected = shares[c] * totals[feature], difference = observed[c, feature] - expected;
                if (expected > 0) statistics[feature] += difference * difference / expected;
            }
        }

        return statistics;
    }

    /// <summary>The same of sparse counts: one statistic for each feature that occurs.</summary>
    /// <param name="counts">What occurs in each example, and how often.</param>
    /// <param name="labels">The class of each example.</param>
    /// <param name="classes">How many classes.</param>
    public static IReadOnlyDictionary<long, double> OfSparse(
        IReadOnlyList<IReadOnlyDictionary<long, int>> counts, IReadOnlyList<int> labels, int classes)
    {
        var observed = new Dictionary<long, double[]>();
        var shares = new double[classes];
        for (int row = 0; row < counts.Count; row++)
        {
            shares[labels[row]] += 1.0 / counts.Count;
            foreach (var (feature, count) in counts[row])
            {
                if (!observed.TryGetValue(feature, out double[]? sums)) observed[feature] = sums = new double[classes];
                sums[labels[row]] += count;
            }
        }

        return observed.ToDictionary(entry => entry.Key, entry =>
        {
            double total = entry.Value.Sum(), statistic = 0;
            for (int c = 0; c < classes; c++)
            {
                double expected = shares[c] * total, difference = entry.Value[c] - expected;
                if (expected > 0) statistic += difference * difference / expected;
            }

            return statistic;
        });
    }
}
