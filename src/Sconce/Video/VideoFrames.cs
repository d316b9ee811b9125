using System.Globalization;
using Sconce.Imaging;

namespace Sconce.Video;

/// <summary>What a video file says of its pictures.</summary>
/// <param name="Width">Of a picture as it is shown, in pixels.</param>
/// <param name="Height">Of a picture as it is shown, in pixels.</param>
/// <param name="FrameRate">Pictures a second, on average.</param>
/// <param name="Frames">How many there are, by the file's own word; null where it gives none. <see cref="VideoFrames.Count"/>
/// counts.</param>
/// <param name="Seconds">How long it lasts, by the file's own word; null where it gives none.</param>
public sealed record VideoInfo(int Width, int Height, double FrameRate, long? Frames, double? Seconds = null);

/// <summary>
/// Pictures out of video files of any format, decoded by the programs <c>ffmpeg</c> and <c>ffprobe</c> as processes of their own: a damaged
/// or hostile video can end them, not this one. The first video stream is read; pictures are turned as the file says.
/// </summary>
public static partial class VideoFrames
{
    /// <summary>More than these make no command line.</summary>
    private const int MostRuns = 2000;

    private const string Entries = "stream=width,height,avg_frame_rate,r_frame_rate,nb_frames"
        + ":stream_side_data=rotation:format=duration";

    private const string Ffmpeg = "ffmpeg", Ffprobe = "ffprobe";

    /// <summary>
    /// A header is read in a fraction of a second; pictures between those that are asked for are decoded, hundreds a second; counting
    /// decodes a whole film.
    /// </summary>
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(30), PicturePatience = TimeSpan.FromMinutes(15),
        CountPatience = TimeSpan.FromHours(4);

    /// <summary>The video's size, rate and length, without decoding it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="VideoException">No such file, no video in it, damaged, or ffmpeg is missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static VideoInfo Probe(string path, CancellationToken cancellation = default) => Probe(path, Ffprobe, cancellation);

    /// <summary>How many pictures the video has; decodes all of it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="VideoException">No such file, no picture in it, or ffmpeg is missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static long Count(string path, CancellationToken cancellation = default)
    {
        using var probe = new FfmpegProcess(Ffprobe, path, ["-select_streams", "v:0", "-count_frames", "-show_entries",
            "stream=nb_read_frames", "-of", "default=noprint_wrappers=1"], [], CountPatience, cancellation);
        var fields = Fields(probe.ReadText());
        return fields.TryGetValue("nb_read_frames", out string? text)
            && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count > 0
            ? count
            : throw probe.Fault("not one picture of it can be decoded");
    }

    /// <summary>Some pictures of a video, one after the other as they are decoded: 8-bit RGB, in the video's size.</summary>
    /// <param name="path">The file.</param>
    /// <param name="places">Their numbers, from 0 on, in rising order; a number that comes twice gives its picture twice.</param>
    /// <param name="cancellation">Ends the program.</param>
    /// <exception cref="ArgumentException">The numbers are negative or fall.</exception>
    /// <exception cref="VideoException">No such file, no video in it, damaged, shorter than the last number, or ffmpeg is
    /// missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IEnumerable<Image> Read(string path, IReadOnlyList<long> places, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(places);
        for (int k = 0; k < places.Count; k++)
        {
            if (places[k] < (k == 0 ? 0 : places[k - 1]))
                throw new ArgumentException($"pictures are read in rising order, but {places[k]} is asked for "
                    + $"{(k == 0 ? "first" : $"after {places[k - 1]}")}", nameof(places));
        }

        return places.Count == 0 ? [] : ReadInOrder(path, places, cancellation);
    }

    internal static VideoInfo Probe(string path, string program, CancellationToken cancellation)
    {
        using var probe = new FfmpegProcess(
            program,
            path,
            ["-select_streams", "v:0", "-show_entries", Entries, "-of", "default=noprint_wrappers=1"],
            [],
            ProbePatience,
            cancellation);
        var fields = Fields(probe.ReadText());
        if (!fields.TryGetValue("width", out string? wide) || !fields.TryGetValue("height", out string? high))
            throw probe.Fault("there is no video in it");
        _ = int.TryParse(wide, CultureInfo.InvariantCulture, out int width);
        _ = int.TryParse(high, CultureInfo.InvariantCulture, out int height);
        if (width < 1 || height < 1 || 3L * width * height > ImageOptions.DefaultMaxBytes)
            throw probe.Fault($"its pictures are {width}x{height} pixels");
        double rate = Ratio(fields.GetValueOrDefault("avg_frame_rate")) ?? Ratio(fields.GetValueOrDefault("r_frame_rate"))
            ?? throw probe.Fault("it does not say how many pictures a second it has");
        bool lies = fields.TryGetValue("rotation", out string? text) && double.TryParse(text, NumberStyles.Float,
            CultureInfo.InvariantCulture, out double degrees) && Math.Abs(Math.Abs(degrees) % 180 - 90) < 1;
        long? frames = long.TryParse(fields.GetValueOrDefault("nb_frames"), NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            && count > 0 ? count : null;
        bool isKnown = double.TryParse(fields.GetValueOrDefault("duration"), CultureInfo.InvariantCulture, out double lasts) && lasts > 0;
        double? seconds = isKnown ? lasts : null;
        return lies ? new VideoInfo(height, width, rate, frames, seconds) : new VideoInfo(width, height, rate, frames, seconds);
    }

    private static IEnumerable<Image> ReadInOrder(string path, IReadOnlyList<long> places, CancellationToken cancellation)
    {
        var runs = Runs(places);
        // what lies between is decoded in any case: it is dropped here instead of there
        if (runs.Count > MostRuns) runs = [(places[0], places[^1])];
        long count = runs.Sum(run => run.Last - run.First + 1);
        // PPM is raw rgb24 with its size before it: right for turned pictures too.
        using var decoder = new FfmpegProcess(
            Ffmpeg,
            path,
            ["-nostdin"],
            ["-map", "0:v:0", "-vf", $"select='{Sum(runs, 0, runs.Count)}'", "-fps_mode", "passthrough", "-frames:v",
                count.ToString(CultureInfo.InvariantCulture), "-pix_fmt", "rgb24", "-c:v", "ppm", "-f", "image2pipe", "pipe:1"],
            PicturePatience,
            cancellation);
        using var pictures = new PpmReader(decoder.Output);
        int next = 0;
        foreach (long place in runs.SelectMany(run => Enumerable.Sequence(run.First, run.Last, 1L)))
        {
            var picture = pictures.Next();
            decoder.Heard();
            cancellation.ThrowIfCancellationRequested();
            if (picture is null)
            {
                bool content = decoder.Finish();
                throw content
                    ? new VideoException(path, $"it is too short: picture {place} was asked for (numbers begin at 0), and it ends before")
                    : decoder.Fault($"it is damaged: no picture {place} comes of it");
            }

            for (; next < places.Count && places[next] == place; next++) yield return picture;
        }
    }

    /// <summary>Neighbouring numbers together.</summary>
    private static List<(long First, long Last)> Runs(IReadOnlyList<long> places)
    {
        var runs = new List<(long First, long Last)> { (places[0], places[0]) };
        foreach (long place in places.Skip(1))
        {
            if (place <= runs[^1].Last + 1) runs[^1] = (runs[^1].First, place);
            else runs.Add((place, place));
        }

        return runs;
    }

    /// <summary>The runs as ffmpeg's expression. Halved again and again, since it nests sums without brackets, and no deeper than
    /// 100.</summary>
    private static string Sum(List<(long First, long Last)> runs, int from, int count)
    {
        if (count == 1) return string.Create(CultureInfo.InvariantCulture, $"between(n,{runs[from].First},{runs[from].Last})");
        return $"({Sum(runs, from, count / 2)}+{Sum(runs, from + (count / 2), count - (count / 2))})";
    }

    private static Dictionary<string, string> Fields(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) fields.TryAdd(line[..equals], line[(equals + 1)..]);
        }

        return fields;
    }

    /// <summary>Such as 30000/1001; null for 0/0.</summary>
    private static double? Ratio(string? text)
    {
        string[] parts = (text ?? "").Split('/');
        return parts.Length == 2 && double.TryParse(parts[0], CultureInfo.InvariantCulture, out double above)
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out double below) && above > 0 && below > 0
            ? above / below
            : null;
    }
}
