using Sconce.Abilities;
using Sconce.Systems.Video.Dubbing;
using Sconce.Video;
using Xunit;

namespace Sconce.Systems.Tests.Dubbing;

[Collection(LiveTensors.Name)]
public sealed class DubTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-dub-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Frames_after_the_last_word_stay_as_they_are()
    {
        string path = TestClips.Moving(folder), speech = TestClips.Tone(folder, "0.3");
        var original = VideoFrames.All(path, cancellation: Cancellation).ToList();
        using var session = new DubSession(Request());
        long before = LiveTensors.Count;
        var answer = session.Ask(Abilities.Clip.Of(path), new DubSettings { Speech = Sound.Of(speech) }, cancellation: Cancellation);
        Assert.Equal((10, speech), (answer.Clip.FrameRate, answer.Clip.SoundFrom));
        var dubbed = answer.Clip.Frames.ToList();
        Assert.Equal(6, dubbed.Count);
        for (int k = 0; k < 6; k++) Assert.Equal(k >= 3, dubbed[k].Pixels.SequenceEqual(original[k].Pixels));
        Assert.Contains("stay", (string)answer.Lengths.Items[0][2]!, StringComparison.Ordinal);
        Assert.Equal(before, LiveTensors.Count);
    }

    [Fact]
    public void The_last_frame_is_held_until_a_longer_speech_ends()
    {
        string path = TestClips.Moving(folder), speech = TestClips.Tone(folder, "0.8");
        using var session = new DubSession(Request());
        var answer = session.Ask(Abilities.Clip.Of(path), new DubSettings { Speech = Sound.Of(speech) }, cancellation: Cancellation);
        Assert.Equal(8, answer.Clip.Frames.Count());
        Assert.Contains("held", (string)answer.Lengths.Items[0][2]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_clip_begins_again_until_a_longer_speech_ends_where_that_is_asked_for()
    {
        string path = TestClips.Moving(folder), speech = TestClips.Tone(folder, "0.8");
        var original = VideoFrames.All(path, cancellation: Cancellation).ToList();
        using var session = new DubSession(Request());
        var settings = new DubSettings { Speech = Sound.Of(speech), Box = [16, 8, 48, 40], Loop = true };
        var answer = session.Ask(Abilities.Clip.Of(path), settings, cancellation: Cancellation);
        var dubbed = answer.Clip.Frames.ToList();
        Assert.Equal(8, dubbed.Count);
        // Outside the box the eighth frame is the second.
        for (int y = 0; y < 8; y++) Assert.True(dubbed[7].Row(y).SequenceEqual(original[1].Row(y)));
        Assert.Contains("again", (string)answer.Lengths.Items[0][2]!, StringComparison.Ordinal);
    }

    [Fact]
    public void A_speaker_who_moves_is_followed_and_frames_without_the_face_stay_as_they_are()
    {
        string path = TestClips.Moving(folder), track = Path.Combine(folder, "faces.txt");
        File.WriteAllText(track, "1,3,4,4,24,30,1,-1,-1\n1,5,40,4,20,20,1,-1,-1\n3,3,24,4,24,30,1,-1,-1\n");
        var original = VideoFrames.All(path, cancellation: Cancellation).ToList();
        using var session = new DubSession(Request());
        var settings = new DubSettings { Speech = Sound.Of(TestClips.Tone(folder, "0.6")), Follow = track, Speaker = 3 };
        var dubbed = session.Ask(Abilities.Clip.Of(path), settings, cancellation: Cancellation).Clip.Frames.ToList();
        Assert.Equal((4, 27), Changed(dubbed[0], original[0]));
        Assert.Equal((14, 37), Changed(dubbed[1], original[1])); // half way
        Assert.Equal((24, 47), Changed(dubbed[2], original[2]));
        for (int k = 3; k < 6; k++) Assert.True(dubbed[k].Pixels.SequenceEqual(original[k].Pixels));

        var fault = Assert.Throws<SettingsException>(
            () => session.Ask(Abilities.Clip.Of(path), settings with { Speaker = null }, cancellation: Cancellation).Clip.Frames.First());
        Assert.Equal("speaker", fault.Setting);
        Assert.Throws<SettingsException>(
            () => session.Ask(Abilities.Clip.Of(path), settings with { Box = [0, 0, 9, 9] }, cancellation: Cancellation));

        static (int First, int Last) Changed(Imaging.Image dubbed, Imaging.Image original)
        {
            int[] columns =
            [
                .. Enumerable.Range(0, 64).Where(x => Enumerable.Range(0, 48).Any(y =>
                    !dubbed.Row(y).Slice(3 * x, 3).SequenceEqual(original.Row(y).Slice(3 * x, 3)))),
            ];
            return (columns[0], columns[^1]);
        }
    }

    [Fact]
    public void A_track_is_smoothed_where_it_is_slow_and_not_where_it_is_fast()
    {
        string path = Path.Combine(folder, "slow.txt");
        var random = new Random(1);
        int[] jitter = [.. Enumerable.Range(0, 40).Select(_ => random.Next(-2, 3))];
        File.WriteAllLines(path, jitter.Select((off, k) => $"{k + 1},1,{300 + off},300,200,200,1,-1,-1"));
        var slow = SpeakerTrack.Read(path, null, 25);
        int[] seen = [.. Enumerable.Range(3, 34).Select(k => slow.At(k, 1000, 1000)!.Value.Left - 300)];
        Assert.True(Swing(seen) < 0.5 * Swing(jitter[3..37]), $"{Swing(seen)} {Swing(jitter)}");

        File.WriteAllLines(path, Enumerable.Range(0, 10).Select(k => $"{k + 1},1,{100 + (60 * k * k)},300,200,200,1,-1,-1"));
        var fast = SpeakerTrack.Read(path, null, 25);
        Assert.Equal(100 + (60 * 25), fast.At(5, 10_000, 1000)!.Value.Left, 1.0);
        Assert.Null(fast.At(5, 1000, 1000)); // outside the picture
        Assert.Null(fast.At(10, 10_000, 1000)); // after the last box
        static double Swing(int[] places) => places.Zip(places.Skip(1), (one, next) => Math.Abs(next - one)).Sum();
    }

    [Fact]
    public void A_painted_face_takes_the_colours_of_the_half_that_is_known()
    {
        using var scope = new Torch.TensorScope();
        var seen = Torch.Tensor.Rand([3, 8, 8]) * 0.5;
        var tinted = seen + Torch.Tensor.From([0.3f, -0.2f, 0.1f], [3, 1, 1]);
        var good = MouthPainter.InColours(seen, tinted);
        Assert.Equal(0, (good - seen).Abs().Max().Item<double>(), 1e-5);
        Assert.InRange(MouthPainter.InColours(seen, tinted * 9).Max().Item<double>(), 0, 1);
    }

    [Fact]
    public void Only_the_box_is_painted()
    {
        string path = TestClips.Moving(folder), speech = TestClips.Tone(folder, "0.3");
        using var session = new DubSession(Request());
        var settings = new DubSettings { Speech = Sound.Of(speech), Box = [16, 8, 48, 40] };
        var dubbed = session.Ask(Abilities.Clip.Of(path), settings, cancellation: Cancellation).Clip.Frames.First();
        var original = VideoFrames.All(path, cancellation: Cancellation).First();
        int changed = 0;
        for (int y = 0; y < 48; y++)
        {
            for (int x = 0; x < 64; x++)
            {
                bool isEqual = dubbed.Row(y).Slice(3 * x, 3).SequenceEqual(original.Row(y).Slice(3 * x, 3));
                if (x is < 16 or >= 48 || y is < 8 or >= 40) Assert.True(isEqual);
                else if (!isEqual) changed++;
            }
        }

        Assert.True(changed > 500);
    }

    [Fact]
    public void What_is_missing_too_short_or_outside_is_one_clear_error()
    {
        var clip = Abilities.Clip.Of(TestClips.Moving(folder));
        var speech = Sound.Of(TestClips.Tone(folder, "0.3"));
        using var session = new DubSession(Request());
        Assert.Throws<SettingsException>(() => session.Ask(clip, new DubSettings(), cancellation: Cancellation));
        var sliver = new DubSettings { Speech = Sound.Of(TestClips.Tone(folder, "0.1", "sliver.wav")) };
        var tooShort = () => session.Ask(clip, sliver, cancellation: Cancellation);
        Assert.Contains("shorter", Assert.Throws<SettingsException>(tooShort).Message, StringComparison.Ordinal);
        var outside = new DubSettings { Speech = speech, Box = [0, 0, 65, 20] };
        Assert.Throws<SettingsException>(() => session.Ask(clip, outside, cancellation: Cancellation).Clip.Frames.First());
        var absent = new DubSettings { Speech = Sound.Of(Path.Combine(folder, "absent.wav")) };
        Assert.Throws<VideoException>(() => session.Ask(clip, absent, cancellation: Cancellation));
    }

    [Fact]
    public void A_sound_is_read_at_the_rate_that_is_asked_for_from_files_of_sound_and_of_video()
    {
        float[] tone = SoundSamples.Read(TestClips.Tone(folder, "0.5"), 16_000, Cancellation);
        Assert.Equal(8000, tone.Length);
        Assert.InRange(tone.Max(), 0.05f, 0.2f); // ffmpeg's tones have an eighth of the largest amplitude
        Assert.InRange(SoundSamples.Read(TestClips.Moving(folder), 8000, Cancellation).Length, 4700, 5600);
        string text = Path.Combine(folder, "text.wav");
        File.WriteAllText(text, "no sound");
        Assert.Throws<VideoException>(() => SoundSamples.Read(text, 16_000, Cancellation));
    }

    private static MadeRequest Request() => new(() => new LipPainter(), new LipSync());
}
