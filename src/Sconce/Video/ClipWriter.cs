using Sconce.Files;
using Sconce.Imaging;

namespace Sconce.Video;

/// <summary>
/// Writes clips, by ffmpeg as a process of its own: MP4 (H.264), WebM (VP9, with transparency), GIF or WebP (with transparency, silent), by
/// the name's ending. Frames go to it one by one, so that a clip's length costs no memory.
/// </summary>
public static class ClipWriter
{
    private const string Program = "ffmpeg";

    /// <summary>From one frame to the next; whoever makes them may be slow.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>The endings of files that are written, with their dots.</summary>
    public static IReadOnlyList<string> Extensions => [.. ClipForm.All.Select(form => form.Extension)];

    /// <summary>Writes a clip whole, or leaves what was there.</summary>
    /// <param name="path">Ends in .mp4, .webm, .gif or .webp.</param>
    /// <param name="frames">
    /// 8-bit pictures of one size and kind, at least one; grey, RGB, or RGBA where the form has transparency. They are read once, as they
    /// are written. MP4's sides are even: an odd one is continued by a pixel.
    /// </param>
    /// <param name="frameRate">Frames a second.</param>
    /// <param name="soundFrom">
    /// A video or sound whose first sound is taken, as it is where the form has it so, else encoded anew; null, or a file without sound,
    /// for a silent clip.
    /// </param>
    /// <param name="cancellation">Ends the program; nothing is written.</param>
    /// <exception cref="VideoException">The form or the frames cannot be written, no frame came, or ffmpeg is missing.</exception>
    /// <exception cref="IOException">The folder is missing, and its like.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Save(
        string path, IEnumerable<Image> frames, double frameRate, string? soundFrom = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(frames);
        if (!(frameRate > 0 && double.IsFinite(frameRate)))
            throw new ArgumentOutOfRangeException(nameof(frameRate), frameRate, "frames a second are a number above 0");
        var form = ClipForm.Of(path);
        var sound = soundFrom is null || !form.HasSound ? null : ClipSound.Of(soundFrom, cancellation);
        using var coming = frames.GetEnumerator();
        if (!coming.MoveNext()) throw new VideoException(path, "there is no frame to be written");
        var first = coming.Current;
        if (first.Channels == 4 && !form.HasTransparency)
        {
            string others = string.Join(" or ", ClipForm.All.Where(other => other.HasTransparency).Select(other => other.Extension));
            throw new VideoException(
                path, $"{form.Extension} holds no transparency: write {others}, or put a background behind the frames");
        }

        AtomicFile.WriteBy(path, temporary => Write(path, temporary), cancellation);

        void Write(string name, string temporary)
        {
            bool isClear = first.Channels == 4;
            var (width, height) = form.Size(first.Width, first.Height);
            string[] arguments =
            [
                "-y", .. ClipForm.Frames(width, height, isClear, frameRate), .. sound?.Source ?? [], .. form.Picture(isClear, frameRate),
                .. sound?.Into(form) ?? ["-an"], "-map_metadata", "-1", "-f", form.Muxer, "file:" + temporary,
            ];
            using var encoder = FfmpegProcess.Writing(Program, name, arguments, Patience, cancellation);
            do
            {
                cancellation.ThrowIfCancellationRequested();
                var frame = Alike(coming.Current);
                Told(encoder, () => Feed(encoder.Input, frame, width, height));
                encoder.Heard();
            }
            while (coming.MoveNext());
            Told(encoder, encoder.Input.Dispose);
            if (!encoder.Succeeds()) throw encoder.Fault("the clip cannot be written");
        }

        void Told(FfmpegProcess encoder, Action feeding)
        {
            try
            {
                feeding();
            }
            catch (IOException)
            {
                // It closed its end: it says itself why.
                encoder.Succeeds();
                throw encoder.Fault("the clip cannot be written");
            }
        }

        Image Alike(Image frame)
        {
            if ((frame.Width, frame.Height, frame.Channels) == (first.Width, first.Height, first.Channels))
                return first.Channels == 4 ? frame.To8Bit() : frame.To8Bit().ToRgb();
            throw new VideoException(path, $"the frames differ: one is {frame}, and the first is {first}");
        }
    }

    /// <summary>One frame, its last column and row repeated up to the clip's size.</summary>
    private static void Feed(Stream encoder, Image frame, int width, int height)
    {
        if ((frame.Width, frame.Height) == (width, height))
        {
            encoder.Write(frame.Bytes);
            return;
        }

        for (int y = 0; y < height; y++)
        {
            var row = frame.Row(Math.Min(y, frame.Height - 1));
            encoder.Write(row);
            for (int x = frame.Width; x < width; x++) encoder.Write(row[^frame.BytesPerPixel..]);
        }
    }
}
