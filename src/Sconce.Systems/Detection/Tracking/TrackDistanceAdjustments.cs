namespace Sconce.Systems.Detection.Tracking;

/// <summary>
/// What a distance may take into account besides where an object is: how long it was hidden, where it was heading, how it looks.
/// </summary>
public static class TrackDistanceAdjustments
{
    /// <summary>
    /// The longer an object was hidden, the farther it may be found: its distance is divided by 1 + <paramref name="perFrame"/> · frames
    /// hidden, up to
    /// <paramref name="most"/>. In a frame after one in which it was seen nothing changes.
    /// </summary>
    public static TrackDistance WithGrowingGate(this TrackDistance distance, double perFrame, double most = 4)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(perFrame);
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        return new Adjusted(distance, (unlike, _, tracked) =>
            unlike / Math.Min(most, 1 + (perFrame * Math.Max(0, tracked.Hidden - tracked.LastStep))));
    }

    /// <summary>
    /// A detection against an object's heading is up to 1 + <paramref name="weight"/> times as far: two that pass each other keep their
    /// identities. Slow
    /// objects, below <paramref name="least"/> a frame, have no heading.
    /// </summary>
    public static TrackDistance WithDirection(this TrackDistance distance, double weight, double least = 0.5)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weight);
        return new Adjusted(distance, (unlike, detection, tracked) =>
        {
            double along = 0, speed = 0, way = 0;
            ReadOnlySpan<double> velocity = tracked.Velocity, from = tracked.LastPosition, to = detection.Points;
            for (int axis = 0; axis < detection.Dimension; axis++)
            {
                double moved = 0, heading = 0;
                for (int k = axis; k < to.Length; k += detection.Dimension)
                {
                    moved += to[k] - from[k];
                    heading += velocity[k];
                }

                along += moved * heading;
                speed += heading * heading;
                way += moved * moved;
            }

            bool still = Math.Sqrt(speed) < least * detection.Count || way == 0;
            return still ? unlike : unlike * (1 + (weight * (1 - (along / Math.Sqrt(speed * way))) / 2));
        });
    }

    /// <summary>Adds <paramref name="weight"/> · (1 - the cosine of both embeddings), in [0, 2]; nothing where one has none.</summary>
    public static TrackDistance WithLooks(this TrackDistance distance, double weight)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(weight);
        return new Adjusted(distance, (unlike, detection, tracked) =>
            unlike + (weight * LooksUnlike(detection.Embedding.Span, tracked.LastDetection.Embedding.Span)));
    }

    /// <summary>Looks alone, for finding lost objects again: 1 - the cosine of both embeddings; infinite where one has none.</summary>
    public static TrackDistance Looks { get; } = new LooksOnly();

    private static double LooksUnlike(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.IsEmpty || b.IsEmpty) return 0;
        if (a.Length != b.Length)
        {
            throw new ArgumentException(
                $"embeddings of {a.Length} and {b.Length} numbers cannot be compared: one network has to make all of a stream");
        }
        double product = 0, squareA = 0, squareB = 0;
        for (int k = 0; k < a.Length; k++)
        {
            product += a[k] * (double)b[k];
            squareA += a[k] * (double)a[k];
            squareB += b[k] * (double)b[k];
        }

        return squareA > 0 && squareB > 0 ? 1 - (product / Math.Sqrt(squareA * squareB)) : 1;
    }

    private sealed class Adjusted(TrackDistance basis, Func<double, TrackDetection, TrackedObject, double> adjust) : TrackDistance
    {
        public override double Between(TrackDetection detection, TrackedObject tracked) =>
            adjust(basis.Between(detection, tracked), detection, tracked);
    }

    private sealed class LooksOnly : TrackDistance
    {
        public override double Between(TrackDetection detection, TrackedObject tracked) =>
            detection.Embedding.IsEmpty || tracked.LastDetection.Embedding.IsEmpty
            ? double.PositiveInfinity
            : LooksUnlike(detection.Embedding.Span, tracked.LastDetection.Embedding.Span);
    }
}
