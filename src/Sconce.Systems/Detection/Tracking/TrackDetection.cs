namespace Sconce.Systems.Detection.Tracking;

/// <summary>What a detector saw of one object in one frame: a point, the corners of a box, or the points of a pose.</summary>
public sealed class TrackDetection
{
    private readonly double[] points;
    private readonly double[]? scores;

    /// <summary>Makes one of points.</summary>
    /// <param name="points">Point after point, each of <paramref name="dimension"/> coordinates, usually pixels; finite.</param>
    /// <param name="dimension">Coordinates of a point, 1 at least.</param>
    /// <param name="scores">How sure each point is; null where all are seen.</param>
    /// <exception cref="ArgumentException">No points, a number that is none, or scores for another number of points.</exception>
    public TrackDetection(ReadOnlySpan<double> points, int dimension = 2, ReadOnlySpan<double> scores = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (points.IsEmpty || points.Length % dimension != 0)
        {
            throw new ArgumentException($"a detection of {points.Length} coordinates: points of {dimension} each are wanted");
        }
        foreach (double coordinate in points)
        {
            if (!double.IsFinite(coordinate))
            {
                throw new ArgumentException($"a detection has the coordinate {coordinate}: the detector's output is damaged");
            }
        }

        if (!scores.IsEmpty && scores.Length * dimension != points.Length)
        {
            throw new ArgumentException($"a detection of {points.Length / dimension} points has {scores.Length} scores");
        }
        this.points = points.ToArray();
        this.scores = scores.IsEmpty ? null : scores.ToArray();
        Dimension = dimension;
    }

    /// <summary>Coordinates, point after point.</summary>
    public ReadOnlySpan<double> Points => points;

    /// <summary>Coordinates of a point.</summary>
    public int Dimension { get; }

    /// <summary>How many points.</summary>
    public int Count => points.Length / Dimension;

    /// <summary>Whether each point has a score of its own.</summary>
    public bool HasScores => scores is not null;

    /// <summary>How sure each point is; empty where nothing says so.</summary>
    public ReadOnlySpan<double> Scores => scores;

    /// <summary>
    /// The class; objects of other classes are never matched. Null where the detector knows none, which matches only null.
    /// </summary>
    public int? Label { get; init; }

    /// <summary>How sure the detector is of the whole, for whoever reads the tracks; the tracker itself ignores it.</summary>
    public double Confidence { get; init; } = 1;

    /// <summary>How the object looks, as a network sees it (any length, all of a stream alike); empty where unknown.</summary>
    public ReadOnlyMemory<float> Embedding { get; init; }

    /// <summary>What the detector said, for whoever made this; the tracker hands it on.</summary>
    public object? Source { get; init; }

    /// <summary>A point in pixels.</summary>
    public static TrackDetection OfPoint(double x, double y) => new([x, y]);

    /// <summary>The box between two corners in pixels, which is tracked as two points.</summary>
    /// <exception cref="ArgumentException">The right edge is left of the left one, or the lower above the upper.</exception>
    public static TrackDetection OfBox(double left, double top, double right, double bottom) => right >= left && bottom >= top
        ? new([left, top, right, bottom])
        : throw new ArgumentException(
            $"a box from ({left}, {top}) to ({right}, {bottom}) is turned inside out: left, top, right, bottom are wanted");
}
