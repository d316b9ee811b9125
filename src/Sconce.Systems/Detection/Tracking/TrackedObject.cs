namespace Sconce.Systems.Detection.Tracking;

/// <summary>
/// An object that a <see cref="Tracker"/> follows. It goes on living with the tracker: what is to be kept must be copied.
/// </summary>
public sealed class TrackedObject
{
    private readonly TrackerSettings settings;
    private readonly double pointMost;
    private readonly double[] lastPosition;
    private readonly List<(TrackDetection Detection, double Age)> past = [];
    private double[] pointCounter;
    private bool[] seenBefore;
    private PointFilter filter;

    internal TrackedObject(TrackerSettings settings, TrackDetection detection, double period, int initializingId)
    {
        (this.settings, LastDetection, InitializingId, LastStep) = (settings, detection, initializingId, period);
        Life = settings.Life.Begin(period, settings.FramesPerSecond);
        pointMost = Math.Max(settings.PointHitCounterMax, period);
        seenBefore = [.. Enumerable.Range(0, detection.Count).Select(point => IsSeen(detection, point))];
        pointCounter = [.. seenBefore.Select(seen => seen ? 1.0 : 0)];
        lastPosition = detection.Points.ToArray();
        filter = settings.Filter.Create(detection.Points);
        if (settings.PastDetections > 0) past.Add((detection, 0));
    }

    /// <summary>From 1 on in the order of confirmation, without gaps; 0 before it.</summary>
    public int Id { get; internal set; }

    /// <summary>From 1 on in the order of creation; objects that are never confirmed have one too.</summary>
    public int InitializingId { get; }

    /// <summary>Whether it is confirmed, and so has an <see cref="Id"/>.</summary>
    public bool IsConfirmed => Life.Confirmed;

    /// <summary>Whether it was matched in the last frame; if not, <see cref="Estimate"/> is a prediction.</summary>
    public bool IsVisible => Hidden == 0;

    /// <summary>Frames since its last match.</summary>
    public double Hidden { get; private set; }

    /// <summary>Frames since its first detection.</summary>
    public double Age { get; private set; }

    /// <summary>The life's counter: norfair's hit counter, or the frames left to an object by the clock.</summary>
    public double HitCounter => Life.Counter;

    /// <summary>Where its points are: corrected where it was matched in this frame, predicted else. Point after point.</summary>
    public ReadOnlySpan<double> Estimate => filter.Positions;

    /// <summary>How its points move, a frame.</summary>
    public ReadOnlySpan<double> Velocity => filter.Velocities;

    /// <summary>The detection that it was matched with last.</summary>
    public TrackDetection LastDetection { get; private set; }

    /// <summary>Where that was, moved along with the camera since.</summary>
    public ReadOnlySpan<double> LastPosition => lastPosition;

    /// <summary>How unlike that was; null before the second.</summary>
    public double? LastDistance { get; private set; }

    /// <summary>The class.</summary>
    public int? Label => LastDetection.Label;

    /// <summary>Some earlier detections with the object's age at each, spread over its life.</summary>
    public IReadOnlyList<(TrackDetection Detection, double Age)> PastDetections => past;

    internal TrackLife Life { get; }

    internal double LastStep { get; private set; }

    internal double? Reidentification { get; private set; }

    /// <summary>Whether a point was seen lately.</summary>
    public bool IsLive(int point) => pointCounter[point] > 0;

    /// <summary>How many points were seen lately.</summary>
    public int LivePoints => pointCounter.Count(counter => counter > 0);

    internal void Step(double frames)
    {
        if (Reidentification is { } left) Reidentification = left - frames;
        else if (Life.Fading) Reidentification = settings.Reidentification?.Frames;
        Life.Tick(frames);
        for (int point = 0; point < pointCounter.Length; point++) pointCounter[point] -= frames;
        (Age, Hidden, LastStep) = (Age + frames, Hidden + frames, frames);
        filter.Predict(frames);
    }

    internal void Move(in SceneMotion motion)
    {
        motion.ApplyTo(filter.Positions);
        motion.ApplyTo(lastPosition);
        motion.TurnAll(filter.Velocities);
    }

    internal void Hit(TrackDetection detection, double period, double distance)
    {
        if (detection.Points.Length != lastPosition.Length)
        {
            throw new ArgumentException(
                $"a detection of {detection.Points.Length} coordinates was matched with an object of {lastPosition.Length}: all of a " +
                    $"stream have as many points");
        }

        Remember(detection, Age);
        (LastDetection, LastDistance, Hidden) = (detection, distance, 0);
        Life.Hit(period);
        int dimension = detection.Dimension, count = detection.Count;
        Span<bool> now = stackalloc bool[count], measured = stackalloc bool[count * dimension];
        for (int point = 0; point < count; point++)
        {
            now[point] = IsSeen(detection, point);
            if (now[point]) pointCounter[point] += 2 * period;
            pointCounter[point] = Math.Clamp(pointCounter[point], 0, pointMost);
            measured.Slice(point * dimension, dimension).Fill(now[point]);
        }

        filter.Update(detection.Points, measured);
        BeginNewPoints(detection, now);
        detection.Points.CopyTo(lastPosition);
    }

    /// <summary>Takes over what is known of another object that was found to be the same.</summary>
    internal void Merge(TrackedObject other)
    {
        Reidentification = null;
        Life.Revive();
        (pointCounter, seenBefore, filter) = (other.pointCounter, other.seenBefore, other.filter);
        (LastDetection, LastDistance, Hidden) = (other.LastDetection, other.LastDistance, other.Hidden);
        other.lastPosition.CopyTo(lastPosition, 0);
        foreach (var (detection, age) in other.past) Remember(detection, age);
    }

    /// <summary>
    /// Points never seen before this frame begin where they are measured, at rest. norfair repeats "seen before" for each axis of a point
    /// (s0 s0 s1 s1) but
    /// tiles "seen now" (m0 m1 m0 m1), so with several points the reset of positions may meet other coordinates than it means; kept, as its
    /// tracks are.
    /// </summary>
    private void BeginNewPoints(TrackDetection detection, ReadOnlySpan<bool> now)
    {
        Span<double> positions = filter.Positions, velocities = filter.Velocities;
        for (int k = 0; k < positions.Length; k++)
        {
            if (seenBefore[k / detection.Dimension]) continue;
            velocities[k] = 0;
            if (now[k % now.Length]) positions[k] = detection.Points[k];
        }

        for (int point = 0; point < now.Length; point++) seenBefore[point] |= now[point];
    }

    private void Remember(TrackDetection detection, double age)
    {
        if (settings.PastDetections == 0) return;
        if (past.Count >= settings.PastDetections)
        {
            if (Age < past[0].Age * settings.PastDetections) return;
            past.RemoveAt(0);
        }

        past.Add((detection, age));
    }

    private bool IsSeen(TrackDetection detection, int point) =>
        !detection.HasScores || detection.Scores[point] > settings.DetectionThreshold;
}
