namespace Sconce.Metrics;

/// <summary>What a classifier does where it answers only when it is sure enough.</summary>
/// <param name="Threshold">The least confidence, in [0, 1].</param>
/// <param name="Answered">The share of pictures that get an answer.</param>
/// <param name="Accuracy">The share of those that is right; NaN for none.</param>
public sealed record ConfidenceThreshold(double Threshold, double Answered, double Accuracy);

/// <summary>What a detector of class 1 of two does above a threshold.</summary>
/// <param name="Threshold">The least probability of class 1 that counts as one.</param>
/// <param name="Precision">Of those above it, the share that is one; NaN for none.</param>
/// <param name="Recall">Of those that are, the share above it; NaN for none.</param>
/// <param name="FalsePositiveRate">Of the others, the share above it; NaN for none.</param>
/// <param name="F1">The harmonic mean of precision and recall; 0 where both are.</param>
public sealed record BinaryThreshold(double Threshold, double Precision, double Recall, double FalsePositiveRate, double F1);

/// <summary>Thresholds to choose from.</summary>
public static class ThresholdTable
{
    private static readonly double[] Confidences = [0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];
    private static readonly double[] Scores = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

    /// <summary>Coverage and accuracy by the least confidence.</summary>
    public static IReadOnlyList<ConfidenceThreshold> OfConfidence(IReadOnlyList<ClassifierAnswer> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return [.. Confidences.Select(Row)];

        ConfidenceThreshold Row(double threshold)
        {
            var kept = answers.Where(answer => answer.Confidence >= threshold).ToList();
            double right = kept.Count(answer => answer.IsRight);
            return new ConfidenceThreshold(threshold, (double)kept.Count / answers.Count, right / kept.Count);
        }
    }

    /// <summary>Of two classes: precision, recall and false alarms by the least probability of class 1.</summary>
    public static IReadOnlyList<BinaryThreshold> OfTwo(IReadOnlyList<ClassifierAnswer> answers) =>
        [.. Scores.Select(at => Of(answers, at))];

    /// <summary>Of two classes: the threshold of the highest F1 among all that separate two answers.</summary>
    public static BinaryThreshold BestOfTwo(IReadOnlyList<ClassifierAnswer> answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        var sorted = answers.Where(answer => double.IsFinite(answer.Score)).OrderByDescending(answer => answer.Score).ToList();
        long positives = sorted.Count(answer => answer.Label == 1), found = 0;
        (double F1, double Threshold) best = (-1, 0.5);
        for (int k = 0; k < sorted.Count; k++)
        {
            if (sorted[k].Label == 1) found++;
            if (k + 1 < sorted.Count && sorted[k + 1].Score == sorted[k].Score) continue;
            double f1 = 2.0 * found / (k + 1 + positives);
            if (f1 > best.F1) best = (f1, sorted[k].Score);
        }

        return Of(answers, best.Threshold);
    }

    private static BinaryThreshold Of(IReadOnlyList<ClassifierAnswer> answers, double threshold)
    {
        double right = 0, wrong = 0, ones = 0;
        foreach (var answer in answers)
        {
            bool isOne = answer.Label == 1, isAbove = answer.Score >= threshold;
            if (isOne) ones++;
            if (isAbove && isOne) right++;
            if (isAbove && !isOne) wrong++;
        }

        double f1 = right == 0 ? 0 : 2 * right / (right + wrong + ones);
        return new BinaryThreshold(threshold, right / (right + wrong), right / ones, wrong / (answers.Count - ones), f1);
    }
}
