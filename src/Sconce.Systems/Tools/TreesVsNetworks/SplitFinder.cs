using System.Runtime.Intrinsics;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>Sums of a side.</summary>
internal readonly record struct SideSum(double G, double H, int Count)
{
    /// <summary>G² / (H + λ): twice what the best value of this side takes off the loss.</summary>
    internal double Score(double l2) => G * G / (H + l2);

    public static SideSum operator +(SideSum a, SideSum b) => new(a.G + b.G, a.H + b.H, a.Count + b.Count);

    public static SideSum operator -(SideSum a, SideSum b) => new(a.G - b.G, a.H - b.H, a.Count - b.Count);
}

/// <summary>The best way to split a leaf.</summary>
/// <param name="Feature">Which; -1 for none.</param>
/// <param name="Bin">Bins up to it go left; of categories see <paramref name="Kinds"/>.</param>
/// <param name="Gain">More than 0.</param>
/// <param name="Left">The left side's sums.</param>
/// <param name="MissingLeft">Where rows without a value go.</param>
/// <param name="Kinds">Of a category: those that go left.</param>
internal readonly record struct Split(int Feature, int Bin, double Gain, SideSum Left, bool MissingLeft, KindSet? Kinds)
{
    internal static Split None { get; } = new(-1, 0, 0, default, false, null);
}

/// <summary>Finds a leaf's best split in its histograms; scikit-learn 1.2.1 _hist_gradient_boosting/splitting.pyx.</summary>
internal static class SplitFinder
{
    // Kinds of fewer rows are not told apart, and their mean is drawn to 0: rare kinds would be split by chance.
    private const int KindRows = 10;
    private const double KindSmoothing = 10;

    /// <summary>The best split of one feature; of equals the smallest bin.</summary>
    internal static Split Best(int feature, FeatureBins bins, Histograms histograms, in SideSum total, TreeSettings settings) =>
        bins.IsCategory ? BestKinds(feature, bins, histograms, total, settings) : BestThreshold(feature, bins, histograms, total, settings);

    /// <summary>The gain of each threshold, which may be negative; -1 where a side has too few rows.</summary>
    internal static double[] Gains(int feature, FeatureBins bins, Histograms histograms, in SideSum total, TreeSettings settings)
    {
        var gains = new double[bins.Count - 1];
        var left = default(SideSum);
        for (int bin = 0; bin < gains.Length; bin++)
        {
            left += Sum(histograms, feature, bin);
            var right = total - left;
            bool few = Math.Min(left.Count, right.Count) < settings.MinSamplesLeaf;
            gains[bin] = few ? -1 : left.Score(settings.L2) + right.Score(settings.L2) - total.Score(settings.L2);
        }

        return gains;
    }

    private static Split BestThreshold(int feature, FeatureBins bins, Histograms histograms, in SideSum total, TreeSettings settings)
    {
        var best = Split.None;
        var sums = histograms.Of(feature);
        double whole = total.Score(settings.L2), l2 = settings.L2;
        int last = bins.HasMissing ? bins.Count : bins.Count - 1, least = settings.MinSamplesLeaf;
        var left = Vector128<double>.Zero;
        int count = 0;
        for (int bin = 0; bin < last; bin++) // missing values on the right
        {
            left += sums[bin];
            count += histograms.Count(feature, bin);
            if (count < least) continue;
            if (total.Count - count < least) break;
            double g = left[0], h = left[1], otherG = total.G - g, otherH = total.H - h;
            if (h < settings.MinHessian) continue;
            if (otherH < settings.MinHessian) break;
            double gain = (g * g / (h + l2)) + (otherG * otherG / (otherH + l2)) - whole;
            if (gain > best.Gain) best = new Split(feature, bin, gain, new SideSum(g, h, count), false, null);
        }

        if (!bins.HasMissing) return best;
        var side = Sum(histograms, feature, FeatureBins.Missing);
        for (int bin = 0; bin < bins.Count - 1; bin++) // missing values on the left
        {
            side += Sum(histograms, feature, bin);
            Consider(ref best, feature, bin, side, total, true, null, whole, settings);
        }

        return best;
    }

    /// <summary>Kinds in the order of their mean gradient; a split takes the first of them, or the last.</summary>
    private static Split BestKinds(int feature, FeatureBins bins, Histograms histograms, in SideSum total, TreeSettings settings)
    {
        var kinds = new List<(int Kind, SideSum Sum, double Order)>();
        for (int kind = 0; kind < bins.Kinds; kind++)
        {
            var sum = Sum(histograms, feature, kind);
            if (sum.Count >= KindRows) kinds.Add((kind, sum, sum.G / (sum.H + KindSmoothing)));
        }

        kinds.Sort(static (a, b) => a.Order != b.Order ? a.Order.CompareTo(b.Order) : a.Kind.CompareTo(b.Kind));
        var best = Split.None;
        double whole = total.Score(settings.L2);
        foreach (bool backwards in (bool[])[false, true])
        {
            var (side, set) = (default(SideSum), default(KindSet));
            for (int k = 0; k < kinds.Count; k++)
            {
                var (kind, sum, _) = kinds[backwards ? kinds.Count - 1 - k : k];
                side += sum;
                set = set.With(kind);
                Consider(ref best, feature, 0, side, total, false, set, whole, settings);
            }
        }

        return best;
    }

    private static void Consider(
        ref Split best, int feature, int bin, in SideSum left, in SideSum total, bool missingLeft, KindSet? kinds, double whole,
            TreeSettings settings)
    {
        var right = total - left;
        if (left.Count < settings.MinSamplesLeaf || right.Count < settings.MinSamplesLeaf || left.H < settings.MinHessian
            || right.H < settings.MinHessian)
        {
            return;
        }
        double gain = left.Score(settings.L2) + right.Score(settings.L2) - whole;
        if (gain > best.Gain) best = new Split(feature, bin, gain, left, missingLeft, kinds);
    }

    private static SideSum Sum(Histograms histograms, int feature, int bin)
    {
        var sum = histograms.Of(feature)[bin];
        return new SideSum(sum[0], sum[1], histograms.Count(feature, bin));
    }
}
