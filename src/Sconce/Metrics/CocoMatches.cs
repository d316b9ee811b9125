using Sconce.Data;

namespace Sconce.Metrics;

/// <summary>What became of a box at one threshold.</summary>
internal enum CocoOutcome : byte
{
    Wrong,
    Found,
    Ignored,
}

/// <summary>One class in one area range, over all pictures.</summary>
/// <param name="areas">The range of areas, in square pixels: objects of others do not count.</param>
internal sealed class CocoMatches((double Least, double Most) areas)
{
    /// <summary>IoU from which on an object is found.</summary>
    public static readonly double[] Thresholds = [.. Enumerable.Range(0, 10).Select(k => 0.5 + (k * ((0.95 - 0.5) / 9)))];

    /// <summary>Score, rank within its picture, and what became of it at each threshold.</summary>
    private readonly List<(double Score, int Rank, CocoOutcome[] Outcomes)> matched = [];

    /// <summary>Objects that count.</summary>
    public int Wanted { get; private set; }

    /// <summary>COCO's greedy matching at every threshold: the surest box first takes the object that it overlaps most, one that counts
    /// before one that does not.</summary>
    /// <param name="wanted">A picture's objects of the class.</param>
    /// <param name="boxes">Its detections of the class, the surest first.</param>
    /// <param name="overlaps">Of each box with each object.</param>
    /// <param name="measure">Tells their areas.</param>
    public void Add(BoxAnnotation[] wanted, DetectedBox[] boxes, double[,] overlaps, CocoMeasure measure)
    {
        var (least, most) = areas;
        bool[] ignored =
        [
            .. wanted.Select(box =>
                box.IsCrowd || box.IsDifficult || measure.AreaOf(box) < least || measure.AreaOf(box) > most),
        ];
        int[] order = [.. Enumerable.Range(0, wanted.Length).OrderBy(g => ignored[g])];
        Wanted += ignored.Count(ignore => !ignore);
        double[] boxAreas = [.. boxes.Select(box => measure.AreaOf(box))];
        var outcomes = new CocoOutcome[boxes.Length, Thresholds.Length];
        for (int t = 0; t < Thresholds.Length; t++)
        {
            var taken = new bool[wanted.Length];
            for (int d = 0; d < boxes.Length; d++)
            {
                double best = Math.Min(Thresholds[t], 1 - 1e-10);
                int match = -1;
                foreach (int g in order)
                {
                    if (taken[g] && !wanted[g].IsCrowd) continue;
                    if (match >= 0 && !ignored[match] && ignored[g]) break; // nothing that counts follows
                    if (overlaps[d, g] < best) continue;
                    (best, match) = (overlaps[d, g], g);
                }

                if (match >= 0) taken[match] = true;
                bool outside = boxAreas[d] < least || boxAreas[d] > most;
                outcomes[d, t] = match >= 0 ? (ignored[match] ? CocoOutcome.Ignored : CocoOutcome.Found) : outside
                    ? CocoOutcome.Ignored : CocoOutcome.Wrong;
            }
        }

        for (int d = 0; d < boxes.Length; d++)
        {
            var row = new CocoOutcome[Thresholds.Length];
            for (int t = 0; t < row.Length; t++) row[t] = outcomes[d, t];
            matched.Add((boxes[d].Score, d, row));
        }
    }

    /// <summary>The curves with at most so many boxes a picture.</summary>
    public CocoCurves Curves(int most) => CocoCurves.Of(
        [.. matched.Where(box => box.Rank < most).OrderByDescending(box => box.Score).Select(box => box.Outcomes)], Wanted);
}
