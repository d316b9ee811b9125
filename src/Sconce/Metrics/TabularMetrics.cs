namespace Sconce.Metrics;

/// <summary>Figures of answers to the rows of a table.</summary>
public static class TabularMetrics
{
    /// <summary>
    /// The share of the variance that is explained, 1 - Σ(y - ŷ)² / Σ(y - ȳ)²: at most 1; NaN where the truths are all alike.
    /// </summary>
    public static double R2(ReadOnlySpan<double> truths, ReadOnlySpan<double> answers)
    {
        Verify("R²", truths.Length, answers.Length);
        double mean = 0, rest = 0, all = 0;
        foreach (double truth in truths) mean += truth / truths.Length;
        for (int k = 0; k < truths.Length; k++)
        {
            rest += (truths[k] - answers[k]) * (truths[k] - answers[k]);
            all += (truths[k] - mean) * (truths[k] - mean);
        }

        return all > 0 ? 1 - (rest / all) : double.NaN;
    }

    /// <summary>The root of the mean squared error.</summary>
    public static double RootMeanSquaredError(ReadOnlySpan<double> truths, ReadOnlySpan<double> answers)
    {
        Verify("root mean squared error", truths.Length, answers.Length);
        double sum = 0;
        for (int k = 0; k < truths.Length; k++) sum += (truths[k] - answers[k]) * (truths[k] - answers[k]);
        return Math.Sqrt(sum / truths.Length);
    }

    /// <summary>The mean absolute error.</summary>
    public static double MeanAbsoluteError(ReadOnlySpan<double> truths, ReadOnlySpan<double> answers)
    {
        Verify("mean absolute error", truths.Length, answers.Length);
        double sum = 0;
        for (int k = 0; k < truths.Length; k++) sum += Math.Abs(truths[k] - answers[k]);
        return sum / truths.Length;
    }

    /// <summary>The share of rows whose likeliest class, of equals the first, is theirs; NaN of no rows.</summary>
    /// <param name="truths">Classes, 0 to <paramref name="classes"/> - 1.</param>
    /// <param name="probabilities">Row by row, one a class.</param>
    /// <param name="classes">How many.</param>
    public static double Accuracy(ReadOnlySpan<int> truths, ReadOnlySpan<double> probabilities, int classes)
    {
        Verify("accuracy", (long)truths.Length * classes, probabilities.Length);
        int right = 0;
        for (int row = 0; row < truths.Length; row++)
        {
            var own = probabilities.Slice(row * classes, classes);
            int likeliest = 0;
            for (int k = 1; k < classes; k++)
            {
                if (own[k] > own[likeliest]) likeliest = k;
            }

            right += likeliest == truths[row] ? 1 : 0;
        }

        return (double)right / truths.Length;
    }

    /// <summary>The mean of -ln p of the true class, in nats; probabilities below 1e-15 count as that.</summary>
    /// <inheritdoc cref="Accuracy"/>
    public static double LogLoss(ReadOnlySpan<int> truths, ReadOnlySpan<double> probabilities, int classes)
    {
        Verify("log loss", (long)truths.Length * classes, probabilities.Length);
        double sum = 0;
        for (int row = 0; row < truths.Length; row++) sum -= Math.Log(Math.Max(probabilities[(row * classes) + truths[row]], 1e-15));
        return sum / truths.Length;
    }

    private static void Verify(string figure, long wanted, long given)
    {
        if (wanted != given) throw new ArgumentException($"{figure}: {given} answers for {wanted} truths");
    }
}
