using Sconce.Abilities;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>What is followed, and how.</summary>
[Settings]
public sealed partial record TrackSettings : ISettingsRule
{
    // Colours help to choose between boxes that are about as near; they forbid none that lies where the object should be.
    private const double LooksCount = 0.3, SameColours = 0.2;

    /// <summary>Who finds the objects of each frame: a run's folder, or a network of the catalogue that detects.</summary>
    public string? Detector { get; init; }

    /// <summary>The objects of each frame where they are known already: MOT text, JSON lines, or what a detector wrote as JSON.</summary>
    [FilePath]
    public string? Detections { get; init; }

    /// <summary>What is less sure is left out; else 0.5 of a detector's, and all of those that are given.</summary>
    [LeftOpen]
    public double? Confidence { get; init; }

    /// <summary>The names of the classes that are followed; else all.</summary>
    public LabelList? Classes { get; init; }

    /// <summary>The detector looks at each so many-th frame; the others are predicted.</summary>
    [Within(1, 1000)]
    public int Every { get; init; } = 1;

    /// <summary>Seconds for which an object is followed before it is believed in and gets its number.</summary>
    [Within(0, 3600)]
    public double ConfirmAfter { get; init; } = 0.2;

    /// <summary>Seconds for which a hidden object is waited for.</summary>
    [Within(0, 3600)]
    public double ForgetAfter { get; init; } = 1;

    /// <summary>How unlike box and object may be to be matched: 1 where they only just touch, more where they miss each other.</summary>
    [Within(0, Above = true)]
    public double Gate { get; init; } = 0.9;

    /// <summary>Frames a second where there are detections without a clip; else 30.</summary>
    [Within(0, 100_000, Above = true)]
    [LeftOpen]
    public double? FrameRate { get; init; }

    /// <summary>Whether boxes are told too where an object is hidden and its place is a prediction.</summary>
    public bool Hidden { get; init; }

    /// <summary>
    /// Seconds after which an object that was given up still gets its number back, where it is recognised by its colours; 0 for never.
    /// </summary>
    [Within(0, 3600)]
    public double Relink { get; init; }

    /// <summary>Find out from each frame how the camera turned, zoomed or shifted, and move what is followed along.</summary>
    public bool MovingCamera { get; init; }

    /// <summary>
    /// Lines in pixels, x1,y1,x2,y2 or NAME=x1,y1,x2,y2, whose crossings are counted; «in» is to the right of who looks from the first
    /// point to the second.
    /// </summary>
    public TrackLines? CountLine { get; init; }

    /// <summary>Areas in pixels, NAME=x1,y1,x2,y2,… (two corners of a box, or all of a polygon), in which the time is told.</summary>
    public TrackZones? Zone { get; init; }

    /// <inheritdoc/>
    public (string Setting, string Fault)? Misfit => Detector is not null && Detections is not null
        ? ("detections", "are given already, so no detector is asked: name one of the two")
        : Confidence is { } least && !double.IsFinite(least) ? ("confidence", "must be a finite number") : null;

    /// <summary>Whether boxes alone do not suffice.</summary>
    internal bool NeedsFrames => MovingCamera || Relink > 0;

    /// <summary>The tracker of a stream.</summary>
    /// <param name="frameRate">Frames a second.</param>
    internal Tracker Tracker(double frameRate) => new(TrackerSettings.Boxes with
    {
        Distance = Relink > 0 ? TrackerSettings.Boxes.Distance.WithLooks(LooksCount) : TrackerSettings.Boxes.Distance,
        Reidentification = Relink > 0
            ? new ReidentificationSettings(TrackDistanceAdjustments.Looks, SameColours, Relink * frameRate)
            : null,
        DistanceThreshold = Gate,
        FramesPerSecond = frameRate,
        Life = new SecondsRule(ConfirmAfter, ForgetAfter, Math.Max(Math.Min(0.4, ForgetAfter), (Every + 0.5) / frameRate)),
    });
}
