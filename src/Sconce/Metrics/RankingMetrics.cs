using Sconce.Torch;

namespace Sconce.Metrics;

/// <summary>Figures of how scores rank.</summary>
public static class RankingMetrics
{
    /// <summary>
    /// The area under the ROC curve: the probability that a positive scores higher than a negative, ties counting half (Mann-Whitney's U).
    /// In [0, 1]; NaN where either side is empty.
    /// </summary>
    /// <param name="scores">Higher means more likely positive; finite.</param>
    /// <param name="positive">As many truths.</param>
    /// <exception cref="ArgumentException">Different lengths, or a score that is NaN.</exception>
    public static double Auroc(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positive)
    {
        if (scores.Length != positive.Length) throw new ArgumentException($"AUROC: {scores.Length} scores for {positive.Length} truths");
        double[] sorted = scores.ToArray();
        bool[] truths = positive.ToArray();
        if (sorted.Any(double.IsNaN)) throw new ArgumentException($"AUROC: score {Array.FindIndex(sorted, double.IsNaN)} is NaN");
        Array.Sort(sorted, truths);
        long positives = truths.Count(truth => truth), negatives = truths.Length - positives;
        if (positives == 0 || negatives == 0) return double.NaN;
        double rankSum = 0;
        for (int start = 0; start < sorted.Length;)
        {
            int end = start;
            while (end < sorted.Length && sorted[end].Equals(sorted[start])) end++;
            double rank = (start + 1 + end) / 2.0; // ties share the mean of their ranks, which count from 1
            for (int k = start; k < end; k++) rankSum += truths[k] ? rank : 0;
            start = end;
        }

        return (rankSum - (positives * (positives + 1) / 2.0)) / ((double)positives * negatives);
    }

    /// <summary>
    /// The average precision: precision at each score that is a threshold, weighted by the recall that it adds (scikit-learn's
    /// <c>average_precision_score</c>). NaN without positives.
    /// </summary>
    /// <param name="scores">Higher means more likely positive; finite.</param>
    /// <param name="positive">As many truths.</param>
    /// <exception cref="ArgumentException">Different lengths, or a score that is NaN.</exception>
    public static double AveragePrecision(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positive)
    {
        double sum = 0;
        long positives = positive.Count(true), before = 0;
        foreach (var (_, found, taken) in Thresholds(scores, positive))
        {
            sum += (double)(found - before) / positives * found / taken;
            before = found;
        }

        return positives == 0 ? double.NaN : sum;
    }

    /// <summary>The threshold, among the scores, from which on «positive» has the best F1; the lowest of equally good ones.</summary>
    /// <param name="scores">Higher means more likely positive; finite.</param>
    /// <param name="positive">As many truths.</param>
    /// <returns>NaN and 0 without positives.</returns>
    /// <exception cref="ArgumentException">Different lengths, or a score that is NaN.</exception>
    public static (double Threshold, double F1) BestF1(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positive)
    {
        double best = 0, threshold = double.NaN;
        long positives = positive.Count(true);
        foreach (var (score, found, taken) in Thresholds(scores, positive))
        {
            double f1 = 2.0 * found / (positives + taken);
            if (found > 0 && f1 >= best) (best, threshold) = (f1, score);
        }

        return (threshold, best);
    }

    /// <summary>Each distinct score, highest first, with how many positives and how many in all have it or more.</summary>
    private static List<(double Score, long Found, long Taken)> Thresholds(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positive)
    {
        if (scores.Length != positive.Length)
            throw new ArgumentException($"thresholds: {scores.Length} scores for {positive.Length} truths");
        double[] sorted = scores.ToArray();
        bool[] truths = positive.ToArray();
        if (sorted.Any(double.IsNaN)) throw new ArgumentException($"thresholds: score {Array.FindIndex(sorted, double.IsNaN)} is NaN");
        Array.Sort(sorted, truths);
        var steps = new List<(double, long, long)>();
        long found = 0;
        for (int k = sorted.Length - 1; k >= 0; k--)
        {
            if (truths[k]) found++;
            if (k == 0 || !sorted[k - 1].Equals(sorted[k])) steps.Add((sorted[k], found, sorted.Length - k));
        }

        return steps;
    }

    /// <summary>The number of rows whose label is among the <paramref name="k"/> largest logits; equal logits count in the order of their
    /// classes.</summary>
    /// <param name="logits"><c>(N, classes)</c></param>
    /// <param name="labels"><c>(N)</c></param>
    /// <param name="k">1 to classes; more is all of them.</param>
    public static long TopK(Tensor logits, Tensor labels, int k)
    {
        using var scope = new TensorScope();
        var own = logits.Gather(1, labels.Unsqueeze(1)); // (N, 1)
        var classes = Tensor.Arange(logits.Size(1), DType.Int64).To(logits.Device);
        var before = (logits > own) | (logits.Eq(own) & (classes < labels.Unsqueeze(1)));
        return (before.Sum([1L]) < k).Sum().Item<long>();
    }
}
