using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Metrics;
using Sconce.Training;
using Sconce.Video;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>What is judged, and against what.</summary>
[Settings]
public sealed partial record TrackingFigureSettings : ISettingsRule
{
    /// <summary>The true boxes: MOT text or JSON lines, with the identity of each; a confidence of 0 marks what is not judged.</summary>
    [Required]
    [FilePath]
    public string? Truth { get; init; }

    /// <summary>Tracks that some tracker made: MOT text or JSON lines.</summary>
    [FilePath]
    public string? Tracks { get; init; }

    /// <summary>Boxes without identities, which are tracked first.</summary>
    [FilePath]
    public string? Detections { get; init; }

    /// <summary>Frames a second of the detections.</summary>
    [Within(0, 100_000, Above = true)]
    public double FrameRate { get; init; } = 30;

    /// <summary>Boxes that overlap less, as intersection over union, are not the same.</summary>
    [Within(0, 1, Above = true)]
    public double Iou { get; init; } = 0.5;

    /// <inheritdoc/>
    public (string Setting, string Fault)? Misfit => (Tracks is null) == (Detections is null)
        ? ("tracks", "or detections are judged: one of the two must be given, and not both")
        : null;
}

/// <summary>MOTA, IDF1, switches and what they are made of, of tracks against the truth.</summary>
public sealed class TrackingFigures : SystemEvaluation<TrackingFigureSettings>
{
    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
        [("--truth gt.txt --tracks tracks.txt", "tracks against the truth: MOTA, IDF1, switches")];

    /// <inheritdoc/>
    protected override EvaluationReport Evaluate(
        TrackingFigureSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var truth = Verified(settings.Truth!, TrackFile.Read(settings.Truth!));
        var tracked = settings.Tracks is { } tracks
            ? Verified(tracks, TrackFile.Read(tracks))
            : Followed(settings.Detections!, settings.FrameRate, cancellation);
        var summary = TrackingEvaluation.Of(truth, tracked, settings.Iou);
        var figures = new OrderedDictionary<string, double>
        {
            ["MOTA"] = summary.Mota,
            ["IDF1"] = summary.Idf1,
            ["switches"] = summary.Switches,
            ["misses"] = summary.Misses,
            ["false alarms"] = summary.FalseAlarms,
            ["fragments"] = summary.Fragments,
            ["mean distance"] = summary.MeanDistance,
            ["true boxes"] = summary.Truths,
        };
        return new EvaluationReport(settings.Truth!, summary.Frames, figures) { Items = "frames" };
    }

    /// <summary>Identities are there, and each once a frame.</summary>
    private static IReadOnlyList<TrackBox> Verified(string path, IReadOnlyList<TrackBox> boxes)
    {
        if (boxes.Count == 0) throw new VideoException(path, "it holds no box");
        var seen = new HashSet<(int, int)>();
        foreach (var box in boxes)
        {
            if (box.Id < 0)
                throw new VideoException(path,
                    $"a box of frame {box.Frame} has no identity: these are detections, which are tracked first");
            if (!seen.Add((box.Frame, box.Id))) throw new VideoException(path, $"the identity {box.Id} is in frame {box.Frame} twice");
        }

        return boxes;
    }

    private static IReadOnlyList<TrackBox> Followed(string path, double rate, CancellationToken cancellation)
    {
        using var session = new TrackDetectionsSession();
        var answer = session.Ask(Nothing.Instance, new TrackSettings { Detections = path, FrameRate = rate }, null, cancellation);
        return [.. answer.Objects.Items.Select(AnswerFiles.OfTrack)];
    }
}
