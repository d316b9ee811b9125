namespace Sconce.Metrics;

/// <summary>Answers of about one confidence.</summary>
/// <param name="From">The lower end, which is not in it but for 0.</param>
/// <param name="To">The upper end, which is in it.</param>
/// <param name="Count">How many answers.</param>
/// <param name="Confidence">Their mean confidence; NaN for none.</param>
/// <param name="Accuracy">The share of them that is right; NaN for none.</param>
public sealed record CalibrationBin(double From, double To, int Count, double Confidence, double Accuracy);

/// <summary>
/// Whether a classifier is right as often as it says: the reliability table over bins of equal width, and the expected and the largest
/// calibration error. 1706.04599 §2.
/// </summary>
/// <param name="Bins">By rising confidence, from 0 to 1.</param>
/// <param name="ExpectedError">ECE: the mean distance of accuracy and confidence, weighted by the bins' counts, in [0, 1].</param>
/// <param name="MaximumError">MCE: the largest such distance, in [0, 1].</param>
public sealed record Calibration(IReadOnlyList<CalibrationBin> Bins, double ExpectedError, double MaximumError)
{
    /// <summary>Of some answers; those without a probability do not count.</summary>
    /// <param name="answers">One a picture.</param>
    /// <param name="bins">At least 1; the papers take 10 or 15.</param>
    public static Calibration Of(IEnumerable<ClassifierAnswer> answers, int bins = 10)
    {
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var counts = new int[bins];
        var right = new int[bins];
        var sums = new double[bins];
        foreach (var answer in answers)
        {
            if (!double.IsFinite(answer.Confidence)) continue;
            int bin = Math.Clamp((int)Math.Ceiling(answer.Confidence * bins) - 1, 0, bins - 1);
            counts[bin]++;
            sums[bin] += answer.Confidence;
            if (answer.IsRight) right[bin]++;
        }

        CalibrationBin[] table = [.. Enumerable.Range(0, bins).Select(k => new CalibrationBin(
            (double)k / bins, (double)(k + 1) / bins, counts[k], sums[k] / counts[k], (double)right[k] / counts[k]))];
        var filled = table.Where(bin => bin.Count > 0).ToList();
        if (filled.Count == 0) return new Calibration(table, double.NaN, double.NaN);
        double total = counts.Sum();
        return new Calibration(
            table, filled.Sum(bin => bin.Count / total * Math.Abs(bin.Accuracy - bin.Confidence)),
            filled.Max(bin => Math.Abs(bin.Accuracy - bin.Confidence)));
    }
}
