using System.Globalization;

namespace Sconce.Video;

/// <summary>A form that clips are written in.</summary>
/// <param name="Extension">Of its files, with the dot.</param>
/// <param name="Muxer">As ffmpeg calls it.</param>
/// <param name="HasTransparency">Whether pixels may be transparent.</param>
/// <param name="Sounds">Kinds of sound that it holds as they are (ffmpeg's names); none for a silent form.</param>
/// <param name="SoundEncoder">For all others.</param>
internal sealed record ClipForm(string Extension, string Muxer, bool HasTransparency, IReadOnlyList<string> Sounds, string SoundEncoder)
{
    /// <summary>Browsers slow down what shows its pictures for less than two hundredths of a second.</summary>
    private const double FastestGif = 50;

    private static readonly ClipForm Mp4 = new(".mp4", "mp4", false, ["aac", "mp3", "ac3", "eac3", "alac"], "aac");

    private static readonly ClipForm WebM = new(".webm", "webm", true, ["opus", "vorbis"], "libopus");

    private static readonly ClipForm Gif = new(".gif", "gif", true, [], "");

    private static readonly ClipForm WebP = new(".webp", "webp", true, [], "");

    internal static IReadOnlyList<ClipForm> All { get; } = [Mp4, WebM, Gif, WebP];

    internal bool HasSound => Sounds.Count > 0;

    /// <summary>The form of a file, by its name.</summary>
    /// <exception cref="VideoException">It has another ending.</exception>
    internal static ClipForm Of(string path) =>
        All.FirstOrDefault(form => form.Extension.Equals(Path.GetExtension(path), StringComparison.OrdinalIgnoreCase))
        ?? throw new VideoException(path, $"clips are written as {string.Join(", ", All.Select(form => form.Extension))}");

    /// <summary>Arguments for the frames that come through the pipe.</summary>
    internal static string[] Frames(int width, int height, bool isClear, double rate) =>
    [
        "-f", "rawvideo", "-pixel_format", isClear ? "rgba" : "rgb24", "-video_size", $"{width}x{height}", "-framerate", Number(rate),
        "-i", "pipe:0",
    ];

    /// <summary>The size of the clip: H.264's colours have half the sides, so these are even.</summary>
    internal (int Width, int Height) Size(int width, int height) =>
        this == Mp4 ? (width + (width % 2), height + (height % 2)) : (width, height);

    /// <summary>Arguments for the encoder. Colours are written as BT.709, and said to be; players would guess.</summary>
    internal string[] Picture(bool isClear, double rate)
    {
        string[] colours = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"];
        string layout = isClear ? "yuva420p" : "yuv420p";
        // Without full_chroma_inp the last colours of odd sides are wrong (ffmpeg 5.1).
        const string scaled = "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_inp+full_chroma_int";
        string[] converted = ["-map", "0:v:0", "-vf", $"{scaled},format={layout}", .. colours];
        if (this == Mp4) return [.. converted, "-c:v", "libx264", "-crf", "18", "-movflags", "+faststart"];
        if (this == WebM)
        {
            return
            [
                .. converted, "-c:v", "libvpx-vp9", "-crf", "24", "-b:v", "0", "-deadline", "good", "-cpu-used", "4", "-row-mt", "1",
                .. isClear ? (string[])["-auto-alt-ref", "0"] : [],
            ];
        }

        if (this == WebP)
        {
            string pixels = isClear ? "yuva420p" : "yuv420p";
            return ["-map", "0:v:0", "-pix_fmt", pixels, "-c:v", "libwebp_anim", "-quality", "90", "-loop", "0"];
        }

        // A palette a frame: one for all would keep every frame in memory first.
        string slower = rate > FastestGif ? $"fps={Number(FastestGif)}," : "";
        return ["-filter_complex", $"[0:v]{slower}split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1"];
    }

    private static string Number(double rate) => rate.ToString("0.######", CultureInfo.InvariantCulture);
}

/// <summary>The first sound of a video, or of a file of sound.</summary>
/// <param name="path">The file.</param>
/// <param name="codec">As ffmpeg calls it.</param>
internal sealed class ClipSound(string path, string codec)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Arguments that open it.</summary>
    internal IReadOnlyList<string> Source { get; } = FfmpegProcess.Opening(path, isSound: true);

    /// <summary>A file's sound; null where it has none.</summary>
    /// <exception cref="VideoException">The file cannot be read.</exception>
    internal static ClipSound? Of(string path, CancellationToken cancellation)
    {
        string[] question = ["-select_streams", "a:0", "-show_entries", "stream=codec_name", "-of", "default=noprint_wrappers=1:nokey=1"];
        using var probe = new FfmpegProcess("ffprobe", path, question, [], Patience, cancellation, isSound: true);
        string codec = probe.ReadText().Trim();
        return codec.Length == 0 ? null : new ClipSound(path, codec);
    }

    /// <summary>Arguments that put it into a form: as it is, or encoded anew.</summary>
    internal string[] Into(ClipForm form) => ["-map", "1:a:0", "-c:a", form.Sounds.Contains(codec) ? "copy" : form.SoundEncoder];
}
