using Sconce.Maths;

namespace Sconce.Metrics;

/// <summary>The per-region overlap (PRO): every defect counts the same, however large it is (1911.02357 §4; MVTec AD's measure).</summary>
public static class RegionOverlap
{
    /// <summary>
    /// The area under the mean share of each region that is found, over the share of good pixels that are taken for bad, up to a limit;
    /// as a share of the
    /// limit, so that 1 is perfect. NaN without regions, or without good pixels.
    /// </summary>
    /// <param name="maps">Row by row, higher for worse.</param>
    /// <param name="masks">As many truths.</param>
    /// <param name="width">Pixels a row.</param>
    /// <param name="limit">Of false pixels, in (0, 1].</param>
    public static double Of(IReadOnlyList<float[]> maps, IReadOnlyList<bool[]> masks, int width, double limit = 0.3)
    {
        ArgumentNullException.ThrowIfNull(maps);
        ArgumentNullException.ThrowIfNull(masks);
        var regions = masks.Select(mask => ConnectedRegions.Of(mask, width)).ToList();
        int count = regions.Sum(found => found.Count);
        long good = masks.Sum(mask => mask.LongCount(bad => !bad));
        if (count == 0 || good == 0) return double.NaN;
        var (values, gains) = (new List<float>(), new List<double>());
        for (int k = 0; k < maps.Count; k++)
        {
            var gain = new double[maps[k].Length]; // 0 for good pixels
            foreach (var region in regions[k])
            {
                foreach (int cell in region.Cells) gain[cell] = 1.0 / region.Cells.Count / count;
            }

            values.AddRange(maps[k]);
            gains.AddRange(gain);
        }

        return Area([.. values], [.. gains], good, limit);
    }

    private static double Area(float[] values, double[] gains, long good, double limit)
    {
        Array.Sort(values, gains);
        double area = 0, found = 0, wrong = 0;
        for (int k = values.Length - 1; k >= 0;)
        {
            double before = found, from = wrong;
            float value = values[k];
            for (; k >= 0 && values[k].Equals(value); k--)
            {
                if (gains[k] > 0) found += gains[k];
                else wrong += 1.0 / good;
            }

            if (wrong >= limit)
            {
                double share = wrong > from ? (limit - from) / (wrong - from) : 0, last = before + (share * (found - before));
                return (area + ((limit - from) * (before + last) / 2)) / limit;
            }

            area += (wrong - from) * (before + found) / 2;
        }

        return (area + ((limit - wrong) * found)) / limit;
    }
}
