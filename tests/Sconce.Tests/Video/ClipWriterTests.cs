using System.Diagnostics;
using Sconce.Abilities;
using Sconce.Imaging;
using Sconce.Video;
using Xunit;

namespace Sconce.Tests.Video;

/// <summary>Clips read frame by frame, and written.</summary>
public sealed class ClipWriterTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-clip-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ClipWriterTests()
    {
        string[] places = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Assert.SkipUnless(places.Any(place => File.Exists(Path.Combine(place, "ffmpeg"))), "ffmpeg is not on the PATH");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_is_written_as_mp4_is_read_back_frame_for_frame_in_its_colours()
    {
        string clip = Named("made.mp4");
        ClipWriter.Save(clip, Colours(12, 64, 48), 10, cancellation: Cancellation);
        var info = VideoFrames.Probe(clip, Cancellation);
        Assert.Equal((64, 48, 12L), (info.Width, info.Height, info.Frames));
        Assert.Equal(10, info.FrameRate, 1e-3);
        Assert.Equal(1.2, info.Seconds!.Value, 1e-2);
        var read = VideoFrames.All(clip, cancellation: Cancellation).ToList();
        Assert.Equal(12, read.Count);
        var expected = Colours(12, 64, 48).ToList();
        for (int k = 0; k < 12; k++) Near(expected[k].Pixels[..3], read[k].Pixels.Slice(3 * ((24 * 64) + 32), 3), 6);
    }

    [Theory]
    [InlineData(".mp4", 34, 18)]
    [InlineData(".webm", 33, 17)]
    [InlineData(".gif", 33, 17)]
    public void Odd_sides_and_a_single_frame_are_written(string form, int width, int height)
    {
        string clip = Named("odd" + form);
        ClipWriter.Save(clip, Colours(1, 33, 17), 25, cancellation: Cancellation);
        var frame = Assert.Single(VideoFrames.All(clip, cancellation: Cancellation));
        Assert.Equal((width, height), (frame.Width, frame.Height));
        var colour = Colours(1, 33, 17).Single().Pixels[..3];
        Near(colour, frame.Pixels[^3..], 12); // the last pixel is the picture's too
    }

    [Fact]
    public void Transparency_is_kept_by_webm_and_gif_and_refused_by_mp4()
    {
        var half = new Image(32, 16, 4);
        for (int k = 0; k < 32 * 16; k++) half.Pixels[(4 * k) + 3] = (byte)(k % 32 < 16 ? 255 : 0);
        foreach (string form in (string[])[".webm", ".gif"])
        {
            string clip = Named("clear" + form), alpha = Named("alpha.png");
            ClipWriter.Save(clip, [half, half, half], 10, cancellation: Cancellation);
            string[] decoder = form == ".webm" ? ["-c:v", "libvpx-vp9"] : [];
            Ffmpeg([.. decoder, "-i", clip, "-vf", "format=rgba,alphaextract", "-frames:v", "1", alpha]);
            var seen = Image.Load(alpha).ToGray();
            Assert.True(seen.Pixels[8 * 32 + 4] > 240 && seen.Pixels[8 * 32 + 28] < 15, form);
        }

        var error = Assert.Throws<VideoException>(() => ClipWriter.Save(Named("clear.mp4"), [half], 10, cancellation: Cancellation));
        Assert.Contains(".webm or .gif", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".mp4", "aac")]
    [InlineData(".webm", "opus")]
    public void Sound_goes_with_it_as_it_is_or_encoded_anew(string form, string codec)
    {
        string source = Sounding("source.mp4"), clip = Named("sounding" + form);
        ClipWriter.Save(clip, VideoFrames.All(source, cancellation: Cancellation), 10, source, Cancellation);
        Assert.Equal(codec, Probe(clip, "a:0", "codec_name"));
        if (form == ".mp4") Assert.Equal(Hash(source), Hash(clip)); // to the bit
        string gif = Named("silent.gif"), still = Named("silent.mp4"), silent = Named("again.mp4");
        ClipWriter.Save(gif, Colours(2, 16, 16), 100, source, Cancellation);
        ClipWriter.Save(still, Colours(3, 16, 16), 10, cancellation: Cancellation);
        ClipWriter.Save(silent, Colours(3, 16, 16), 10, still, Cancellation);
        Assert.Equal("", Probe(silent, "a:0", "codec_name"));
    }

    [Fact]
    public void A_varying_rate_is_made_steady_so_that_sound_stays_beside()
    {
        string clip = Named("varying.mkv");
        string[] source = ["-f", "lavfi", "-i", "testsrc=size=32x32:rate=20:duration=4", "-vf", "select='lt(t,2)+not(mod(n,10))'"];
        Ffmpeg([.. source, "-fps_mode", "vfr", "-c:v", "ffv1", clip]);
        var info = VideoFrames.Probe(clip, Cancellation);
        long own = VideoFrames.Count(clip, Cancellation);
        int steady = VideoFrames.All(clip, 20, Cancellation).Count();
        Assert.InRange(own, 40, 50);
        Assert.InRange(steady, 69, 81); // about 3.5 to 4 seconds of 20 a second
        double seconds = VideoFrames.All(clip, cancellation: Cancellation).Count() / VideoFrames.SteadyRate(info);
        Assert.InRange(seconds, 3.4, 4.1);
        Assert.Equal(240, VideoFrames.SteadyRate(info with { FrameRate = 90000 }));
    }

    [Theory]
    [InlineData("cut.mp4", "mp4")]
    [InlineData("cut.mkv", "matroska")]
    public void A_clip_that_ends_in_the_middle_says_so_after_its_frames_and_leaves_no_file(string name, string form)
    {
        string whole = Sounding("whole." + name[4..], "-movflags", "+faststart", "-f", form), cut = Named(name), made = Named("made.mp4");
        byte[] bytes = File.ReadAllBytes(whole);
        File.WriteAllBytes(cut, bytes[..(bytes.Length * 2 / 3)]);
        var frames = new List<Image>();
        var error = Assert.Throws<VideoException>(() => frames.AddRange(Each(cut)));
        Assert.Contains("ends in the middle", error.Message, StringComparison.Ordinal);
        Assert.Equal(cut, error.FileName);
        File.WriteAllText(made, "before");
        Assert.Throws<VideoException>(() => ClipWriter.Save(made, Each(cut), 10, cancellation: Cancellation));
        Assert.Equal("before", File.ReadAllText(made));
        Assert.Empty(Directory.GetFiles(folder, ".*"));
    }

    [Fact]
    public void What_cannot_be_written_is_one_error_and_no_file()
    {
        Refused("none.mp4", [], "no frame");
        Refused("sizes.mp4", [new Image(16, 16), new Image(18, 16)], "differ");
        Refused("clip.wmv", [new Image(16, 16)], ".mp4, .webm, .gif");
        Assert.ThrowsAny<IOException>(
            () => ClipWriter.Save(Path.Combine(folder, "no", "a.mp4"), Colours(1, 16, 16), 10, cancellation: Cancellation));
        var outOfRange = () => ClipWriter.Save(Named("a.mp4"), Colours(1, 16, 16), double.NaN, cancellation: Cancellation);
        Assert.Throws<ArgumentOutOfRangeException>(outOfRange);
        using var cancelled = new CancellationTokenSource();
        var late = () => ClipWriter.Save(Named("a.mp4"), Cancelling(cancelled), 10, cancellation: cancelled.Token);
        Assert.Throws<OperationCanceledException>(late);
        Assert.Empty(Directory.GetFiles(folder));

        void Refused(string name, Image[] frames, string word)
        {
            var error = Assert.Throws<VideoException>(() => ClipWriter.Save(Named(name), frames, 10, cancellation: Cancellation));
            Assert.Contains(word, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_answers_clip_has_the_form_of_its_frames()
    {
        var plain = new MadeClip(Colours(2, 16, 16), 10);
        Assert.Equal(".mp4", AnswerFiles.ExtensionOf(plain, null));
        Assert.Equal(".webm", AnswerFiles.ExtensionOf(plain with { IsClear = true }, null));
        string path = Named("answer.mp4");
        Assert.Equal([path], AnswerFiles.Write(plain, null, path, Cancellation));
        Assert.Equal(2, VideoFrames.Count(path, Cancellation));
    }

    private static IEnumerable<Image> Cancelling(CancellationTokenSource source)
    {
        yield return new Image(16, 16);
        source.Cancel();
        yield return new Image(16, 16);
    }

    private static IEnumerable<Image> Each(string clip) => VideoFrames.All(clip, cancellation: Cancellation);

    private static IEnumerable<Image> Colours(int count, int width, int height)
    {
        for (int k = 0; k < count; k++)
        {
            var frame = new Image(width, height);
            for (int p = 0; p < width * height; p++)
            {
                frame.Pixels[3 * p] = (byte)(200 - (10 * k));
                frame.Pixels[(3 * p) + 1] = (byte)(40 + (10 * k));
                frame.Pixels[(3 * p) + 2] = 90;
            }

            yield return frame;
        }
    }

    private static void Near(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> seen, int tolerance)
    {
        for (int k = 0; k < 3; k++) Assert.InRange(seen[k], expected[k] - tolerance, expected[k] + tolerance);
    }

    private string Named(string name) => Path.Combine(folder, name);

    private string Sounding(string name, params string[] more)
    {
        string clip = Named(name);
        Ffmpeg(
        [
            "-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=3", "-f", "lavfi", "-i", "sine=duration=3",
            "-c:v", "libx264", "-g", "5", "-pix_fmt", "yuv420p", "-c:a", "aac", .. more, clip,
        ]);
        return clip;
    }

    private string Hash(string clip)
    {
        Ffmpeg("-i", clip, "-map", "0:a:0", "-c", "copy", "-f", "md5", Named("hash.txt"));
        return File.ReadAllText(Named("hash.txt"));
    }

    private static string Probe(string clip, string stream, string entry) => Run(
        "ffprobe",
        ["-v", "error", "-select_streams", stream, "-show_entries", $"stream={entry}", "-of", "default=nw=1:nk=1", clip]);

    private static void Ffmpeg(params string[] arguments) => Run("ffmpeg", ["-v", "error", "-y", .. arguments]);

    private static string Run(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        string text = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return text;
    }
}
