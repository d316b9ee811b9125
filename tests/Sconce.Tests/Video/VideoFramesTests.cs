using System.Diagnostics;
using Sconce.Video;
using Xunit;

namespace Sconce.Tests.Video;

/// <summary>Small clips that ffmpeg makes itself, read back.</summary>
public sealed class VideoFramesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-video-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_clip_says_its_size_rate_and_length()
    {
        string clip = Clip("clip.mp4");
        var info = VideoFrames.Probe(clip, TestContext.Current.CancellationToken);
        Assert.Equal((64, 48, 20L), (info.Width, info.Height, info.Frames));
        Assert.Equal(10, info.FrameRate, 1e-3);
        Assert.Equal(20, VideoFrames.Count(clip, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_frames_that_come_are_those_that_were_asked_for()
    {
        string clip = Clip("grey.mkv", "-f", "lavfi", "-i",
            "color=black:size=32x16:rate=25:duration=2,format=rgb24,geq=r='5*N':g='5*N':b='255-5*N'", "-c:v", "ffv1", "-pix_fmt", "bgr0");
        long[] places = [0, 3, 3, 17, 49];
        var frames = VideoFrames.Read(clip, places, TestContext.Current.CancellationToken).ToList();
        Assert.Equal(places.Length, frames.Count);
        for (int k = 0; k < places.Length; k++)
        {
            Assert.Equal((32, 16, 3), (frames[k].Width, frames[k].Height, frames[k].Channels));
            byte[] pixel = frames[k].Pixels[..3].ToArray();
            Assert.Equal([(byte)(5 * places[k]), (byte)(5 * places[k]), (byte)(255 - (5 * places[k]))], pixel);
        }

        Assert.Null(VideoFrames.Probe(clip, TestContext.Current.CancellationToken).Frames); // Matroska does not say
        Assert.Equal(50, VideoFrames.Count(clip, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Hundreds_and_thousands_of_frames_may_be_asked_for()
    {
        string clip = Clip("many.mkv", "-f", "lavfi", "-i",
            "color=black:size=16x16:rate=100:duration=45,format=rgb24,geq=r='mod(N,250)':g='floor(N/250)':b=0", "-c:v", "ffv1",
            "-pix_fmt", "bgr0");
        foreach (int step in (int[])[1, 2, 9])
        {
            long[] places = [.. Enumerable.Range(0, 4500 / step).Select(k => (long)k * step)];
            var numbers = VideoFrames.Read(clip, places, TestContext.Current.CancellationToken)
                .Select(frame => frame.Pixels[0] + (250L * frame.Pixels[1])).ToArray();
            Assert.Equal(places, numbers);
        }
    }

    [Fact]
    public void A_turned_clip_comes_upright()
    {
        string clip = Clip("flat.mp4"), turned = Path.Combine(folder, "turned.mp4");
        Ffmpeg("-i", clip, "-c", "copy", "-metadata:s:v", "rotate=90", turned);
        var info = VideoFrames.Probe(turned, TestContext.Current.CancellationToken);
        Assert.SkipWhen(info.Width == 64, "this ffmpeg turns clips another way");
        var frame = VideoFrames.Read(turned, [0], TestContext.Current.CancellationToken).Single();
        Assert.Equal((48, 64), (info.Width, info.Height));
        Assert.Equal((48, 64), (frame.Width, frame.Height));
    }

    [Fact]
    public void A_clip_that_is_too_short_says_so_with_the_number()
    {
        string clip = Clip("short.mp4");
        var error = Assert.Throws<VideoException>(() => VideoFrames.Read(clip, [5, 20], TestContext.Current.CancellationToken).Count());
        Assert.Equal(clip, error.FileName);
        Assert.Contains("too short: picture 20", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_file_a_text_a_folder_and_a_missing_file_are_named()
    {
        string clip = Clip("whole.mp4"), text = Path.Combine(folder, "text.mp4"), cut = Path.Combine(folder, "cut.mp4"),
            song = Path.Combine(folder, "song.wav");
        File.WriteAllText(text, "no video at all");
        File.WriteAllBytes(cut, File.ReadAllBytes(clip)[..2000]);
        Ffmpeg("-f", "lavfi", "-i", "sine=duration=1", song);
        var cancellation = TestContext.Current.CancellationToken;
        foreach (string file in (string[])[text, cut, song])
        {
            Assert.Contains(file, Assert.Throws<VideoException>(() => VideoFrames.Probe(file, cancellation)).Message,
                StringComparison.Ordinal);
            Assert.Contains(file, Assert.Throws<VideoException>(() => VideoFrames.Read(file, [0], cancellation).Count()).Message,
                StringComparison.Ordinal);
            Assert.Throws<VideoException>(() => VideoFrames.Count(file, cancellation));
        }

        Assert.Contains("folder", Assert.Throws<VideoException>(() => VideoFrames.Probe(folder, cancellation)).Message,
            StringComparison.Ordinal);
        Assert.Contains("no such file",
            Assert.Throws<VideoException>(() => VideoFrames.Probe(Path.Combine(folder, "none.mp4"), cancellation)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_looks_like_an_option_or_an_address_is_only_a_name()
    {
        string clip = Clip("whole.mp4"), odd = Path.Combine(folder, "concat:-y 'a',b%d.mp4");
        File.Copy(clip, odd);
        Assert.Equal(64, VideoFrames.Probe(odd, TestContext.Current.CancellationToken).Width);
        Assert.Single(VideoFrames.Read(odd, [7], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_playlist_cannot_reach_beyond_local_files()
    {
        Require();
        string list = Path.Combine(folder, "list.m3u8");
        File.WriteAllText(list, "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n");
        Assert.Throws<VideoException>(() => VideoFrames.Read(list, [0], TestContext.Current.CancellationToken).Count());
    }

    [Theory]
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\nfile:///nowhere.ts\n")]               // live: never done
    [InlineData("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1.0,\nwhole.mp4\n#EXT-X-ENDLIST\n")]
    [InlineData("ffconcat version 1.0\nfile whole.mp4\n")]
    [InlineData("<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"dynamic\"><Period/></MPD>")]
    [InlineData("v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\na=rtpmap:96 H264/90000\n")]
    public void A_text_that_names_other_files_is_no_video(string text)
    {
        Clip("whole.mp4");
        string list = Path.Combine(folder, "list.mp4");
        File.WriteAllText(list, text);
        var clock = Stopwatch.StartNew();
        Assert.Throws<VideoException>(() => VideoFrames.Probe(list, TestContext.Current.CancellationToken));
        Assert.Throws<VideoException>(() => VideoFrames.Read(list, [0], TestContext.Current.CancellationToken).Count());
        Assert.Throws<VideoException>(() => VideoFrames.Count(list, TestContext.Current.CancellationToken));
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), "a playlist held the program up");
    }

    [Fact]
    public void A_pipe_is_no_video()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "named pipes are made by mkfifo");
        string pipe = Path.Combine(folder, "pipe.mp4");
        using (var mkfifo = Process.Start("mkfifo", [pipe])) mkfifo.WaitForExit();
        var error = Assert.Throws<VideoException>(() => VideoFrames.Probe(pipe, TestContext.Current.CancellationToken));
        Assert.Contains("not a regular file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_gives_no_answer_is_ended()
    {
        Assert.SkipUnless(File.Exists("/bin/sh"), "there is no shell");
        string slow = Path.Combine(folder, "slow"), clip = Path.Combine(folder, "any.mp4");
        File.WriteAllText(slow, "#!/bin/sh\nexec sleep 600\n");
        File.WriteAllText(clip, "");
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(slow, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        using var process = new FfmpegProcess(slow, clip, [], [], TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        Assert.Contains("no answer", Assert.Throws<VideoException>(process.ReadText).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_ends_the_decoder()
    {
        string clip = Clip("long.mp4", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=30:duration=20", "-c:v", "mpeg4");
        using var cancelled = new CancellationTokenSource();
        var frames = VideoFrames.Read(clip, [.. Enumerable.Range(0, 600).Select(k => (long)k)], cancelled.Token).GetEnumerator();
        Assert.True(frames.MoveNext());
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
        {
            while (frames.MoveNext())
            {
            }
        });
        Assert.Throws<OperationCanceledException>(() => VideoFrames.Probe(clip, cancelled.Token));
    }

    [Fact]
    public void Leaving_a_clip_early_leaves_no_decoder_behind()
    {
        string clip = Clip("left.mp4", "-f", "lavfi", "-i", "testsrc=size=320x240:rate=30:duration=20", "-c:v", "mpeg4");
        foreach (var frame in VideoFrames.Read(clip, [.. Enumerable.Range(0, 600).Select(k => (long)k)],
            TestContext.Current.CancellationToken))
        {
            Assert.Equal(320, frame.Width);
            break;
        }

        File.Delete(clip);
        Assert.DoesNotContain(Process.GetProcessesByName("ffmpeg"), process => Arguments(process).Contains(clip, StringComparison.Ordinal));
    }

    [Fact]
    public void Numbers_that_fall_are_refused_and_none_give_none()
    {
        Assert.Throws<ArgumentException>(() => VideoFrames.Read("a.mp4", [3, 2], TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => VideoFrames.Read("a.mp4", [-1], TestContext.Current.CancellationToken));
        Assert.Empty(VideoFrames.Read("a.mp4", [], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_missing_ffmpeg_says_what_to_install()
    {
        string file = Path.Combine(folder, "any.mp4");
        File.WriteAllText(file, "");
        var error = Assert.Throws<VideoException>(() =>
            VideoFrames.Probe(file, "ffprobe-that-is-not-there", TestContext.Current.CancellationToken));
        Assert.Contains("apt-get install ffmpeg", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_that_ends_within_a_picture_gives_none_and_one_of_something_else_is_refused()
    {
        using var whole = new PpmReader(new MemoryStream([.. "P6\n2 1\n255\n"u8, 1, 2, 3, 4, 5, 6]));
        Assert.Equal([1, 2, 3, 4, 5, 6], whole.Next()!.Pixels.ToArray());
        Assert.Null(whole.Next());
        using var cut = new PpmReader(new MemoryStream([.. "P6\n2 1\n255\n"u8, 1, 2, 3]));
        Assert.Null(cut.Next());
        using var other = new PpmReader(new MemoryStream("P5\n2 1\n255\nabc"u8.ToArray()));
        Assert.Throws<VideoException>(other.Next);
        using var huge = new PpmReader(new MemoryStream("P6\n99999 99999\n255\n"u8.ToArray()));
        Assert.Throws<VideoException>(huge.Next);
    }

    private static void Require()
    {
        bool there = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(place => File.Exists(Path.Combine(place, "ffmpeg")));
        Assert.SkipUnless(there, "ffmpeg is not on the PATH");
    }

    private static string Arguments(Process process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process.Id}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void Ffmpeg(params string[] arguments)
    {
        Require();
        using var process = Process.Start(new ProcessStartInfo("ffmpeg", ["-nostdin", "-v", "error", "-y", .. arguments])
        { RedirectStandardError = true })!;
        string complaint = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, complaint);
    }

    /// <summary>20 frames of 64x48, 10 a second, or what the arguments say.</summary>
    private string Clip(string name, params string[] arguments)
    {
        string path = Path.Combine(folder, name);
        Ffmpeg([.. arguments.Length > 0
            ? arguments : ["-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=2", "-c:v", "mpeg4"], path]);
        return path;
    }
}
