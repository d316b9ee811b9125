using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Video.Dubbing;
using Sconce.Torch;
using Sconce.Video;
using Xunit;

namespace Sconce.Systems.Tests.Dubbing;

/// <summary>An expert and a painter trained on a clip, and the whole line of dubbing.</summary>
[Collection(LiveTensors.Name)]
public sealed class DubbingTrainingTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sconce-dubbing-").FullName;
    private readonly SmallRuns runs;

    public DubbingTrainingTests() => runs = new SmallRuns(root, new DubbingSystem());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Expert_and_painter_learn_from_a_folder_of_frames_with_sound_and_dub_a_clip()
    {
        string data = Talk();
        var (_, expert) = runs.Train(runs.Asked("syncnet", "syncnet_small", data), "expert");
        Assert.Equal("loss", expert.Run.Watched);
        runs.EvaluatesAsItTrained("expert", expert);
        var asked = runs.Asked("wav2lip", "wav2lip_small", data);
        var own = asked.Of<LipSettings>() with { Expert = Path.Combine(root, "expert", "best.ckpt"), SyncFrom = 10 };
        var settled = runs.StopsAndGoesOn(asked with { Settings = own.With(asked.Run with { Steps = 4 }, asked.Optimization) });
        File.Delete(own.Expert);   // it judged while lips were learned, and is not asked again
        Assert.Contains("mouth L1", runs.EvaluatesAsItTrained("whole", settled).Figures.Keys);
        using var session = runs.Target("whole", settled).Open<Session<Abilities.Clip, DubAnswer,
            DubSettings>>(Verb.Dub, new() { Device = Device.Cpu });
        string clip = TestClips.Moving(root);
        var answer = session.Ask(Abilities.Clip.Of(clip), new DubSettings { Speech = Sound.Of(TestClips.Tone(root, "0.4")) },
            cancellation: Cancellation);
        Assert.Equal(6, answer.Clip.Frames.Count());
    }

    [Fact]
    public void Each_stage_is_a_command_that_reads_and_writes_json()
    {
        string clip = TestClips.Moving(root), tone = TestClips.Tone(root, "0.25");
        string heard = Script("heard.sh",
            """cat > /dev/null; echo '{"segments": [{"start": 0.1, "end": 0.3, "text": "hallo"}, {"start": 0.35, "end": 0.5, "text": "du"}]}'""");
        string translated = Script("translated.sh", """sed 's/hallo/hello/; s/"du"/"you"/'""");
        string voice = Script("voice.sh", $$"""cat > "{{root}}/asked.json"; echo '{"sound": "{{tone}}"}'""");
        using var session = new DubSession(new MadeRequest(() => new LipPainter(8)));
        var answer = session.Ask(
            Abilities.Clip.Of(clip),
            new DubSettings { Recognize = heard, Translate = translated, Synthesize = voice, Voice = "en" },
            cancellation: Cancellation);
        Assert.Equal(["hello", "you"], answer.Lines.Items.Select(row => (string)row[3]!));
        Assert.Equal([0.1, 0.35], answer.Lines.Items.Select(row => (double)row[0]!));
        Assert.Equal(0.35, (double)answer.Lines.Items[1][1]!, 0.01);
        Assert.Contains("\"voice\":\"en\"", File.ReadAllText(Path.Combine(root, "asked.json")), StringComparison.Ordinal);
        Assert.Equal(6, answer.Clip.Frames.Count());
        float[] samples = SoundSamples.Read(answer.Clip.SoundFrom!, 16_000, Cancellation);
        Assert.Equal(0.6, samples.Length / 16_000.0, 0.02);
        Assert.All(samples.Take(1500), sample => Assert.Equal(0, sample));
    }

    [Theory]
    [InlineData("false", "ended with 1")]
    [InlineData("echo words", "no JSON object")]
    [InlineData("echo '{}'", "no 'segments'")]
    public void A_stage_that_fails_is_one_line(string command, string expected)
    {
        string clip = TestClips.Moving(root);
        using var session = new DubSession(new MadeRequest(() => new LipPainter(8)));
        var error = Assert.ThrowsAny<UsageException>(
            () => session.Ask(Abilities.Clip.Of(clip), new DubSettings { Recognize = command }, cancellation: Cancellation));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Subtitles_are_read_with_their_times_and_a_translation_takes_them_over()
    {
        string original = Path.Combine(root, "original.srt"), english = Path.Combine(root, "english.srt");
        File.WriteAllText(original,
            "1\r\n00:00:01,500 --> 00:00:02,000\r\nGuten\r\nTag\r\n\r\n2\r\n00:01:02,250 --> 00:01:03,000\r\nWelt\r\n");
        File.WriteAllText(english, "1\n00:00:00,000 --> 00:00:01,000\nHello\n\n2\n00:00:02,000 --> 00:00:03,000\nWorld\n");
        var lines = Subtitles.Read(original);
        Assert.Equal([new Line(1.5, 2, "Guten Tag"), new Line(62.25, 63, "Welt")], lines);
        Assert.Equal([new Line(1.5, 2, "Hello"), new Line(62.25, 63, "World")], Subtitles.Timed(lines, Subtitles.Read(english), english));
        Assert.Throws<DataException>(() => Subtitles.Timed(lines, [lines[0]], english));
        File.WriteAllText(english, "1\n00:00:aa,000 --> 00:00:01,000\nHello\n");
        Assert.Contains("line 2", Assert.Throws<DataException>(() => Subtitles.Read(english)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Speech_and_subtitles_do_not_go_together()
    {
        using var session = new DubSession(new MadeRequest(() => new LipPainter(8)));
        var both = new DubSettings { Speech = Sound.Of("a.wav"), Subtitles = "b.srt" };
        Assert.Contains("together", Assert.ThrowsAny<UsageException>(() => session.Ask(Abilities.Clip.Of("c.mp4"), both)).Message,
            StringComparison.Ordinal);
        Assert.Contains("missing", Assert.ThrowsAny<UsageException>(() => session.Ask(Abilities.Clip.Of("c.mp4"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_sound_is_written_as_it_is_read()
    {
        float[] samples = [.. Enumerable.Range(0, 800).Select(k => (float)Math.Sin(k / 9.0) * 0.5f)];
        string file = Path.Combine(root, "tone.wav");
        WavFile.Save(file, samples, 16_000);
        TestClips.Tone(root, "0.1", "needs-ffmpeg.wav");
        float[] again = SoundSamples.Read(file, 16_000, Cancellation);
        Assert.Equal(samples.Length, again.Length);
        for (int k = 0; k < samples.Length; k++) Assert.Equal(samples[k], again[k], 1e-3);
    }

    [Fact]
    public void A_quick_claim_runs_and_proves_nothing()
    {
        var result = new DubbingClaim().Run(new(Quick: true), null, Cancellation);
        Assert.Equal(Verdict.Undecided, result.Verdict);
        Assert.Equal(5, result.Rows.Count);
    }

    [Fact]
    public void The_mouth_that_is_judged_holds_every_open_pixel_and_little_else()
    {
        var random = new Random(7);
        for (int person = 0; person < 20; person++)
        {
            var speaker = new TalkingMouth(random);
            var box = speaker.Mouth;
            Assert.InRange(box.Width * box.Height, 1, TalkingMouth.Side * TalkingMouth.Side / 7);
            foreach (var frame in speaker.All)
            {
                for (int place = 0; place < TalkingMouth.Side * TalkingMouth.Side; place++)
                {
                    var (row, column) = Math.DivRem(place, TalkingMouth.Side);
                    bool isOpen = Enumerable.Range(0, 3)
                        .All(c => frame.Planes[(c * TalkingMouth.Side * TalkingMouth.Side) + place] < 0.06f);
                    Assert.True(!isOpen || (row >= box.Top && row < box.Bottom && column >= box.Left && column < box.Right));
                }
            }
        }
    }

    /// <summary>A quarter of a minute short of that: 20 frames of a drawn mouth, and a tone.</summary>
    private string Talk()
    {
        string folder = Path.Combine(root, "talks", "one");
        Directory.CreateDirectory(folder);
        var person = new TalkingMouth(new Random(4));
        for (int k = 0; k < 14; k++)
        {
            var frame = Image.FromFloats(TalkingMouth.Side, TalkingMouth.Side, 3, person.All[k].Planes).To8Bit();
            frame.Resize(96, 96, ResizeFilter.Bilinear).Save(Path.Combine(folder, $"{k}.png"));
        }

        TestClips.Tone(folder, "0.56");
        return Path.Combine(root, "talks");
    }

    private string Script(string name, string body)
    {
        string path = Path.Combine(root, name);
        File.WriteAllText(path, "#!/bin/sh\n" + body + "\n");
        return $"/bin/sh \"{path}\"";
    }
}
