using System.Runtime.InteropServices;

namespace Sconce.Video;

/// <summary>Sounds out of files of sound or video, decoded by the program <c>ffmpeg</c> as a process of its own.</summary>
public static class SoundSamples
{
    /// <summary>The longest sound that is read whole.</summary>
    private const double MostSeconds = 4 * 3600;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>The first sound of a file, its channels mixed, in [-1, 1].</summary>
    /// <param name="path">The file.</param>
    /// <param name="rate">Samples a second.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="VideoException">No such file, no sound in it, damaged, over four hours long, or ffmpeg is missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static float[] Read(string path, int rate, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(rate, 1);
        using var decoder = new FfmpegProcess(
            "ffmpeg", path, ["-nostdin"], ["-map", "0:a:0", "-ac", "1", "-ar", $"{rate}", "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1"],
            Patience, cancellation, isSound: true);
        using var bytes = new MemoryStream();
        byte[] part = new byte[1 << 16];
        for (int count; (count = decoder.Output.Read(part)) > 0;)
        {
            decoder.Heard();
            cancellation.ThrowIfCancellationRequested();
            bytes.Write(part, 0, count);
            if (bytes.Length > MostSeconds * rate * sizeof(float)) throw new VideoException(path, "its sound is longer than four hours");
        }

        if (!decoder.Succeeds() || bytes.Length < sizeof(float)) throw decoder.Fault("no sound of it can be decoded");
        return MemoryMarshal.Cast<byte, float>(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)).ToArray();
    }
}
