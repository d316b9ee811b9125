using System.Diagnostics;
using System.Text.Json;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Systems.Detection.Tracking;
using Sconce.Video;
using Xunit;

namespace Sconce.Systems.Tests.Tracking;

using Clip = Sconce.Abilities.Clip;

public sealed class TrackAbilityTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-track").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Two_objects_that_pass_each_other_keep_their_numbers_and_are_judged_right()
    {
        string given = Detections(60);
        var answer = Ask(new TrackSettings { Detections = given, FrameRate = 30 });
        var items = answer.Objects.Items.ToList();
        Assert.Equal([1, 2], items.Select(item => item.Id).Distinct().Order());
        foreach (var one in items.GroupBy(item => item.Id)) Assert.Single(one.Select(item => item.Box.Top < 100).Distinct());
        Assert.DoesNotContain(items, item => item.Frame < 6); // a fifth of a second passes before an object is believed in

        string truth = Path.Combine(folder, "gt.txt"), tracks = Path.Combine(folder, "tracks.jsonl");
        TrackFile.Save(truth, Truth(60));
        AnswerFiles.Write(answer.Objects, Nothing.Instance, tracks);
        var figures = Judge(new TrackingFigureSettings { Truth = truth, Tracks = tracks });
        var tracked = Judge(new TrackingFigureSettings { Truth = truth, Detections = given });
        Assert.Equal(figures, tracked);
        Assert.Equal(0, figures["switches"]);
        Assert.Equal(0, figures["false alarms"]);
        Assert.InRange(figures["MOTA"], 0.85, 0.95); // the first sixth of a second is missed
    }

    [Fact]
    public void Crossings_have_a_direction_and_stays_a_length()
    {
        var settings = (TrackSettings)TrackSettings.Schema.Read(
        [
            new("detections", Detections(60)), new("frameRate", "10"), new("countLine", "160,0,160,240"), new("zone", "left=0,0,160,240"),
        ]);
        var answer = Ask(settings);
        Assert.Equal([["1", 1L, 1L]], answer.Counts!.Items);
        Assert.Equal(["out", "in"], answer.Crossings!.Items.OrderBy(row => (long)row[3]!).Select(row => (string)row[5]!));
        var stays = answer.Stays!.Items;
        Assert.Equal(2, stays.Count);
        Assert.All(stays, stay => Assert.Equal((double)stay[4]! - (double)stay[3]!, (double)stay[5]!, 1e-9));
        Assert.Contains(stays, stay => (double)stay[3]! < 1 && (double)stay[4]! is > 2 and < 4);  // who goes to the right leaves it
        Assert.Contains(stays, stay => (double)stay[3]! is > 2 and < 4 && (double)stay[4]! > 5);  // who comes from there enters it
    }

    [Fact]
    public void Lines_have_names_and_crossings_are_lines_of_JSON()
    {
        var settings = (TrackSettings)TrackSettings.Schema.Read(
            [new("detections", Detections(60)), new("countLine", "gate=160,0,160,120,160,120,160,240")]);
        var answer = Ask(settings);
        Assert.Equal([["gate", 0L, 1L], ["2", 1L, 0L]], answer.Counts!.Items);    // who goes to the right passes above, the other below
        string path = Path.Combine(folder, "crossings.jsonl");
        Assert.Equal(".jsonl", AnswerFiles.ExtensionBeside(answer.Crossings!, Nothing.Instance, "tracks.jsonl"));
        Assert.Equal(".csv", AnswerFiles.ExtensionBeside(answer.Crossings!, Nothing.Instance, "tracks.txt"));
        AnswerFiles.Write(answer.Crossings!, Nothing.Instance, path);
        var told = File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(["gate", "2"], told.OrderByDescending(line => line.GetProperty("line").GetString()).Select(Name));
        Assert.Equal(["out", "in"], told.OrderByDescending(Name).Select(line => line.GetProperty("direction").GetString()));
        Assert.All(told, line => Assert.Equal(line.GetProperty("frame").GetInt64() / 30.0, line.GetProperty("seconds").GetDouble(), 9));
        var lines = TrackSettings.Schema.Settings.First(setting => setting.Name == "countLine");
        Assert.Equal("gate=160,0,160,120,160,120,160,240", lines.Text(settings));

        static string Name(JsonElement line) => line.GetProperty("line").GetString()!;
    }

    [Fact]
    public void The_drawn_clip_counts_as_it_goes()
    {
        var settings = (TrackSettings)TrackSettings.Schema.Read(
        [
            new("detections", Detections(60)), new("frameRate", "30"), new("countLine", "gate=160,0,160,240"),
            new("zone", "right=170,0,320,240"),
        ]);
        var followed = Ask(settings).Objects.Items.ToList();
        List<Image> With(TrackSettings asked) => [.. TrackDrawing.Over(Enumerable.Range(0, 60).Select(_ => Grey()), followed, asked)];
        var plain = With(settings with { CountLine = null, Zone = null });
        var counted = With(settings with { Zone = null });
        var timed = With(settings with { CountLine = null });
        // The number beside the line changes when somebody crosses; the box of who is in the zone has a longer label.
        var label = new PixelBox(160, 112, 300, 145);
        Assert.NotEqual(Part(plain[20], label), Part(counted[20], label));
        Assert.Equal(Part(counted[20], label), Part(counted[22], label));
        Assert.NotEqual(Part(counted[20], label), Part(counted[59], label));
        Assert.NotEqual(plain[59].Pixels.ToArray(), timed[59].Pixels.ToArray());

        static Image Grey() => new(320, 240, 3);
        static byte[] Part(Image picture, PixelBox box) => picture.Crop(box).Pixels.ToArray();
    }

    [Theory]
    [InlineData("a=1,2,3,4,a=5,6,7,8")]
    [InlineData("=1,2,3,4")]
    [InlineData("1,b=2,3,4")]
    [InlineData("1,2,3")]
    [InlineData("1,2,1,2")]
    [InlineData("1,2,x,4")]
    [InlineData("1,2,NaN,4")]
    public void A_line_that_is_none_is_refused(string typed) =>
        Assert.Throws<SettingsException>(() => TrackSettings.Schema.Read([new("countLine", typed)]));

    [Fact]
    public void A_polygon_holds_what_lies_within_and_settings_are_written_as_they_are_typed()
    {
        const string typed = "a=0,0,10,0,0,10,b=0,0,4,4";
        var settings = (TrackSettings)TrackSettings.Schema.Read([new("zone", typed)]);
        var (triangle, square) = (settings.Zone!.Items[0], settings.Zone.Items[1]);
        Assert.True(triangle.Holds(3, 3) && !triangle.Holds(6, 6) && square.Holds(3, 3) && !square.Holds(5, 3));
        var zone = TrackSettings.Schema.Settings.First(setting => setting.Name == "zone");
        Assert.Equal("a=0,0,10,0,0,10,b=0,0,4,0,4,4,0,4", zone.Text(settings));
    }

    [Fact]
    public void What_a_detector_wrote_as_JSON_is_read_with_its_classes()
    {
        string path = Path.Combine(folder, "boxes.json");
        string Box(string label, string confidence, int k) =>
            $$"""{"label":"{{label}}","confidence":{{confidence}},"box":[{{k}},5,{{k + 20}},30]}""";
        string Boxes(int k) => Box("cat", "0.9", k) + "," + Box("dog", "0.2", k);
        string Frame(int k) => $$"""{"input":"{{k}}.jpg","predictions":[{{Boxes(k)}}],"output":null}""";
        File.WriteAllText(path, $"[{string.Join(',', Enumerable.Range(0, 20).Select(Frame))}]");
        var items = Ask(new TrackSettings { Detections = path, Confidence = 0.5 }).Objects.Items.ToList();
        Assert.Equal(["cat"], items.Select(item => item.Box.Name).Distinct());
        var dogs = Ask(new TrackSettings { Detections = path, Classes = new LabelList(["dog"]) }).Objects.Items;
        Assert.Equal(["dog"], dogs.Select(item => item.Box.Name).Distinct());
        File.WriteAllText(path, """[{"predictions":[{"label":"cat"}]}]""");
        Assert.Contains("entry 1: \"box\"", Assert.Throws<VideoException>(() => TrackFile.Read(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_followed_is_told()
    {
        string one = Path.Combine(folder, "one.txt"), none = Path.Combine(folder, "none.txt");
        File.WriteAllText(one, "1,-1,0,0,5,5,1\n");
        File.WriteAllText(none, "# nothing\n");
        void Says(string words, TrackSettings settings) =>
            Assert.Contains(words, Assert.Throws<VideoException>(() => Ask(settings)).Message, StringComparison.Ordinal);
        Says("one frame", new TrackSettings { Detections = one });
        Says("no box", new TrackSettings { Detections = none });
        Says("nothing to follow", new TrackSettings { Detections = Detections(9), Confidence = 2 });
        Assert.Equal("detections", Assert.Throws<SettingsException>(() => Ask(new TrackSettings())).Setting);
        var both = new TrackSettings { Detections = one, Detector = "x" };
        Assert.Equal("detections", Assert.Throws<SettingsException>(() => Ask(both)).Setting);
        string truth = Path.Combine(folder, "gt.txt");
        TrackFile.Save(truth, Truth(5));
        var fault = Assert.Throws<VideoException>(() => Judge(new TrackingFigureSettings { Truth = truth, Tracks = one }));
        Assert.Contains("no identity", fault.Message, StringComparison.Ordinal);
        Assert.Throws<SettingsException>(() => Judge(new TrackingFigureSettings { Truth = truth }));
    }

    [Fact]
    public void A_clip_is_followed_by_boxes_of_its_frames_alone_and_drawn()
    {
        string clip = Path.Combine(folder, "clip.mp4");
        Assert.SkipUnless(Ffmpeg($"-f lavfi -i color=gray:size=320x240:rate=30 -frames:v 30 -pix_fmt yuv420p {clip}"), "ffmpeg is missing");
        using var session = Open();
        var answer = session.Ask(Clip.Of(clip), new TrackSettings { Detections = Detections(30) });
        var frames = answer.Drawn!.Frames.ToList();
        Assert.Equal(30, frames.Count);
        Assert.True(frames[20].Pixels.ToArray().Distinct().Count() > 20, "nothing was drawn");
        Assert.Contains("the video has 30", Assert.Throws<VideoException>(() =>
            session.Ask(Clip.Of(clip), new TrackSettings { Detections = Detections(31) })).Message, StringComparison.Ordinal);
        Assert.Equal("detector", Assert.Throws<SettingsException>(() => session.Ask(Clip.Of(clip))).Setting);
        Assert.Contains("finds no boxes", Assert.Throws<UsageException>(() =>
            session.Ask(Clip.Of(clip), new TrackSettings { Detector = "resnet18" })).Message, StringComparison.Ordinal);
        string single = Path.Combine(folder, "single.mp4");
        Ffmpeg($"-f lavfi -i color=gray:size=320x240:rate=30 -frames:v 1 -pix_fmt yuv420p {single}");
        Assert.Contains("one frame", Assert.Throws<VideoException>(() =>
            session.Ask(Clip.Of(single), new TrackSettings { Detections = Detections(1) })).Message, StringComparison.Ordinal);
    }

    private static IReadOnlyDictionary<string, double> Judge(TrackingFigureSettings settings) =>
        new TrackingFigures().Evaluate(settings, null, default).Figures;

    private static TrackAnswer Ask(TrackSettings settings)
    {
        using var session = new TrackDetectionsSession();
        return session.Ask(Nothing.Instance, settings);
    }

    private static Session<Clip, TrackAnswer, TrackSettings> Open()
    {
        var target = new AbilityRegistry(Systems.Catalogue.Systems).Find("tracking")!;
        return (Session<Clip, TrackAnswer, TrackSettings>)new TrackClip().OpenSession(new CatalogueRequest(target, null, null));
    }

    private static bool Ffmpeg(string arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ffmpeg", "-loglevel error -y " + arguments));
            process!.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    /// <summary>One goes from left to right above, another from right to left below, 5 pixels a frame, 40 by 40.</summary>
    private static IEnumerable<TrackBox> Truth(int frames) => Enumerable.Range(0, frames).SelectMany(k => (TrackBox[])
        [new(k + 1, 1, 4 * k, 40, 40, 40), new(k + 1, 2, 280 - (4 * k), 160, 40, 40)]);

    private string Detections(int frames)
    {
        string path = Path.Combine(folder, $"mot{frames}.txt");
        TrackFile.Save(path, Truth(frames).Select(box => box with { Id = -1 }));
        return path;
    }
}
