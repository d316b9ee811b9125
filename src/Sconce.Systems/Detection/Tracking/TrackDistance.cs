namespace Sconce.Systems.Detection.Tracking;

/// <summary>How unlike a detection and an object's estimate are; the tracker matches the least unlike first.</summary>
public abstract class TrackDistance
{
    private static readonly string[] Names =
    [
        "frobenius", "mean_euclidean", "mean_manhattan", "iou", "iou_or_gap", "euclidean", "sqeuclidean", "cityblock", "chebyshev",
        "minkowski", "cosine", "correlation", "canberra", "braycurtis",
    ];

    /// <summary>0 or more, the less the likelier the same; never NaN. Infinity forbids the pair.</summary>
    /// <param name="detection">Seen now.</param>
    /// <param name="tracked">Tracked so far, at its prediction for now.</param>
    public abstract double Between(TrackDetection detection, TrackedObject tracked);

    /// <summary>|a - b| over all coordinates (Frobenius).</summary>
    public static TrackDistance Frobenius { get; } = Of(static (a, b, _) => Norm(a, b));

    /// <summary>The mean distance of the points.</summary>
    public static TrackDistance MeanEuclidean { get; } = Of(static (a, b, dimension) => Scaled(a, b, dimension, 1, 1));

    /// <summary>The mean over points of the sums of absolute differences.</summary>
    public static TrackDistance MeanManhattan { get; } = Of(static (a, b, dimension) => Sum(a, b) / (a.Length / dimension));

    /// <summary>1 - intersection over union of boxes of two corners.</summary>
    public static TrackDistance Iou { get; } = Of(static (a, b, _) => 1 - Overlap(a, b));

    /// <summary>
    /// Boxes that miss each other still have a distance: 1 - IoU where they touch, else 1 + the centres' distance in mean diagonals. A
    /// threshold of 1.5
    /// lets an object jump half its diagonal between two frames, as it does at 8 frames a second.
    /// </summary>
    public static TrackDistance IouOrGap { get; } =
        Of(static (a, b, _) => Overlap(a, b) is > 0 and var overlap ? 1 - overlap : 1 + Gap(a, b));

    /// <summary>
    /// Points' mean distance with dx over a picture's width and dy over its height (norfair's normalised mean euclidean).
    /// </summary>
    /// <param name="width">Of the picture, more than 0.</param>
    /// <param name="height">Of the picture, more than 0.</param>
    public static TrackDistance NormalizedMeanEuclidean(double width, double height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        return Of((a, b, dimension) => Scaled(a, b, dimension, 1 / width, 1 / height));
    }

    /// <summary>
    /// 1 / (1 + n), where n points are closer than <paramref name="distance"/> and sure both times (norfair's keypoints voting).
    /// </summary>
    /// <param name="distance">In pixels.</param>
    /// <param name="score">A point counts above it; points without scores always do.</param>
    public static TrackDistance KeypointVoting(double distance, double score) => new Voting(distance, score);

    /// <summary>
    /// By norfair's name or SciPy's: frobenius, mean_euclidean, mean_manhattan, iou, iou_or_gap, euclidean, sqeuclidean, cityblock,
    /// chebyshev, minkowski, cosine, correlation, canberra, braycurtis.
    /// </summary>
    /// <exception cref="ArgumentException">Another name.</exception>
    public static TrackDistance ByName(string name) => name switch
    {
        "frobenius" or "euclidean" or "minkowski" => Frobenius,
        "mean_euclidean" => MeanEuclidean,
        "mean_manhattan" => MeanManhattan,
        "iou" or "iou_opt" => Iou,
        "iou_or_gap" => IouOrGap,
        "sqeuclidean" => Of(static (a, b, _) => Norm(a, b) is var norm ? norm * norm : 0),
        "cityblock" => Of(static (a, b, _) => Sum(a, b)),
        "chebyshev" => Of(static (a, b, _) => Largest(a, b)),
        "cosine" => Of(static (a, b, _) => 1 - Cosine(a, b, 0, 0)),
        "correlation" => Of(static (a, b, _) => 1 - Cosine(a, b, Mean(a), Mean(b))),
        "canberra" => Of(static (a, b, _) => Canberra(a, b)),
        "braycurtis" => Of(static (a, b, _) => BrayCurtis(a, b)),
        _ => throw new ArgumentException(
            $"there is no distance '{name}'. {NearestNames.Suggest(name, Names)}",
            nameof(name)),
    };

    /// <summary>A distance of coordinates alone.</summary>
    /// <param name="formula">From the detection's coordinates, the estimate's, and coordinates a point.</param>
    public static TrackDistance Of(PointsFormula formula) => new Formula(formula);

    private static double Norm(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int k = 0; k < a.Length; k++) sum += (a[k] - b[k]) * (a[k] - b[k]);
        return Math.Sqrt(sum);
    }

    private static double Sum(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int k = 0; k < a.Length; k++) sum += Math.Abs(a[k] - b[k]);
        return sum;
    }

    private static double Largest(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double largest = 0;
        for (int k = 0; k < a.Length; k++) largest = Math.Max(largest, Math.Abs(a[k] - b[k]));
        return largest;
    }

    private static double Scaled(ReadOnlySpan<double> a, ReadOnlySpan<double> b, int dimension, double across, double down)
    {
        double sum = 0;
        for (int start = 0; start < a.Length; start += dimension)
        {
            double square = 0;
            for (int k = 0; k < dimension; k++)
            {
                double difference = (a[start + k] - b[start + k]) * (k switch { 0 => across, 1 => down, _ => 1 });
                square += difference * difference;
            }

            sum += Math.Sqrt(square);
        }

        return sum / (a.Length / dimension);
    }

    private static double Overlap(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        if (a.Length != 4)
        {
            throw new ArgumentException(
                $"IoU is of boxes of two corners, not of {a.Length} coordinates: choose another distance for points");
        }
        double width = Math.Min(a[2], b[2]) - Math.Max(a[0], b[0]), height = Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]);
        double shared = Math.Max(width, 0) * Math.Max(height, 0);
        double union = ((a[2] - a[0]) * (a[3] - a[1])) + ((b[2] - b[0]) * (b[3] - b[1])) - shared;
        return union > 0 ? shared / union : 0;
    }

    private static double Gap(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double across = (a[0] + a[2] - b[0] - b[2]) / 2, down = (a[1] + a[3] - b[1] - b[3]) / 2;
        double diagonals = (Math.Sqrt(Square(a[2] - a[0]) + Square(a[3] - a[1]))
            + Math.Sqrt(Square(b[2] - b[0]) + Square(b[3] - b[1]))) / 2;
        return diagonals > 0 ? Math.Sqrt(Square(across) + Square(down)) / diagonals : double.PositiveInfinity;
    }

    private static double Square(double value) => value * value;

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value;
        return sum / values.Length;
    }

    private static double Cosine(ReadOnlySpan<double> a, ReadOnlySpan<double> b, double fromA, double fromB)
    {
        double product = 0, squareA = 0, squareB = 0;
        for (int k = 0; k < a.Length; k++)
        {
            product += (a[k] - fromA) * (b[k] - fromB);
            squareA += Square(a[k] - fromA);
            squareB += Square(b[k] - fromB);
        }

        return squareA > 0 && squareB > 0 ? product / Math.Sqrt(squareA * squareB) : 0;
    }

    private static double Canberra(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int k = 0; k < a.Length; k++)
        {
            double size = Math.Abs(a[k]) + Math.Abs(b[k]);
            if (size > 0) sum += Math.Abs(a[k] - b[k]) / size;
        }

        return sum;
    }

    private static double BrayCurtis(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double size = 0;
        for (int k = 0; k < a.Length; k++) size += Math.Abs(a[k] + b[k]);
        return size > 0 ? Sum(a, b) / size : 0;
    }

    /// <summary>A formula of coordinates: the detection's, the estimate's, and how many a point has.</summary>
    public delegate double PointsFormula(ReadOnlySpan<double> detection, ReadOnlySpan<double> estimate, int dimension);

    private sealed class Formula(PointsFormula formula) : TrackDistance
    {
        public override double Between(TrackDetection detection, TrackedObject tracked) =>
            formula(detection.Points, tracked.Estimate, detection.Dimension);
    }

    private sealed class Voting(double distance, double score) : TrackDistance
    {
        public override double Between(TrackDetection detection, TrackedObject tracked)
        {
            int votes = 0, dimension = detection.Dimension;
            for (int point = 0; point < detection.Count; point++)
            {
                int start = point * dimension;
                bool close = Norm(detection.Points.Slice(start, dimension), tracked.Estimate.Slice(start, dimension)) < distance;
                if (close && Sure(detection, point) && Sure(tracked.LastDetection, point)) votes++;
            }

            return 1.0 / (1 + votes);
        }

        private bool Sure(TrackDetection detection, int point) => !detection.HasScores || detection.Scores[point] > score;
    }
}
