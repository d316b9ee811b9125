namespace Sconce.Systems.Video.TimeSformer;

/// <summary>Which frames of a video make a clip at test time; timesformer/datasets/decoder.py, kinetics.py and ssv2.py @a5ef29a.</summary>
public static class ClipSampling
{
    /// <summary>
    /// Kinetics: as many frames at even distances over <c>frames · rate</c> frames of a video of <paramref name="targetRate"/>, beginning
    /// with the first. Beyond its end the last frame is repeated.
    /// </summary>
    /// <param name="available">Frames of the video.</param>
    /// <param name="frameRate">Of the video, frames a second.</param>
    /// <param name="frames">Of the clip.</param>
    /// <param name="rate">Frames from one to the next.</param>
    /// <param name="targetRate">Frames a second that <paramref name="rate"/> counts in.</param>
    /// <returns>Numbers of frames from 0 on, in rising order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static long[] ByRate(long available, double frameRate, int frames, int rate, double targetRate = 30)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(available, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(targetRate);
        if (!(frameRate > 0) || !double.IsFinite(frameRate))
            throw new ArgumentOutOfRangeException(nameof(frameRate), frameRate, "frames a second are more than none");
        // torch.linspace in single precision: from both ends to the middle.
        float last = (float)Math.Max(0, (frames * rate / targetRate * frameRate) - 1), step = frames > 1 ? last / (frames - 1) : 0;
        return [.. Enumerable.Range(0, frames)
            .Select(k => Math.Clamp((long)(k < frames / 2 ? step * k : frames > 1 ? last - (step * (frames - 1 - k)) : 0), 0,
                available - 1))];
    }

    /// <summary>How many frames of the video <see cref="ByRate"/> looks at, if it has so many.</summary>
    internal static long Span(double frameRate, int frames, int rate, double targetRate = 30) =>
        (long)Math.Ceiling(frames * rate / targetRate * frameRate);

    /// <summary>Something-Something: the video in as many equal parts as the clip has frames, and the middle of each.</summary>
    /// <param name="available">Frames of the video.</param>
    /// <param name="frames">Of the clip.</param>
    /// <returns>Numbers of frames from 0 on, in rising order.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is not positive.</exception>
    public static long[] BySegments(long available, int frames)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(available, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(frames, 1);
        double part = (available - 1) / (double)frames;
        // halves to even, as numpy
        return [.. Enumerable.Range(0, frames).Select(k => ((long)Math.Round(part * k) + (long)Math.Round(part * (k + 1))) / 2)];
    }
}
