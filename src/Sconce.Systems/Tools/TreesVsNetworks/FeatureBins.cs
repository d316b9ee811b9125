namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>How one feature's values fall into bins; scikit-learn 1.2.1 _hist_gradient_boosting/binning.py.</summary>
internal sealed class FeatureBins
{
    /// <summary>The bin of rows whose value is missing.</summary>
    internal const byte Missing = 255;

    /// <summary>Most kinds of a category: 0 to 254.</summary>
    internal const int MostKinds = 255;

    private const int SampledRows = 200_000;

    private FeatureBins(double[] thresholds, int kinds, bool hasMissing) =>
        (Thresholds, Kinds, HasMissing) = (thresholds, kinds, hasMissing);

    /// <summary>Ascending; a value is in the bin of the first that it does not exceed. Empty for categories.</summary>
    internal double[] Thresholds { get; }

    /// <summary>Of a category; 0 for numbers.</summary>
    internal int Kinds { get; }

    internal bool IsCategory => Kinds > 0;

    internal bool HasMissing { get; }

    /// <summary>Without the bin of missing values.</summary>
    internal int Count => IsCategory ? Kinds : Thresholds.Length + 1;

    /// <summary>Up to <paramref name="most"/> distinct values: between neighbours; more: at equal shares of rows. NaN is missing.</summary>
    internal static FeatureBins OfNumbers(ReadOnlySpan<double> values, int most, Random random)
    {
        double[] known = Known(values, out bool missing);
        if (known.Length > SampledRows)
        {
            random.Shuffle(known);
            known = known[..SampledRows];
        }

        Array.Sort(known);
        var distinct = new List<double>();
        foreach (double value in known)
        {
            if (distinct.Count == 0 || value != distinct[^1]) distinct.Add(value);
            if (distinct.Count > most) return new FeatureBins(Percentiles(known, most), 0, missing);
        }

        double[] between = new double[Math.Max(0, distinct.Count - 1)];
        for (int k = 0; k < between.Length; k++) between[k] = Middle(distinct[k], distinct[k + 1]);
        return new FeatureBins(between, 0, missing);
    }

    /// <summary>Given thresholds, ascending.</summary>
    internal static FeatureBins OfThresholds(double[] thresholds, bool hasMissing = false) => new(thresholds, 0, hasMissing);

    /// <summary>A bin for each of 0 to <paramref name="kinds"/> - 1.</summary>
    internal static FeatureBins OfCategory(ReadOnlySpan<double> codes, int kinds)
    {
        bool missing = false;
        foreach (double code in codes) missing |= double.IsNaN(code);
        return new FeatureBins([], kinds, missing);
    }

    /// <summary>The bin of a value: the number of thresholds below it.</summary>
    internal byte Of(double value)
    {
        if (double.IsNaN(value)) return Missing;
        if (IsCategory) return (byte)value;
        int low = 0, high = Thresholds.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (Thresholds[middle] < value) low = middle + 1;
            else high = middle;
        }

        return (byte)low;
    }

    /// <summary>numpy's percentiles of method "midpoint": between two rows their mean.</summary>
    private static double[] Percentiles(double[] sorted, int bins)
    {
        var thresholds = new double[bins - 1];
        double step = 100.0 / bins;
        for (int k = 1; k < bins; k++)
        {
            double place = (sorted.Length - 1) * (k * step / 100);
            thresholds[k - 1] = Middle(sorted[(int)Math.Floor(place)], sorted[(int)Math.Ceiling(place)]);
        }

        return thresholds;
    }

    private static double Middle(double a, double b) => double.IsFinite(a + b) ? (a + b) / 2 : (a / 2) + (b / 2);

    private static double[] Known(ReadOnlySpan<double> values, out bool missing)
    {
        var known = new List<double>(values.Length);
        foreach (double value in values)
        {
            if (!double.IsNaN(value)) known.Add(value);
        }

        missing = known.Count < values.Length;
        return [.. known];
    }
}
