namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>How trees are grown; the defaults are scikit-learn's HistGradientBoosting's.</summary>
public sealed record TreeSettings
{
    /// <summary>Rounds of boosting, or trees of a forest; 1 to 100,000.</summary>
    public int Rounds { get; init; } = 100;

    /// <summary>What each leaf's value is multiplied by, in (0, 1]; a forest has none.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Leaves of a tree at most; 2 at least.</summary>
    public int Leaves { get; init; } = 31;

    /// <summary>Rows of a leaf at least; 1 or more.</summary>
    public int MinSamplesLeaf { get; init; } = 20;

    /// <summary>The sum of second derivatives of a leaf at least.</summary>
    public double MinHessian { get; init; } = 1e-3;

    /// <summary>λ, which draws leaves' values to 0; 0 or more.</summary>
    public double L2 { get; init; }

    /// <summary>Bins of a numeric feature at most; 2 to 255. A category has as many as it has kinds.</summary>
    public int MaxBins { get; init; } = 255;

    /// <summary>The share of features that a tree may use, in (0, 1].</summary>
    public double FeatureFraction { get; init; } = 1;

    /// <summary>The share of rows that a tree sees, in (0, 1], drawn anew for each without replacement.</summary>
    public double RowFraction { get; init; } = 1;

    /// <summary>Rounds without a better validation loss after which training ends, where validation rows are given; 0: never.</summary>
    public int Patience { get; init; } = 20;

    /// <summary>Of what is drawn.</summary>
    public int Seed { get; init; }

    /// <summary>Threads; 0 for all cores.</summary>
    public int Threads { get; init; }

    internal int Workers => Threads == 0 ? Environment.ProcessorCount : Threads;

    /// <summary>Refuses what is out of its range.</summary>
    /// <exception cref="ArgumentException">Names the setting and its range.</exception>
    internal void Verify()
    {
        Check(Rounds is >= 1 and <= 100_000, nameof(Rounds), Rounds, "1 to 100,000");
        Check(LearningRate is > 0 and <= 1, nameof(LearningRate), LearningRate, "more than 0, at most 1");
        Check(Leaves is >= 2 and <= 65_536, nameof(Leaves), Leaves, "2 to 65,536");
        Check(MinSamplesLeaf >= 1, nameof(MinSamplesLeaf), MinSamplesLeaf, "1 or more");
        Check(MinHessian >= 0, nameof(MinHessian), MinHessian, "0 or more");
        Check(L2 >= 0 && double.IsFinite(L2), nameof(L2), L2, "0 or more");
        Check(MaxBins is >= 2 and <= 255, nameof(MaxBins), MaxBins, "2 to 255");
        Check(FeatureFraction is > 0 and <= 1, nameof(FeatureFraction), FeatureFraction, "more than 0, at most 1");
        Check(RowFraction is > 0 and <= 1, nameof(RowFraction), RowFraction, "more than 0, at most 1");
        Check(Patience >= 0, nameof(Patience), Patience, "0 or more");
        Check(Threads >= 0, nameof(Threads), Threads, "0 or more");
    }

    private static void Check(bool right, string name, double value, string range)
    {
        if (!right)
        {
            throw new ArgumentException(
                $"trees: {name} is {value.ToString(System.Globalization.CultureInfo.InvariantCulture)}; it must be {range}");
        }
    }
}
