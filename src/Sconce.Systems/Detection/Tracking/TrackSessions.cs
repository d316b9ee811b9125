using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Video;

namespace Sconce.Systems.Detection.Tracking;

/// <summary>Follows objects through clips, one at a time. The detector is opened when it is first needed, and kept.</summary>
public sealed class TrackClipSession : Session<Clip, TrackAnswer, TrackSettings>
{
    private readonly OpenRequest request;
    private FrameDetector? detector;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="request">Device and weights of the detector.</param>
    public TrackClipSession(OpenRequest request) => this.request = request;

    /// <inheritdoc/>
    protected override IReadOnlyList<TrackAnswer> Answer(
        IReadOnlyList<Clip> inputs, TrackSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(clip => Followed(clip, settings, progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => detector?.Dispose();

    private TrackAnswer Followed(Clip clip, TrackSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        double rate = clip.Info.FrameRate;
        int frames = checked((int)VideoFrames.Count(clip.Path, cancellation));
        if (frames == 1) throw new VideoException(clip.Path, "it has one frame: nothing can be followed in it, only detected");
        var boxes = settings.Detections is { } given
            ? new GivenDetections(TrackFile.Read(given, frames), given, settings).Frames(frames)
            : Detected(clip, frames, settings, progress, cancellation);
        var (followed, seen) = Following.Run(Watched(clip.Path, frames, boxes, settings, cancellation), rate, settings, cancellation);
        if (seen == 0)
        {
            string wanted = Following.Wanted(settings);
            throw new VideoException(clip.Path, $"none of its {frames} frames has a box {wanted}: there is nothing to follow");
        }

        return Following.Answer(followed, settings) with
        {
            Drawn = new MadeClip(TrackDrawing.Over(Pictures(clip.Path, frames, cancellation), followed, settings), rate, clip.Path),
        };
    }

    /// <summary>The boxes with what only the frames themselves tell, where that is asked for.</summary>
    private static IEnumerable<FrameBoxes> Watched(
        string path, int frames, IEnumerable<IReadOnlyList<Box>> boxes, TrackSettings settings, CancellationToken cancellation)
    {
        if (!settings.NeedsFrames) return boxes.Select(seen => new FrameBoxes(seen));
        var camera = settings.MovingCamera ? new CameraMotion() : null;
        IReadOnlyList<Box> before = [];
        return Pictures(path, frames, cancellation).Zip(boxes, (picture, seen) =>
        {
            var frame = picture.ToRgb();
            var motion = camera?.Next(frame, [.. before.Select(box => (box.Left, box.Top, box.Right, box.Bottom))]);
            before = seen;
            return new FrameBoxes(seen, settings.Relink > 0 ? [.. seen.Select(box => BoxLooks.Of(frame, box))] : null, motion);
        });
    }

    private IEnumerable<IReadOnlyList<Box>> Detected(
        Clip clip, int frames, TrackSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if (settings.Detector is not { } name)
        {
            throw new SettingsException(
                "detector", called => $"{called} is missing: a run or a network that finds the objects, or their boxes as detections");
        }

        if (detector?.Name != name)
        {
            detector?.Dispose();
            detector = FrameDetector.Open(name, request);
        }

        int frame = 0;
        foreach (var picture in Pictures(clip.Path, frames, cancellation))
        {
            yield return frame % settings.Every == 0 ? detector.Boxes(picture, settings, cancellation) : [];
            frame++;
            progress?.Report(new WorkProgress("tracking", frame, frames));
        }
    }

    private static IEnumerable<Image> Pictures(string path, int frames, CancellationToken cancellation) =>
        VideoFrames.Read(path, [.. Enumerable.Range(0, frames).Select(frame => (long)frame)], cancellation);
}

/// <summary>Follows objects through detections.</summary>
public sealed class TrackDetectionsSession : Session<Nothing, TrackAnswer, TrackSettings>
{
    private const double UsualRate = 30;

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<TrackAnswer> Answer(
        IReadOnlyList<Nothing> inputs, TrackSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(_ => Followed(settings, cancellation))];

    private static TrackAnswer Followed(TrackSettings settings, CancellationToken cancellation)
    {
        if (settings.Detections is not { } path)
        {
            throw new SettingsException("detections", called => $"{called} is missing: name a clip, or the boxes of its frames");
        }

        if (settings.NeedsFrames)
        {
            throw new SettingsException(
                settings.MovingCamera ? "movingCamera" : "relink", called => $"{called} asks the frames themselves: name the clip too");
        }

        var boxes = TrackFile.Read(path);
        if (boxes.Count == 0) throw new VideoException(path, "it holds no box: there is nothing to follow");
        int frames = boxes[^1].Frame;
        if (frames == 1) throw new VideoException(path, "all its boxes are of frame 1: nothing can be followed in one frame");
        var given = new GivenDetections(boxes, path, settings);
        var watched = given.Frames(frames).Select(boxesOfFrame => new FrameBoxes(boxesOfFrame));
        var (followed, seen) = Following.Run(watched, settings.FrameRate ?? UsualRate, settings, cancellation);
        if (seen == 0) throw new VideoException(path, $"it holds no box {Following.Wanted(settings)}: there is nothing to follow");
        return Following.Answer(followed, settings);
    }
}

/// <summary>Detections of a file, frame by frame.</summary>
internal sealed class GivenDetections(IReadOnlyList<TrackBox> boxes, string path, TrackSettings settings)
{
    /// <summary>The boxes of each frame.</summary>
    public IEnumerable<IReadOnlyList<Box>> Frames(int frames)
    {
        if (settings.Every > 1)
            throw new SettingsException("every", called => $"{called} is for detectors, and the boxes of {path} are known");
        var ofFrame = boxes.Where(box => settings.Confidence is not { } least || box.Confidence >= least)
            .Select(box => (box.Frame, Box: Named(box))).Where(pair => settings.Classes?.Names.Contains(pair.Box.Name) != false)
            .ToLookup(pair => pair.Frame, pair => pair.Box);
        return Enumerable.Range(1, frames).Select(frame => (IReadOnlyList<Box>)[.. ofFrame[frame]]);
    }

    private static Box Named(TrackBox box) => new(
        box.Name ?? box.Label?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "object",
        box.Confidence, box.Left, box.Top, box.Right, box.Bottom, box.Label ?? -1);
}
