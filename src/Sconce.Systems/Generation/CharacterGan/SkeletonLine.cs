namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>A thick line between two keypoints. util/keypoint_functions.py <c>weighted_line</c>, whose weights go unused.</summary>
internal static class SkeletonLine
{
    private const double Thickness = 2;

    /// <summary>Its pixels, each perhaps several times; those across the line's own direction stay within a bound.</summary>
    /// <param name="from">One end.</param>
    /// <param name="to">The other.</param>
    /// <param name="bound">The picture's longer side.</param>
    internal static IEnumerable<Keypoint> Pixels(Keypoint from, Keypoint to, int bound) =>
        Math.Abs(to.Y - from.Y) < Math.Abs(to.X - from.X)
            ? Steps(from.Y, from.X, to.Y, to.X, bound).Select(pixel => new Keypoint(pixel.Along, pixel.Across))
            : Steps(from.X, from.Y, to.X, to.Y, bound).Select(pixel => new Keypoint(pixel.Across, pixel.Along));

    /// <summary>One step along the axis on which the ends lie farther apart, a few pixels across it.</summary>
    private static IEnumerable<(int Along, int Across)> Steps(int across0, int along0, int across1, int along1, int bound)
    {
        if (along0 > along1) (across0, along0, across1, along1) = (across1, along1, across0, along0);
        if (along0 == along1) along1++; // both ends on one pixel
        double length = along1 - along0, slope = (across1 - across0) / length;
        double offset = (((double)along1 * across0) - ((double)along0 * across1)) / length;
        int reach = (int)Math.Ceiling(Thickness * Math.Sqrt(1 + Math.Abs(slope)) / 2 / 2) + 1;
        for (int along = along0; along <= along1; along++)
        {
            int middle = (int)Math.Floor((along * slope) + offset);
            for (int across = middle - reach; across <= middle + reach; across++)
            {
                if (across >= 0 && across < bound) yield return (along, across);
            }
        }
    }
}
