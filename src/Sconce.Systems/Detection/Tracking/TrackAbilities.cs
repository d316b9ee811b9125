using Sconce.Abilities;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>Objects followed through a clip, and what was counted.</summary>
/// <param name="Objects">A box a frame and object.</param>
/// <param name="Drawn">The clip with boxes, numbers, lines and zones; null where there is no clip.</param>
/// <param name="Counts">How many crossed each line in either direction; null without lines.</param>
/// <param name="Crossings">Each crossing; null without lines.</param>
/// <param name="Stays">Each stay in a zone with its seconds; null without zones.</param>
public sealed record TrackAnswer(Tracks Objects, MadeClip? Drawn, Rows? Counts, Rows? Crossings, Rows? Stays) : IAnswer
{
    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Answer Part)> Parts =>
    [
        ("", Objects),
        .. new (string Name, Answer? Part)[] { ("drawn", Drawn), ("counts", Counts), ("crossings", Crossings), ("stays", Stays) }
            .Where(part => part.Part is not null).Select(part => (part.Name, part.Part!)),
    ];
}

/// <summary>Follows objects through clips.</summary>
public sealed class TrackClip : Ability<Clip, TrackAnswer, TrackSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Track;

    /// <inheritdoc/>
    public override string Purpose =>
        "clips in; out, for each, a box a frame and object (MOT text, JSON lines, CSV), and a copy of the clip with them drawn in";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override bool RunsNetwork => true;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("clip.mp4 --detector detr_resnet50 --weights official", "finds and follows, with published weights"),
        ("clip.mp4 --detector run1 --classes person --count-line 0,360,1280,360", "people who cross a line, by a detector of your own"),
        ("clip.mp4 --detections boxes.json --zone door=100,80,220,400", "boxes that you have; how long each stays at the door"),
        ("clip.mp4 --detector run1 --count-line gate=0,360,640,360 --count-line exit=640,360,1280,360 --out day.jsonl",
            "two lines with names; day.jsonl, day-crossings.jsonl and day-counts.jsonl hold a JSON object a line"),
    ];

    /// <inheritdoc/>
    public override Session<Clip, TrackAnswer, TrackSettings> Open(OpenRequest request) => new TrackClipSession(request);
}

/// <summary>Follows objects through detections, without a clip.</summary>
public sealed class TrackDetections : Ability<Nothing, TrackAnswer, TrackSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Track;

    /// <inheritdoc/>
    public override string Purpose => "the detections of each frame in; out, the same boxes with each object's number";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("--detections mot.txt --frame-rate 25 --out tracks.txt", "numbers for boxes, without their clip")];

    /// <inheritdoc/>
    public override Session<Nothing, TrackAnswer, TrackSettings> Open(OpenRequest request) => new TrackDetectionsSession();
}
