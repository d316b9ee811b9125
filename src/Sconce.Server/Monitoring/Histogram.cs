namespace Sconce.Server.Monitoring;

/// <summary>How often numbers of [0, 1] fell into each of ten equal bins.</summary>
internal sealed class Histogram
{
    /// <summary>How many bins there are.</summary>
    public const int Bins = 10;

    private readonly long[] counts;

    /// <summary>An empty one, or one with counts.</summary>
    public Histogram(IReadOnlyList<long>? counts = null) => this.counts = counts is { Count: Bins } known ? [.. known] : new long[Bins];

    /// <summary>By bin.</summary>
    public IReadOnlyList<long> Counts => counts;

    /// <summary>How many numbers.</summary>
    public long Total => counts.Sum();

    /// <summary>Adds a number, or takes it away again.</summary>
    public void Add(double value, int times = 1) => counts[Math.Clamp((int)(value * Bins), 0, Bins - 1)] += times;

    /// <summary>
    /// The population stability index, the sum over bins of (p - q) ln(p / q): 0 where two are alike, above 0.2 where they differ much.
    /// Half a number is added to each bin, so that an empty one is not infinitely far.
    /// </summary>
    public double StabilityAgainst(Histogram reference)
    {
        double sum = 0, ours = Total + (Bins / 2.0), theirs = reference.Total + (Bins / 2.0);
        for (int k = 0; k < Bins; k++)
        {
            double p = (counts[k] + 0.5) / ours, q = (reference.counts[k] + 0.5) / theirs;
            sum += (p - q) * Math.Log(p / q);
        }

        return sum;
    }
}
