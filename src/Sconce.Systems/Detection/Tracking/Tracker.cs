namespace Sconce.Systems.Detection.Tracking;

/// <summary>
/// Follows objects from frame to frame by a detector's answers; tryolabs/norfair@ac9c00b norfair/tracker.py. One tracker serves one stream:
/// identities begin at
/// 1 and belong to it alone. Not for several threads at once.
/// </summary>
public sealed class Tracker
{
    private readonly TrackerSettings settings;
    private readonly GreedyMatching matching = new();
    private List<TrackedObject> objects = [];
    private int created;
    private TimeSpan? last;

    /// <summary>Begins with nothing seen.</summary>
    /// <exception cref="ArgumentException">A setting out of its range.</exception>
    public Tracker(TrackerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfNegative(settings.PastDetections);
        if (!(settings.FramesPerSecond > 0))
        {
            throw new ArgumentException($"{settings.FramesPerSecond} frames a second: more than 0", nameof(settings));
        }
        if (double.IsNaN(settings.DistanceThreshold)) throw new ArgumentException("the distance threshold is NaN", nameof(settings));
        settings.Life.Begin(1, settings.FramesPerSecond);
        this.settings = settings;
    }

    /// <summary>Every object held: confirmed, new, hidden, and lost ones that may be found again.</summary>
    public IReadOnlyList<TrackedObject> Objects => objects;

    /// <summary>Confirmed objects that are not given up, seen in the last frame or predicted.</summary>
    public IReadOnlyList<TrackedObject> Active => [.. objects.Where(tracked => tracked.IsConfirmed && tracked.Life.Alive)];

    /// <summary>How many identities were given out.</summary>
    public int IdsGiven { get; private set; }

    /// <summary>Forgets everything, so that another stream begins with identity 1.</summary>
    public void Reset()
    {
        objects = [];
        (created, IdsGiven, last) = (0, 0, null);
    }

    /// <summary>The next frame.</summary>
    /// <param name="detections">What the detector saw; empty where it saw nothing, or did not look at this frame.</param>
    /// <param name="period">How many frames one look of the detector stands for: 3 where it looks at every third.</param>
    /// <param name="motion">How the scene moved since the last frame, where the camera does; of two coordinates a point.</param>
    /// <returns><see cref="Active"/>.</returns>
    public IReadOnlyList<TrackedObject> Update(IReadOnlyList<TrackDetection> detections, int period = 1, SceneMotion? motion = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(period, 1);
        return Advance(detections, period, 1, motion);
    }

    /// <summary>
    /// The next frame of a stream with a clock: everything counts the time that passed since the last one, however uneven.
    /// </summary>
    /// <param name="time">When the frame was taken; later than the last one.</param>
    /// <param name="detections">What the detector saw; empty where it saw nothing.</param>
    /// <param name="motion">How the scene moved since the last frame.</param>
    /// <returns><see cref="Active"/>.</returns>
    /// <exception cref="ArgumentException">Time stood still or went back.</exception>
    public IReadOnlyList<TrackedObject> UpdateAt(TimeSpan time, IReadOnlyList<TrackDetection> detections, SceneMotion? motion = null)
    {
        if (last is { } before && time <= before)
        {
            throw new ArgumentException(
                $"a frame at {time} after one at {before}: frames come in the order of time, and another stream after Reset()",
                    nameof(time));
        }
        double frames = last is { } earlier ? (time - earlier).TotalSeconds * settings.FramesPerSecond : 1;
        last = time;
        return Advance(detections, frames, frames, motion);
    }

    private IReadOnlyList<TrackedObject> Advance(IReadOnlyList<TrackDetection> detections, double period, double frames,
        SceneMotion? motion)
    {
        ArgumentNullException.ThrowIfNull(detections);
        objects.RemoveAll(tracked => settings.Reidentification is null ? !tracked.Life.Alive : tracked.Reidentification < 0);
        List<TrackedObject> known = [], young = [], lost = [];
        foreach (var tracked in objects)
        {
            (!tracked.Life.Alive ? lost : tracked.IsConfirmed ? known : young).Add(tracked);
        }

        foreach (var tracked in objects)
        {
            tracked.Step(frames);
            if (motion is { } moved) tracked.Move(moved);
        }

        if (detections.Count == 0) return Active;
        var (left, _, hidden) = Match(known, detections, period);
        (left, var found, _) = Match(young, left, period);
        if (settings.Reidentification is { } again) FindAgain(again, [.. hidden, .. lost], found);
        foreach (var detection in left)
        {
            var tracked = new TrackedObject(settings, detection, period, ++created);
            objects.Add(tracked);
            if (tracked.IsConfirmed) tracked.Id = ++IdsGiven;
        }

        return Active;
    }

    private (List<TrackDetection> Left, List<TrackedObject> Found, List<TrackedObject> Hidden) Match(
        List<TrackedObject> candidates, IReadOnlyList<TrackDetection> detections, double period)
    {
        var found = new List<TrackedObject>();
        Span<bool> taken = detections.Count <= 1024 ? stackalloc bool[detections.Count] : new bool[detections.Count];
        foreach (var (place, at, distance) in matching.Match(settings.Distance, settings.DistanceThreshold, detections, candidates))
        {
            var tracked = candidates[at];
            tracked.Hit(detections[place], period, distance);
            if (tracked.IsConfirmed && tracked.Id == 0) tracked.Id = ++IdsGiven;
            found.Add(tracked);
            taken[place] = true;
        }

        var left = new List<TrackDetection>();
        for (int place = 0; place < detections.Count; place++)
        {
            if (!taken[place]) left.Add(detections[place]);
        }

        return (left, found, [.. candidates.Where(tracked => tracked.Hidden > 0)]);
    }

    /// <summary>Lets objects that are not seen take over new ones that are the same.</summary>
    private void FindAgain(ReidentificationSettings again, List<TrackedObject> missing, List<TrackedObject> found)
    {
        List<TrackDetection> last = [.. found.Select(tracked => tracked.LastDetection)];
        foreach (var (place, at, _) in matching.Match(again.Distance, again.DistanceThreshold, last, missing))
        {
            missing[at].Merge(found[place]);
            objects.Remove(found[place]);
        }
    }
}
