namespace Sconce.Metrics;

/// <summary>
/// Whether a generator repeats the pictures that it learned from. Every sample has a distance to the nearest of those, and so have other
/// pictures: such as it never saw, or the learned ones themselves, each to the nearest other one. A generator of new pictures has samples
/// that are as far away as those; one that learned by heart, nearer ones. After the three-sample test of 2004.05675, without its cells.
/// </summary>
/// <param name="Nearer">The share of pairs of a sample and another picture in which the sample is the nearer one, equal distances by half:
/// 0.5 for new pictures, 1 where all are known by heart, near 0 where samples are unlike any picture.</param>
/// <param name="Copied">The share of samples that are nearer than the nearest twentieth of the other pictures: 0.05 for new pictures. It
/// sees it too where only some are copies.</param>
public sealed record Repetition(double Nearer, double Copied)
{
    private const double Rare = 0.05, Suspicious = 0.2;

    /// <summary>Whether there are four times as many near samples as of a generator of new pictures.</summary>
    public bool IsSuspicious => Copied >= Suspicious;

    /// <summary>Compares distances.</summary>
    /// <param name="samples">Of each sample to the nearest learned picture.</param>
    /// <param name="others">Of each other picture to the nearest learned one, itself not counted.</param>
    /// <exception cref="ArgumentException">There are none of a kind.</exception>
    public static Repetition Of(IReadOnlyList<double> samples, IReadOnlyList<double> others)
    {
        ArgumentNullException.ThrowIfNull(samples);
        ArgumentNullException.ThrowIfNull(others);
        if (samples.Count == 0 || others.Count == 0)
            throw new ArgumentException($"{samples.Count} samples and {others.Count} other pictures: one of each is needed at least");
        double[] sorted = [.. others.Order()];
        double bound = sorted[(int)(Rare * sorted.Length)];
        double won = samples.Sum(sample =>
            sorted.Length - ((Rank(sorted, sample, isAfter: true) + Rank(sorted, sample, isAfter: false)) / 2.0));
        double near = samples.Count(sample => sample < bound);
        return new Repetition(won / ((double)samples.Count * sorted.Length), near / samples.Count);
    }

    /// <summary>How many are less; with equal ones where it is after them.</summary>
    private static int Rank(double[] sorted, double value, bool isAfter)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle] < value || (isAfter && sorted[middle] == value)) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
