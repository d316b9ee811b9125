using System.Diagnostics;
using Sconce.Systems.Detection.Tracking;

namespace Sconce.Bench.Tools;

/// <summary>Frames of 50 objects through the tracker; bench/peer/tracking.py has the same rules in NumPy.</summary>
internal sealed class TrackingGroup : BenchGroup
{
    private const int Objects = 50, Frames = 300;

    internal override string Name => "tracking";

    internal override string About => "a frame of 50 tracked objects, against the same rules in NumPy";

    internal override void Measure(BenchTable table) =>
        table.Row("tracking, a frame of 50 objects, against NumPy", () => BenchTable.Own(Name), () => BenchTable.Peer("tracking.py"), 10);

    internal override Measured Work(string[] task)
    {
        Follow();
        var times = new List<double>();
        double[] summary = [];
        for (int round = 0; round < 5; round++)
        {
            long start = Stopwatch.GetTimestamp();
            summary = Follow();
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / Frames);
        }

        return new Measured { Seconds = times.Order().ElementAt(2), Losses = summary };
    }

    /// <summary>Boxes on straight ways, some missing, by sines that both sides compute alike; what both have to agree on.</summary>
    private static double[] Follow()
    {
        var tracker = new Tracker(new TrackerSettings(TrackDistance.Iou, 0.7));
        double sum = 0;
        for (int frame = 0; frame < Frames; frame++)
        {
            var detections = new List<TrackDetection>(Objects);
            for (int k = 0; k < Objects; k++)
            {
                if ((frame + (7 * k)) % 11 == 0) continue;
                double x = (150 * (k % 10)) + (40 * Math.Sin((0.02 * frame) + k)),
                    y = (150 * (k / 10)) + (40 * Math.Cos((0.03 * frame) + (2 * k)));
                detections.Add(TrackDetection.OfBox(x, y, x + 50, y + 80));
            }

            foreach (var tracked in tracker.Update(detections)) sum += tracked.Estimate[0] + tracked.Id;
        }

        return [sum / 1e7, tracker.IdsGiven];
    }
}
