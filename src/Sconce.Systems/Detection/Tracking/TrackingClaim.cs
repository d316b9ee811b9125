using System.Globalization;
using Sconce.Claims;
using Sconce.Metrics;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>A Kalman filter against none in the same tracker: points that cross and hide in a small arena.</summary>
public sealed class TrackingClaim : Claim
{
    private const int Objects = 8, Frames = 150, WarmUp = 10;
    private const double Side = 200, Reach = 10;

    /// <inheritdoc/>
    public override string Statement =>
        "A small tracker follows any detector's points in a few lines, and its Kalman filter is what keeps identities apart.";

    /// <inheritdoc/>
    public override string Rule =>
        "MOTA and identity switches of 8 points in an arena of 200 x 200 that hide for 2 to 6 frames, after frame 10, within 10 pixels. " +
            "Holds if the filter's " +
        "mean MOTA is more than 0.1 above that without one and it has fewer switches in four seeds of five; does not hold if the mean " +
            "gain is 0.1 or less; undecided else.";

    /// <inheritdoc/>
    public override string? KeepsNone => "A tracker learns nothing.";

    /// <inheritdoc/>
    public override TimeSpan Duration => TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public override int DefaultSeeds => 5;

    /// <inheritdoc/>
    public override SeedResult RunSeed(int seed, ClaimOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        int frames = options.Quick ? 40 : Frames;
        (string Name, PointFilterFactory Filter, bool Method)[] arms =
            [("without a filter", new LastSeenSettings(), false), ("optimised Kalman", new OptimizedKalmanSettings(), true),
                ("full Kalman", new FullKalmanSettings(), true)];
        var rows = new List<ClaimRow>();
        foreach (var (name, filter, method) in arms)
        {
            cancellation.ThrowIfCancellationRequested();
            var summary = Follow(new Arena(seed), filter, frames);
            rows.Add(new ClaimRow(name, "MOTA", [summary.Mota]) { IsMethod = method });
            rows.Add(new ClaimRow(name, "switches", [summary.Switches]) { IsMethod = method });
            rows.Add(new ClaimRow(name, "IDF1", [summary.Idf1]) { IsMethod = method });
            progress?.Report(new WorkProgress($"seed {seed}", rows.Count / 3, arms.Length, name));
        }

        return new SeedResult(rows)
        {
            Configuration = [("scene", $"{Objects} points, {frames} frames, noise of 1 pixel"),
                ("tracker", "Euclidean distance below 15, hit counter up to 15, delay 3")],
        };
    }

    /// <summary>Applies <see cref="Rule"/>.</summary>
    internal static (Verdict Verdict, string Reason) Judge(IReadOnlyList<double> kalman, IReadOnlyList<double> none,
        IReadOnlyList<double> kalmanSwitches, IReadOnlyList<double> switches)
    {
        double gain = kalman.Average() - none.Average();
        int fewer = kalmanSwitches.Zip(switches).Count(pair => pair.First < pair.Second);
        string reason = string.Create(CultureInfo.InvariantCulture,
            $"mean MOTA {kalman.Average():0.000} with the filter, {none.Average():0.000} without; fewer switches in {fewer} of " +
                $"{switches.Count} seeds");
        if (!(gain > 0.1)) return (Verdict.DoesNotHold, reason);
        return (fewer >= Math.Ceiling(0.8 * switches.Count) ? Verdict.Holds : Verdict.Undecided, reason);
    }

    /// <inheritdoc/>
    protected override (Verdict Verdict, string Reason) Judge(ClaimTable table, ClaimOptions options)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Judge(table["optimised Kalman", "MOTA"], table["without a filter", "MOTA"], table["optimised Kalman", "switches"],
            table["without a filter", "switches"]);
    }

    private static TrackingSummary Follow(Arena arena, PointFilterFactory filter, int frames)
    {
        var tracker = new Tracker(new TrackerSettings(TrackDistance.Frobenius, 15) { Life = new HitCounterRule(15, 3), Filter = filter });
        var evaluation = new TrackingEvaluation();
        int[] truthIds = [.. Enumerable.Range(0, Objects)];
        for (int frame = 0; frame < frames; frame++)
        {
            var detections = arena.Next();
            var active = tracker.Update(detections);
            if (frame <= WarmUp) continue;
            var distances = new double[Objects * active.Count];
            for (int k = 0; k < distances.Length; k++)
            {
                var (x, y) = arena.PlaceOf(k / active.Count);
                var estimate = active[k % active.Count].Estimate;
                double distance = double.Hypot(estimate[0] - x, estimate[1] - y);
                distances[k] = distance <= Reach ? distance : double.PositiveInfinity;
            }

            evaluation.Add(truthIds, [.. active.Select(tracked => tracked.Id)], distances);
        }

        return evaluation.Summarize();
    }

    /// <summary>Points that wander, bounce off the walls, and vanish from the detector for a while.</summary>
    private sealed class Arena
    {
        private readonly Random random;
        private readonly double[] x = new double[Objects], y = new double[Objects], across = new double[Objects],
            down = new double[Objects];
        private readonly int[] hidden = new int[Objects];

        internal Arena(int seed)
        {
            random = new Random(seed);
            for (int k = 0; k < Objects; k++)
            {
                (x[k], y[k], across[k], down[k]) = (random.NextDouble() * Side, random.NextDouble() * Side, 3 * Normal(), 3 * Normal());
            }
        }

        internal (double X, double Y) PlaceOf(int k) => (x[k], y[k]);

        internal List<TrackDetection> Next()
        {
            var detections = new List<TrackDetection>();
            for (int k = 0; k < Objects; k++)
            {
                (x[k], across[k]) = Moved(x[k], across[k] + (0.15 * Normal()));
                (y[k], down[k]) = Moved(y[k], down[k] + (0.15 * Normal()));
                if (hidden[k] > 0) hidden[k]--;
                else if (random.NextDouble() < 0.06) hidden[k] = random.Next(2, 7) - 1;
                else detections.Add(TrackDetection.OfPoint(x[k] + Normal(), y[k] + Normal()));
            }

            return detections;
        }

        private static (double Place, double Velocity) Moved(double place, double velocity)
        {
            double next = place + velocity;
            if (next < 0) return (-next, -velocity);
            return next > Side ? ((2 * Side) - next, -velocity) : (next, velocity);
        }

        // Box and Muller
        private double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }
}
