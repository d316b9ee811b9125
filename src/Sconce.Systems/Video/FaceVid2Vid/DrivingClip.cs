using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>How the head in a clip moves.</summary>
/// <param name="Count">Frames.</param>
/// <param name="Turn">The widest range of an angle, in degrees.</param>
/// <param name="Start">The frame whose head is turned most like the portrait's: movement is measured from there.</param>
/// <param name="Advice">What to make of it; empty where all is well.</param>
internal sealed record ClipMotion(long Count, double Turn, long Start, string Advice);

/// <summary>
/// A clip read twice: once for how its head moves, once to move a portrait. Movement is measured from the frame that is most like the
/// portrait, as the first frame may look elsewhere, which would bend the face for the whole clip.
/// </summary>
internal sealed class DrivingClip(
    FaceVid2VidNetwork network, Device device, AnimateSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
{
    /// <summary>A head that turns by less hardly seems to move; angles beyond are few in what networks of this kind have learned.</summary>
    private const double Still = 2, Trusted = 45;

    private readonly ViewKeys? keys = settings.Turn is { } file ? ViewKeys.Read(file) : null;

    /// <summary>Frames a second.</summary>
    internal double Rate => settings.Driving!.Rate;

    /// <summary>Looks at every frame's angles.</summary>
    internal ClipMotion Scan(Image portrait)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        double[] wanted = Angles(portrait);
        double[] least = [.. wanted.Select(_ => double.PositiveInfinity)], most = [.. wanted.Select(_ => double.NegativeInfinity)];
        long count = 0, start = 0;
        double nearest = double.PositiveInfinity, widest = 0;
        foreach (var frame in Windows("looking"))
        {
            double[] angles = Angles(frame);
            for (int k = 0; k < angles.Length; k++)
            {
                (least[k], most[k]) = (Math.Min(least[k], angles[k]), Math.Max(most[k], angles[k]));
                widest = Math.Max(widest, Math.Abs(angles[k]));
            }

            double distance = angles.Zip(wanted, (seen, sought) => Math.Abs(seen - sought)).Sum();
            if (distance < nearest) (nearest, start) = (distance, count);
            count++;
        }

        double turn = most.Zip(least, (high, low) => high - low).Max();
        // What was asked for is told of before what the clip does.
        bool isAskedBeyond = (keys?.Widest ?? settings.View.Widest) > Trusted;
        string advice = isAskedBeyond || (turn >= Still && widest > Trusted) ? $"turns beyond {Trusted:0} degrees look wrong"
            : turn < Still ? "the head hardly turns: only the expression moves" : "";
        return new ClipMotion(count, turn, start, advice);
    }

    /// <summary>The portrait's frames, painted as they are read.</summary>
    /// <param name="portrait">Of the network's size.</param>
    /// <param name="start">From which frame on movement is measured.</param>
    internal IEnumerable<Image> Frames(Image portrait, long start)
    {
        using var painter = new PortraitPainter(network, device, settings, portrait);
        if (painter.IsRelative) painter.MeasureFrom(Windows("looking").ElementAt((int)start));
        foreach (var (k, frame) in Windows("animating").Index())
            yield return painter.Paint(frame, keys?.At(k / Rate) ?? settings.View);
    }

    private IEnumerable<Image> Windows(string doing) => settings.Driving!.Frames(doing, progress, cancellation)
        .Select(frame => FaceWindow.Of(frame, settings.DrivingBox, "drivingBox", network.Side));

    private double[] Angles(Image window)
    {
        using var scope = new TensorScope();
        var angles = HeadAngles.Of(network.HeEstimator.Call(window.ToTensor().Unsqueeze(0).To(device)));
        return [.. angles.Tensors.Select(angle => angle.Item<double>())];
    }
}
