using Sconce.Abilities;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>What is known of a frame.</summary>
/// <param name="Boxes">That a detector saw.</param>
/// <param name="Looks">How each looks; null where nobody asked.</param>
/// <param name="Motion">How the camera moved since the frame before; null where nobody asked.</param>
internal sealed record FrameBoxes(
    IReadOnlyList<Box> Boxes, IReadOnlyList<ReadOnlyMemory<float>>? Looks = null, SceneMotion? Motion = null);

/// <summary>A tracker run over the boxes of a clip's frames.</summary>
internal static class Following
{
    /// <summary>Follows through all frames.</summary>
    /// <param name="frames">The boxes of each frame, and what was found out besides.</param>
    /// <param name="rate">Frames a second.</param>
    /// <param name="settings">How.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Boxes of confirmed objects in the order of frames, and how many boxes went in.</returns>
    public static (List<TrackedBox> Followed, long Seen) Run(
        IEnumerable<FrameBoxes> frames, double rate, TrackSettings settings, CancellationToken cancellation)
    {
        var tracker = settings.Tracker(rate);
        var names = new Dictionary<string, int>(StringComparer.Ordinal);
        var followed = new List<TrackedBox>();
        long frame = 0, seen = 0;
        foreach (var (boxes, looks, motion) in frames)
        {
            cancellation.ThrowIfCancellationRequested();
            seen += boxes.Count;
            List<TrackDetection> detections = [.. boxes.Select((box, k) => Detection(box, looks is null ? default : looks[k], names))];
            bool isLooked = frame % settings.Every == 0;
            foreach (var tracked in tracker.Update(detections, isLooked ? settings.Every : 1, motion))
            {
                if (!settings.Hidden && !tracked.IsVisible && isLooked) continue;
                if (!settings.Hidden && tracked.Hidden >= settings.Every) continue;
                followed.Add(new TrackedBox(frame, frame / rate, tracked.Id, Told(tracked)));
            }

            frame++;
        }

        return (followed, seen);
    }

    /// <summary>Tracks, and what was asked to be counted.</summary>
    public static TrackAnswer Answer(IReadOnlyList<TrackedBox> followed, TrackSettings settings)
    {
        var lines = settings.CountLine;
        var crossings = lines is null ? null : TrackCounting.Crossings(followed, lines);
        return new TrackAnswer(
            new Tracks(followed),
            null,
            crossings is null ? null : TrackCounting.Counts(crossings, lines!),
            crossings is null ? null : TrackCounting.Rows(crossings, lines!),
            settings.Zone is { } zones ? TrackCounting.Stays(followed, zones) : null);
    }

    /// <summary>What boxes must be, for errors.</summary>
    public static string Wanted(TrackSettings settings)
    {
        string classes = settings.Classes is { } named ? $"of {string.Join(", ", named.Names)} " : "";
        double least = settings.Confidence ?? (settings.Detector is null ? 0 : FrameDetector.UsualConfidence);
        return FormattableString.Invariant($"{classes}with a confidence of {least:0.##} or more");
    }

    private static TrackDetection Detection(Box box, ReadOnlyMemory<float> looks, Dictionary<string, int> names)
    {
        if (!names.TryGetValue(box.Name, out int label)) names[box.Name] = label = names.Count;
        return new TrackDetection([box.Left, box.Top, box.Right, box.Bottom])
        {
            Label = label,
            Confidence = box.Confidence,
            Embedding = looks,
            Source = box,
        };
    }

    private static Box Told(TrackedObject tracked)
    {
        var edges = tracked.Estimate;
        var seen = (Box)tracked.LastDetection.Source!;
        return seen with
        {
            Left = Math.Min(edges[0], edges[2]),
            Top = Math.Min(edges[1], edges[3]),
            Right = Math.Max(edges[0], edges[2]),
            Bottom = Math.Max(edges[1], edges[3]),
        };
    }
}
