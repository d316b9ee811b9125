using System.Globalization;
using Sconce.Imaging;

namespace Sconce.Video;

/// <summary>All frames of a clip, in order.</summary>
public static partial class VideoFrames
{
    /// <summary>
    /// More frames a second than these are thinned out. A file that does not know its rate may name the ticks of its clock instead, such as
    /// 1000 or 90000.
    /// </summary>
    private const double HighestRate = 240;

    /// <summary>The rate at which <see cref="All"/> gives a clip's frames: its own on average, and no more than 240 a second.</summary>
    public static double SteadyRate(VideoInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return Math.Min(info.FrameRate, HighestRate);
    }

    /// <summary>
    /// All frames of a clip, one after the other as they are decoded, at a steady rate: where the clip's own varies, frames are repeated or
    /// left out, so that its sound stays beside them. 8-bit RGB, in the clip's size, turned as the file says.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="rate">Frames a second; null for the clip's own (<see cref="SteadyRate"/>).</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="VideoException">
    /// No such file, no video in it, ffmpeg is missing; or, after the frames that there are, the file is damaged or ends in the middle.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IEnumerable<Image> All(string path, double? rate = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (rate is { } asked && !(asked > 0 && double.IsFinite(asked)))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "a rate is a number above 0");
        return AllInOrder(path, rate, cancellation);
    }

    private static IEnumerable<Image> AllInOrder(string path, double? rate, CancellationToken cancellation)
    {
        var info = Probe(path, cancellation);
        double steady = rate ?? SteadyRate(info);
        using var decoder = new FfmpegProcess(
            Ffmpeg,
            path,
            ["-nostdin"],
            ["-map", "0:v:0", "-fps_mode", "cfr", "-r", steady.ToString("0.######", CultureInfo.InvariantCulture),
                "-pix_fmt", "rgb24", "-c:v", "ppm", "-f", "image2pipe", "pipe:1"],
            PicturePatience,
            cancellation);
        using var pictures = new PpmReader(decoder.Output);
        long count = 0;
        while (pictures.Next() is { } picture)
        {
            decoder.Heard();
            cancellation.ThrowIfCancellationRequested();
            yield return picture;
            decoder.Heard();
            count++;
        }

        // Decoders complain of much that does no harm: what counts is whether frames are missing.
        if (decoder.Finish()) yield break;
        if (count == 0) throw decoder.Fault("not one picture of it can be decoded");
        double own = rate is null ? 1 : steady / info.FrameRate;
        double? expected = info.Frames * own ?? info.Seconds * steady;
        bool isShort = expected is null || count + Math.Max(1, 0.5 * steady * (info.Frames is null ? 1 : 0)) < expected;
        if (isShort || !decoder.Succeeds()) throw decoder.Fault($"it is damaged, or ends in the middle: {count} pictures come of it");
    }
}
