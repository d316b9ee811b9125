namespace Sconce.Systems.Detection.Tracking;

/// <summary>How a <see cref="Tracker"/> works; what is left out is norfair's.</summary>
/// <param name="Distance">How unlike a detection and an object are.</param>
/// <param name="DistanceThreshold">Only what is less unlike is matched; about the largest motion of a frame.</param>
public sealed record TrackerSettings(TrackDistance Distance, double DistanceThreshold)
{
    /// <summary>When objects are believed in and given up.</summary>
    public TrackLifeRule Life { get; init; } = new HitCounterRule();

    /// <summary>What smooths the measurements and predicts.</summary>
    public PointFilterFactory Filter { get; init; } = new OptimizedKalmanSettings();

    /// <summary>A point of a detection counts above this score.</summary>
    public double DetectionThreshold { get; init; }

    /// <summary>How many frames a well-seen point of an object outlives its last sighting.</summary>
    public double PointHitCounterMax { get; init; } = 4;

    /// <summary>How many earlier detections an object remembers, spread over its life; 0 for none.</summary>
    public int PastDetections { get; init; } = 4;

    /// <summary>How lost objects are found again; null where they are not.</summary>
    public ReidentificationSettings? Reidentification { get; init; }

    /// <summary>
    /// Frames a second that the filter's variances and all counters of frames are meant for; <see cref="Tracker.UpdateAt"/> counts time in
    /// them.
    /// </summary>
    public double FramesPerSecond { get; init; } = 30;

    /// <summary>
    /// For boxes of a detector on video, by the clock: boxes that miss each other still match, a hidden object may be found farther off,
    /// and headings count.
    /// </summary>
    public static TrackerSettings Boxes { get; } =
        new(TrackDistance.IouOrGap.WithDirection(0.5).WithGrowingGate(0.05), 0.9) { Life = new SecondsRule() };
}

/// <summary>How an object that was lost takes over a new one that is found to be the same.</summary>
/// <param name="Distance">Such as <see cref="TrackDistanceAdjustments.Looks"/>; between the new object's last detection and the lost
/// object.</param>
/// <param name="DistanceThreshold">Only what is less unlike is the same.</param>
/// <param name="Frames">How long lost objects are kept beyond their life.</param>
public sealed record ReidentificationSettings(TrackDistance Distance, double DistanceThreshold, double Frames);
