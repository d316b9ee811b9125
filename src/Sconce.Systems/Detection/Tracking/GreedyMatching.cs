namespace Sconce.Systems.Detection.Tracking;

/// <summary>
/// Matches by the least distance of all, again and again; norfair/tracker.py <c>match_dets_and_objs</c>. Not the assignment of least sum.
/// </summary>
internal sealed class GreedyMatching
{
    private float[] distances = [];
    private int[] best = [];

    /// <summary>Pairs of places; each detection and object at most once, of equals the first by detection and then by object.</summary>
    /// <exception cref="InvalidOperationException">A distance is NaN.</exception>
    internal List<(int Detection, int Object, double Distance)> Match(
        TrackDistance distance, double threshold, IReadOnlyList<TrackDetection> detections, IReadOnlyList<TrackedObject> objects)
    {
        var pairs = new List<(int, int, double)>();
        int rows = detections.Count, columns = objects.Count;
        if (rows == 0 || columns == 0) return pairs;
        if (distances.Length < (long)rows * columns) distances = new float[rows * columns];
        if (best.Length < rows) best = new int[rows];
        float never = (float)(threshold + 1);
        for (int row = 0; row < rows; row++)
        {
            var line = distances.AsSpan(row * columns, columns);
            for (int column = 0; column < columns; column++) line[column] = Between(distance, detections[row], objects[column]);
            best[row] = Lowest(line);
        }

        while (true)
        {
            int row = 0;
            for (int k = 1; k < rows; k++)
            {
                if (distances[(k * columns) + best[k]] < distances[(row * columns) + best[row]]) row = k;
            }

            int column = best[row];
            float least = distances[(row * columns) + column];
            if (!(least < (float)threshold)) return pairs;
            pairs.Add((row, column, least));
            distances.AsSpan(row * columns, columns).Fill(never);
            for (int k = 0; k < rows; k++)
            {
                distances[(k * columns) + column] = never;
                if (best[k] == column || k == row) best[k] = Lowest(distances.AsSpan(k * columns, columns));
            }
        }
    }

    private static float Between(TrackDistance distance, TrackDetection detection, TrackedObject tracked)
    {
        if (detection.Label != tracked.Label) return float.PositiveInfinity;
        if (detection.Points.Length != tracked.Estimate.Length)
        {
            throw new ArgumentException(
                $"a detection of {detection.Points.Length} coordinates meets an object of {tracked.Estimate.Length}: all of a stream " +
                    $"have as many points");
        }

        double unlike = distance.Between(detection, tracked);
        return double.IsNaN(unlike) ? throw new InvalidOperationException(
            "the distance of a detection to an object is NaN: the distance function is at fault") : (float)unlike;
    }

    private static int Lowest(ReadOnlySpan<float> line)
    {
        int lowest = 0;
        for (int k = 1; k < line.Length; k++)
        {
            if (line[k] < line[lowest]) lowest = k;
        }

        return lowest;
    }
}
