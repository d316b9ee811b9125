using Sconce.Torch;

namespace Sconce.Systems.Science.MedicalPerception;

/// <summary>The two figures by which readers are compared at each severity; official perturbation_study_analysis.py.</summary>
public static class PerceptionStatistics
{
    /// <summary>The posterior of each severity's effect: mean, population deviation, and the chance that a normal with these is above
    /// 0.</summary>
    /// <param name="gamma"><c>(severities, samples)</c></param>
    /// <returns>Three of <c>(severities)</c>.</returns>
    public static (Tensor Mean, Tensor Deviation, Tensor ChanceAboveZero) PredictiveConfidence(Tensor gamma)
    {
        using var scope = new TensorScope();
        var mean = gamma.Mean([-1]);
        var deviation = (gamma - mean.Unsqueeze(-1)).Square().Mean([-1]).Sqrt();
        var above = ((mean / deviation / Math.Sqrt(2)).Erf() + 1) / 2; // 1 - Φ(-mean / sd)
        return (scope.Keep(mean), scope.Keep(deviation), scope.Keep(above));
    }

    /// <summary>The two-sample Kolmogorov-Smirnov statistic, the greatest distance of the two empirical distribution functions, in [0, 1].
    /// It has no sign: a reversed ranking separates too.</summary>
    /// <exception cref="ArgumentException">An empty sample, or one with NaN.</exception>
    public static double Separability(ReadOnlySpan<double> positives, ReadOnlySpan<double> negatives)
    {
        var (above, below) = Distances(positives, negatives);
        return Math.Max(above, below);
    }

    /// <summary>
    /// The p-value of the one-sided test that the first sample's distribution function lies below the second's, that is, that its values
    /// tend to be greater (SciPy's <c>alternative="less"</c>): exp(-2 D² nm / (n + m)) with Hodges' correction. Asymptotic: for the study's
    /// handfuls of readers, an approximation.
    /// </summary>
    public static double ChanceOfNoDrop(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        double distance = Distances(first, second).Below;
        double n = Math.Max(first.Length, second.Length), m = Math.Min(first.Length, second.Length);
        double z = Math.Sqrt(n * m / (n + m)) * distance;
        double exponent = -2 * z * z - 2 * z * (n + 2 * m) / Math.Sqrt(n * m * (n + m)) / 3;
        return Math.Clamp(Math.Exp(exponent), 0, 1);
    }

    /// <summary>The chance that a positive's value is above a negative's, ties by half: the area under the ROC curve, in [0, 1].</summary>
    public static double AreaUnderCurve(ReadOnlySpan<double> positives, ReadOnlySpan<double> negatives)
    {
        double[] sorted = Sorted(negatives);
        Sorted(positives);    // refuses NaN
        double wins = 0;
        foreach (double value in positives)
            wins += (CountBelow(sorted, value, orEqual: false) + CountBelow(sorted, value, orEqual: true)) / 2.0;
        return wins / positives.Length / negatives.Length;
    }

    /// <summary>The greatest amount by which the first distribution function lies above the second, and by which it lies below.</summary>
    private static (double Above, double Below) Distances(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        double[] a = Sorted(first), b = Sorted(second);
        double above = 0, below = 0;
        foreach (double value in a.Concat(b))
        {
            double difference = (double)CountBelow(a, value, orEqual: true) / a.Length
                - (double)CountBelow(b, value, orEqual: true) / b.Length;
            above = Math.Max(above, difference);
            below = Math.Max(below, -difference);
        }

        return (above, below);
    }

    private static double[] Sorted(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) throw new ArgumentException("an empty sample has no distribution");
        double[] sorted = values.ToArray();
        if (sorted.Any(double.IsNaN)) throw new ArgumentException("a sample holds NaN");
        Array.Sort(sorted);
        return sorted;
    }

    private static int CountBelow(double[] sorted, double value, bool orEqual)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle] < value || (orEqual && sorted[middle] == value)) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
