using Sconce.Maths;
using Sconce.Video;

namespace Sconce.Metrics;

/// <summary>A tracker's figures.</summary>
/// <param name="Mota">1 - (misses + false alarms + switches) / true boxes: at most 1, may be negative. CLEAR MOT (Bernardin and
/// Stiefelhagen, 2008).</param>
/// <param name="Idf1">2 · rightly identified / (true boxes + tracked boxes), in [0, 1], under the one-to-one naming that is best over the
/// whole video (1609.01775).</param>
/// <param name="Switches">How often a true object is matched with another identity than last.</param>
/// <param name="Misses">True boxes that nothing is matched with.</param>
/// <param name="FalseAlarms">Tracked boxes that match nothing.</param>
/// <param name="Fragments">How often a true object is found again after it was lost.</param>
/// <param name="MeanDistance">Of matched pairs: 1 - IoU for boxes; NaN where there are none.</param>
/// <param name="Truths">True boxes in all.</param>
/// <param name="Frames">Frames added.</param>
public sealed record TrackingSummary(
    double Mota, double Idf1, long Switches, long Misses, long FalseAlarms, long Fragments, double MeanDistance, long Truths, int Frames);

/// <summary>
/// Judges tracks frame by frame. A pair that was matched in the last frame and may still be stays matched; the others are assigned with the
/// least sum of
/// distances, as many as may be (py-motmetrics' rules).
/// </summary>
public sealed class TrackingEvaluation
{
    private const double Forbidden = 1e9;
    private readonly Dictionary<int, int> identityOf = [];
    private readonly HashSet<int> seen = [], lost = [];
    private readonly Dictionary<(int Truth, int Track), long> together = [];
    private long truths, tracks, matches, switches, fragments;
    private double distanceSum;
    private int frames;

    /// <summary>Adds a frame of points.</summary>
    /// <param name="truthIds">True identities, each once.</param>
    /// <param name="trackIds">Tracked identities, each once.</param>
    /// <param name="distances">A row a truth, a column a track; infinite where they cannot be the same.</param>
    /// <exception cref="ArgumentException">An identity twice, a number of distances that does not fit, or one that is NaN.</exception>
    public void Add(ReadOnlySpan<int> truthIds, ReadOnlySpan<int> trackIds, ReadOnlySpan<double> distances)
    {
        int rows = truthIds.Length, columns = trackIds.Length;
        if (distances.Length != (long)rows * columns)
        {
            throw new ArgumentException($"tracking: {distances.Length} distances of {rows} truths and {columns} tracks");
        }
        if (Repeated(truthIds) is { } truth) throw new ArgumentException($"tracking: the true identity {truth} is in one frame twice");
        if (Repeated(trackIds) is { } track) throw new ArgumentException($"tracking: the tracked identity {track} is in one frame twice");
        foreach (double distance in distances)
        {
            if (double.IsNaN(distance)) throw new ArgumentException("tracking: a distance is NaN");
        }

        frames++;
        (truths, tracks) = (truths + rows, tracks + columns);
        for (int k = 0; k < distances.Length; k++)
        {
            if (!double.IsFinite(distances[k])) continue;
            var pair = (truthIds[k / columns], trackIds[k % columns]);
            together[pair] = together.GetValueOrDefault(pair) + 1;
        }

        int[] match = Matched(truthIds, trackIds, distances);
        for (int row = 0; row < rows; row++)
        {
            int id = truthIds[row];
            if (match[row] < 0)
            {
                if (seen.Contains(id)) lost.Add(id);
                continue;
            }

            matches++;
            distanceSum += distances[(row * columns) + match[row]];
            if (identityOf.TryGetValue(id, out int before) && before != trackIds[match[row]]) switches++;
            if (lost.Remove(id)) fragments++;
            identityOf[id] = trackIds[match[row]];
            seen.Add(id);
        }
    }

    /// <summary>Adds a frame of boxes; those of true confidence 0 are neither missed nor found, and tracks on them are left out.</summary>
    /// <param name="truth">True boxes of one frame.</param>
    /// <param name="tracked">Tracked boxes of that frame.</param>
    /// <param name="leastIou">What overlaps less is not the same.</param>
    public void Add(IReadOnlyList<TrackBox> truth, IReadOnlyList<TrackBox> tracked, double leastIou = 0.5)
    {
        List<TrackBox> judged = [.. truth.Where(box => box.Confidence != 0)], ignored = [.. truth.Where(box => box.Confidence == 0)];
        List<TrackBox> answers = [.. tracked.Where(box =>
            judged.Exists(wanted => wanted.Iou(box) >= leastIou) || !ignored.Exists(other => other.Iou(box) >= leastIou))];
        var distances = new double[judged.Count * answers.Count];
        for (int k = 0; k < distances.Length; k++)
        {
            double iou = judged[k / answers.Count].Iou(answers[k % answers.Count]);
            distances[k] = iou >= leastIou ? 1 - iou : double.PositiveInfinity;
        }

        Add([.. judged.Select(box => box.Id)], [.. answers.Select(box => box.Id)], distances);
    }

    /// <summary>Judges a whole video's boxes, frame by frame.</summary>
    public static TrackingSummary Of(IReadOnlyList<TrackBox> truth, IReadOnlyList<TrackBox> tracked, double leastIou = 0.5)
    {
        var evaluation = new TrackingEvaluation();
        var (wanted, found) = (truth.ToLookup(box => box.Frame), tracked.ToLookup(box => box.Frame));
        foreach (int frame in wanted.Select(group => group.Key).Union(found.Select(group => group.Key)).Order())
        {
            evaluation.Add([.. wanted[frame]], [.. found[frame]], leastIou);
        }

        return evaluation.Summarize();
    }

    /// <summary>The figures of everything added; MOTA and IDF1 are NaN where nothing is true (and nothing tracked).</summary>
    public TrackingSummary Summarize()
    {
        long misses = truths - matches, alarms = tracks - matches;
        return new TrackingSummary(
            truths == 0 ? double.NaN : 1 - ((double)(misses + alarms + switches) / truths),
            truths + tracks == 0 ? double.NaN : 2.0 * Identified() / (truths + tracks),
            switches, misses, alarms, fragments, matches == 0 ? double.NaN : distanceSum / matches, truths, frames);
    }

    private int[] Matched(ReadOnlySpan<int> truthIds, ReadOnlySpan<int> trackIds, ReadOnlySpan<double> distances)
    {
        int columns = trackIds.Length;
        var match = new int[truthIds.Length];
        Array.Fill(match, -1);
        var taken = new bool[columns];
        for (int row = 0; row < match.Length; row++)
        {
            if (!identityOf.TryGetValue(truthIds[row], out int before) || trackIds.IndexOf(before) is not (>= 0 and var column)) continue;
            if (taken[column] || !double.IsFinite(distances[(row * columns) + column])) continue;
            (match[row], taken[column]) = (column, true);
        }

        List<int> rowsLeft = [.. Enumerable.Range(0, match.Length).Where(row => match[row] < 0)],
            columnsLeft = [.. Enumerable.Range(0, columns).Where(column => !taken[column])];
        if (rowsLeft.Count == 0 || columnsLeft.Count == 0) return match;
        var costs = new double[rowsLeft.Count * columnsLeft.Count];
        for (int k = 0; k < costs.Length; k++)
        {
            double distance = distances[(rowsLeft[k / columnsLeft.Count] * columns) + columnsLeft[k % columnsLeft.Count]];
            costs[k] = double.IsFinite(distance) ? distance : Forbidden; // dearer than any sum: as many pairs as may be
        }

        foreach (var (row, column) in LinearAssignment.Solve(costs, rowsLeft.Count, columnsLeft.Count))
        {
            if (costs[(row * columnsLeft.Count) + column] < Forbidden) match[rowsLeft[row]] = columnsLeft[column];
        }

        return match;
    }

    /// <summary>The most frames in which each true object can bear one identity, and each identity be one object's.</summary>
    private long Identified()
    {
        int[] rows = [.. together.Keys.Select(pair => pair.Truth).Distinct()],
            columns = [.. together.Keys.Select(pair => pair.Track).Distinct()];
        var (rowOf, columnOf) = (Places(rows), Places(columns));
        var costs = new double[rows.Length * columns.Length];
        foreach (var ((truth, track), count) in together) costs[(rowOf[truth] * columns.Length) + columnOf[track]] = -count;
        return LinearAssignment.Solve(costs, rows.Length, columns.Length)
            .Sum(pair => (long)-costs[(pair.Row * columns.Length) + pair.Column]);
    }

    private static Dictionary<int, int> Places(int[] ids) => ids.Index().ToDictionary(entry => entry.Item, entry => entry.Index);

    private static int? Repeated(ReadOnlySpan<int> ids)
    {
        var found = new HashSet<int>();
        foreach (int id in ids)
        {
            if (!found.Add(id)) return id;
        }

        return null;
    }
}
