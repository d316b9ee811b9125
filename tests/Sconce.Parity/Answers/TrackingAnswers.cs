using Sconce.Systems.Detection.Tracking;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Tracking: whole sequences of detections, the distances, both filters step by step.</summary>
internal sealed class TrackingAnswers : ParityAnswers
{
    internal override string System => "tracking";

    internal override ParityAnswer? Answer(ParityCase question) => question.Model switch
    {
        "tracker" => ParityAnswer.Of(inputs => new Sequence(question.Config, inputs).Run()),
        "distances" => ParityAnswer.Of(inputs => Distances(question.Config, inputs)),
        "kalman" => ParityAnswer.Of(inputs => Filters(question.Config, inputs)),
        _ => null,
    };

    private static Dictionary<string, Tensor> Distances(Config config, ParityInputs inputs)
    {
        var size = config.Child("normalised");
        var (detections, objects) = (inputs["points"], inputs["estimate"]);
        (string Name, TrackDistance Distance, bool Boxes)[] wanted =
        [
            ("frobenius", TrackDistance.Frobenius, false),
            ("mean_euclidean", TrackDistance.MeanEuclidean, false),
            ("mean_manhattan", TrackDistance.MeanManhattan, false),
            ("normalised", TrackDistance.NormalizedMeanEuclidean(size.Double("width"), size.Double("height")), false),
            ("iou", TrackDistance.Iou, true),
        ];
        return wanted.ToDictionary(entry => entry.Name, entry =>
        {
            var (rows, columns) = (Shapes(detections, entry.Boxes), Shapes(objects, entry.Boxes));
            var settings = new TrackerSettings(entry.Distance, 1) { Life = new HitCounterRule(2, 0) };
            var held = columns.Select(points =>
            {
                var tracker = new Tracker(settings);
                tracker.Update([new TrackDetection(points)]);
                return tracker.Objects[0];
            }).ToList();
            double[] values = [.. rows.SelectMany(row => held.Select(tracked => entry.Distance.Between(new TrackDetection(row), tracked)))];
            return Tensor.From(values, [rows.Count, columns.Count]);
        });
    }

    private static List<double[]> Shapes(Tensor points, bool boxes)
    {
        int each = (int)(points.Size(1) * points.Size(2));
        return [.. Doubles(points).Select(value => value * 50).Chunk(each).Select(p =>
            boxes ? [Math.Min(p[0], p[2]), Math.Min(p[1], p[3]), Math.Max(p[0], p[2]) + 5, Math.Max(p[1], p[3]) + 5] : p)];
    }

    private static Dictionary<string, Tensor> Filters(Config config, ParityInputs inputs)
    {
        double[] z = Doubles(inputs["z"]), start = Doubles(inputs["start"]);
        int coordinates = start.Length, steps = z.Length / coordinates;
        var optimized = new OptimizedKalmanFilter(
            start,
            new OptimizedKalmanSettings(config.Double("R"), config.Double("Q"), config.Double("pos_variance"),
                config.Double("pos_vel_covariance"), config.Double("vel_variance")));
        var full = new FullKalmanFilter(start, new FullKalmanSettings(config.Double("R"), config.Double("Q"), config.Double("P")));
        List<double> first = [], second = [];
        for (int step = 0; step < steps; step++)
        {
            foreach (PointFilter filter in (PointFilter[])[optimized, full])
            {
                filter.Predict();
                if (step % 4 != 3) filter.Update(z.AsSpan(step * coordinates, coordinates));
            }

            first.AddRange([.. optimized.Positions, .. optimized.Velocities, .. optimized.PositionVariances, .. optimized.Covariances,
                .. optimized.VelocityVariances]);
            second.AddRange([.. full.Positions, .. full.Velocities]);
        }

        return new()
        {
            ["optimized"] = Tensor.From(first.ToArray(), [steps, coordinates * 5]),
            ["filterpy"] = Tensor.From(second.ToArray(), [steps, coordinates * 2]),
        };
    }

    private static double[] Doubles(Tensor values) => values.To(DType.Float64).Reshape([-1]).ToArray<double>();

    /// <summary>Objects on straight ways with noise, seen or not, and what the tracker makes of them.</summary>
    private sealed class Sequence(Config config, ParityInputs inputs)
    {
        private readonly int frames = config.Int("frames"), objects = config.Int("objects"), points = config.Int("points"),
            period = config.Int("period", 1), maxId = config.Int("max_id");
        private readonly string mode = config.String("mode");
        private readonly double[] start = Doubles(inputs["start"]), velocity = Doubles(inputs["vel"]), noise = Doubles(inputs["noise"]),
            drop = Doubles(inputs["drop"]);
        private readonly double[]? size = Optional(inputs, "size"), pose = Optional(inputs, "pts"), score = Optional(inputs, "score"),
            label = Optional(inputs, "label");

        internal Dictionary<string, Tensor> Run()
        {
            var tracker = new Tracker(Settings());
            int each = 2 + (points * 2);
            double[] tracks = new double[frames * maxId * each], live = new double[frames * maxId], counts = new double[frames * 2];
            for (int frame = 0; frame < frames; frame++)
            {
                bool looks = frame % period == 0;
                foreach (var tracked in looks ? tracker.Update(Detections(frame), period) : tracker.Update([]))
                {
                    if (tracked.Id > maxId) continue;
                    int place = (frame * maxId) + tracked.Id - 1;
                    double[] row = [1, tracked.HitCounter, .. tracked.Estimate];
                    row.CopyTo(tracks, place * each);
                    live[place] = tracked.LivePoints;
                }

                (counts[2 * frame], counts[(2 * frame) + 1]) = (tracker.Objects.Count, tracker.IdsGiven);
            }

            return new()
            {
                ["tracks"] = Tensor.From(tracks, [frames, maxId, each]),
                ["live_points"] = Tensor.From(live, [frames, maxId]),
                ["counts"] = Tensor.From(counts, [frames, 2]),
            };
        }

        private TrackerSettings Settings()
        {
            double r = config.Double("R", 4), q = config.Double("Q", 0.1);
            return new TrackerSettings(TrackDistance.ByName(config.String("distance")), config.Double("distance_threshold"))
            {
                Life = new HitCounterRule(config.Int("hit_counter_max", 15),
                    config.Has("initialization_delay") ? config.Int("initialization_delay") : null),
                PointHitCounterMax = config.Int("pointwise_hit_counter_max", 4),
                DetectionThreshold = config.Double("detection_threshold", 0),
                Filter = config.String("filter") switch
                {
                    "optimized" => new OptimizedKalmanSettings(r, q),
                    "filterpy" => new FullKalmanSettings(r, q),
                    "none" => new LastSeenSettings(),
                    var other => throw new KeyNotFoundException($"no filter '{other}'"),
                },
            };
        }

        private List<TrackDetection> Detections(int frame)
        {
            var seen = new List<TrackDetection>();
            for (int k = 0; k < objects; k++)
            {
                int place = (frame * objects) + k;
                if (drop[place] == 0) continue;
                double x = Centre(0), y = Centre(1), half = size is null ? 0 : (20 + (10 * Math.Abs(size[2 * k]))) / 2,
                    tall = size is null ? 0 : (20 + (10 * Math.Abs(size[(2 * k) + 1]))) / 2;
                double[] at = mode switch
                {
                    "point" => [x, y],
                    "box" => [x - half, y - tall, x + half, y + tall],
                    "pose" => [.. Enumerable.Range(0, points * 2).Select(c => (c % 2 == 0 ? x : y) + (15 * pose![(k * points * 2) + c]))],
                    _ => throw new KeyNotFoundException($"no mode '{mode}'"),
                };
                seen.Add(new TrackDetection(at, 2,
                    score is null ? [] : score.AsSpan(place * points, points))
                { Label = label is null ? null : (int)label[k] });

                double Centre(int axis) => (start[(2 * k) + axis] * 100) + 100 + (6 * velocity[(2 * k) + axis] * frame)
                    + (1.5 * noise[(2 * place) + axis]);
            }

            return seen;
        }

        private static double[]? Optional(ParityInputs inputs, string name) => inputs.Has(name) ? Doubles(inputs[name]) : null;
    }
}
