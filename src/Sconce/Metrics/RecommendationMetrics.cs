namespace Sconce.Metrics;

/// <summary>Figures of a ranked list against what somebody did take.</summary>
public static class RecommendationMetrics
{
    /// <summary>The share of the relevant items that are in the list; NaN without relevant ones.</summary>
    /// <param name="ranked">The list, best first.</param>
    /// <param name="relevant">What was taken.</param>
    public static double Recall(IReadOnlyList<long> ranked, IReadOnlySet<long> relevant)
    {
        ArgumentNullException.ThrowIfNull(relevant);
        return relevant.Count == 0 ? double.NaN : (double)ranked.Count(relevant.Contains) / relevant.Count;
    }

    /// <summary>
    /// The normalised discounted cumulative gain of items that are relevant or not: each counts 1 / log2(rank + 1), ranks from 1, over the
    /// best that a list of this length could reach. NaN without relevant ones.
    /// </summary>
    /// <param name="ranked">The list, best first.</param>
    /// <param name="relevant">What was taken.</param>
    public static double Ndcg(IReadOnlyList<long> ranked, IReadOnlySet<long> relevant)
    {
        ArgumentNullException.ThrowIfNull(ranked);
        ArgumentNullException.ThrowIfNull(relevant);
        double gain = 0, best = 0;
        for (int rank = 0; rank < ranked.Count; rank++)
        {
            double share = 1 / Math.Log2(rank + 2);
            if (relevant.Contains(ranked[rank])) gain += share;
            if (rank < relevant.Count) best += share;
        }

        return relevant.Count == 0 ? double.NaN : gain / best;
    }
}
