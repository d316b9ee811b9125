using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>People in pictures. Several threads may ask it.</summary>
/// <param name="request">The network with its weights.</param>
internal sealed class MattePictureSession(OpenRequest request)
    : PictureSession<MatteNetwork, MatteAnswer, MatteSettings>(new MatteNetwork(request))
{
    /// <inheritdoc/>
    protected override MatteAnswer Look(Image picture, MatteSettings settings)
    {
        var seen = Network.See(picture, settings);
        var background = settings.MatteOnly ? null : settings.Background?.Of(picture.Width, picture.Height);
        return new MatteAnswer(new MadePicture(MatteLook.Of(picture, seen.Opacity, settings, background)), seen.Presence, seen.IsEmpty);
    }
}

/// <summary>
/// People in clips, frame by frame as whoever asked reads them: as many frames are held as the one-frame delay needs, whatever the clip's
/// length. Several threads may ask it.
/// </summary>
public sealed class MatteClipSession : Session<Clip, ClipMatteAnswer, ClipMatteSettings>
{
    private readonly MatteNetwork network;

    /// <summary>Loads it.</summary>
    public MatteClipSession(OpenRequest request) => network = new MatteNetwork(request);

    /// <inheritdoc/>
    public override bool IsShared => true;

    /// <inheritdoc/>
    protected override IReadOnlyList<ClipMatteAnswer> Answer(
        IReadOnlyList<Clip> inputs, ClipMatteSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation) =>
        [.. inputs.Select(input => Matted(input, settings, progress, cancellation))];

    /// <inheritdoc/>
    protected override void Free() => network.Dispose();

    private ClipMatteAnswer Matted(
        Clip clip, ClipMatteSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var seen = new List<object?[]>();
        bool isClear = !settings.Picture.MatteOnly && settings.Picture.Background is null;
        var frames = new MattedFrames(network, clip, settings, seen.Add, progress, cancellation);
        return new ClipMatteAnswer(
            new MadeClip(frames.All(), clip.Rate, clip.Path, isClear), new Rows(["frames", "without a person", "delayed by"], seen));
    }
}

/// <summary>How an opacity is shown.</summary>
internal static class MatteLook
{
    internal static Image Of(Image picture, Tensor opacity, MatteSettings settings, Image? background)
    {
        if (settings.MatteOnly) return MatteDrawing.Grey(opacity);
        return background is null ? MatteDrawing.Cut(picture, opacity) : MatteDrawing.Before(picture, opacity, background);
    }
}

/// <summary>The frames of one clip with their people cut out, read once.</summary>
internal sealed class MattedFrames(
    MatteNetwork network, Clip clip, ClipMatteSettings settings, Action<object?[]> tell, IProgress<WorkProgress>? progress,
    CancellationToken cancellation)
{
    private Image? waiting, background;
    private long count, empty;

    internal IEnumerable<Image> All()
    {
        using var delay = settings.Flicker > 0 ? new OneFrameDelay { Threshold = settings.Flicker } : null;
        foreach (var frame in clip.Frames("matting", progress, cancellation))
        {
            if (Next(frame, delay) is { } ready) yield return ready;
            count++;
        }

        if (Last(delay) is { } last) yield return last;
        tell([count, empty, delay is null ? "nothing" : "1 frame, in a stream"]);
    }

    /// <summary>Sees a frame; gives the one that is ready, which is the one before where there is a delay.</summary>
    private Image? Next(Image frame, OneFrameDelay? delay)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var seen = network.See(frame, settings.Picture);
        if (seen.IsEmpty) empty++;
        if (delay is null) return Shown(frame, seen.Opacity);
        var ready = delay.Push(seen.Opacity) is { } opacity ? Shown(waiting!, opacity) : null;
        waiting = frame;
        return ready;
    }

    private Image? Last(OneFrameDelay? delay)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        return delay?.Finish() is { } opacity ? Shown(waiting!, opacity) : null;
    }

    private Image Shown(Image frame, Tensor opacity)
    {
        if (!settings.Picture.MatteOnly) background ??= settings.Picture.Background?.Of(frame.Width, frame.Height);
        return MatteLook.Of(frame, opacity, settings.Picture, background);
    }
}
