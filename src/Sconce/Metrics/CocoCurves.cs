namespace Sconce.Metrics;

/// <summary>One class's precision and recall, with 100 boxes a picture and objects of every size.</summary>
/// <param name="Precisions">At each of the ten IoU thresholds: the precision at recalls 0, 0.01, …, 1, made monotone.</param>
/// <param name="Recalls">At each threshold: the greatest recall.</param>
public sealed record CocoCurves(IReadOnlyList<double[]> Precisions, IReadOnlyList<double> Recalls)
{
    private static readonly double[] ReadAt = [.. Enumerable.Range(0, 101).Select(k => k == 100 ? 1 : k * 0.01)];

    /// <summary>At each threshold: the mean of the interpolated precision over 101 recalls.</summary>
    internal double[] AveragePrecisions => [.. Precisions.Select(precisions => precisions.Sum() / ReadAt.Length)];

    /// <summary>At each threshold: the interpolated precision at 101 recalls, and the greatest recall.</summary>
    /// <param name="sorted">What became of each box at each threshold, the surest box first.</param>
    /// <param name="wanted">Objects that count.</param>
    internal static CocoCurves Of(CocoOutcome[][] sorted, int wanted)
    {
        var curves = Enumerable.Range(0, CocoMatches.Thresholds.Length).Select(threshold => At(threshold, sorted, wanted)).ToList();
        return new CocoCurves([.. curves.Select(curve => curve.Precisions)], [.. curves.Select(curve => curve.Recall)]);
    }

    private static (double[] Precisions, double Recall) At(int threshold, CocoOutcome[][] sorted, int wanted)
    {
        var recalls = new double[sorted.Length];
        var precisions = new double[sorted.Length];
        int found = 0, wrong = 0;
        for (int k = 0; k < sorted.Length; k++)
        {
            if (sorted[k][threshold] == CocoOutcome.Found) found++;
            else if (sorted[k][threshold] == CocoOutcome.Wrong) wrong++;
            recalls[k] = (double)found / wanted;
            precisions[k] = found / (found + wrong + Math.BitIncrement(1.0) - 1);
        }

        for (int k = precisions.Length - 1; k > 0; k--) precisions[k - 1] = Math.Max(precisions[k - 1], precisions[k]);
        var interpolated = new double[ReadAt.Length];
        int place = 0;
        for (int k = 0; k < ReadAt.Length; k++)
        {
            while (place < recalls.Length && recalls[place] < ReadAt[k]) place++;
            if (place == recalls.Length) break;
            interpolated[k] = precisions[place];
        }

        return (interpolated, recalls.Length > 0 ? recalls[^1] : 0);
    }
}
