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
