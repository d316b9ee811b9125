using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Generation.Trecs;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.Trecs;

/// <summary>Narratives that become pictures, as <c>sconce train</c> and <c>sconce generate</c> have it.</summary>
[Collection(LiveTensors.Name)]
public sealed class TrecsRunTests : IDisposable
{
    private static readonly CatalogueSystem[] Systems = [new TrecsSystem()];
    private readonly string root = Directory.CreateTempSubdirectory("sconce-trecs-").FullName;

    private string Data => Path.Combine(root, "scenes");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_run_goes_on_bit_for_bit_and_paints_narratives_step_by_step()
    {
        var result = ResumedRuns.GoOnAlike(root, () => Open(Asked()), after: 3);
        Assert.InRange(result.Best!.Figures["overlap"], 0, 1);
        string told = Path.Combine(root, "whole", "narratives.jsonl");
        var report = Systems[0].Methods[0].Evaluate(Trained("whole") with { Configuration = Asked() }, null, 1, null, default);
        Assert.Equal(result.Best.Figures["overlap"], report.Figures["overlap"], 1e-9);
        using var session = Session("whole");
        var painted = session.Ask(TableFile.Of(told), new() { CanvasSize = 64 });
        Assert.All(painted.Pictures.Items, picture => Assert.Equal((32, 32), (picture.Width, picture.Height)));
        Assert.All(painted.Canvas.Items, picture => Assert.Equal((64, 64), (picture.Width, picture.Height)));
        Assert.Equal(4, painted.Canvas.Items.Count());
        Assert.Equal(NarrativeFile.Read(told).Sum(narrative => narrative.Utterances.Count), painted.Tags.Items.Count);
        Assert.Equal(["narrative", "word", "start", "end", "tag"], painted.Tags.Columns);
    }

    [Theory]
    [InlineData("outside", "its trace lies outside the picture")]
    [InlineData("silent", "no word of it has a time")]
    [InlineData("broken", "line 1")]
    [InlineData("empty", "there is no narrative")]
    public void Narratives_that_cannot_be_painted_are_told(string fault, string said)
    {
        ResumedRuns.Train(Path.Combine(root, "run"), () => Open(Asked(steps: 1)));
        string path = Path.Combine(root, "bad.jsonl");
        const string words = """[{"utterance": "a ball", "start_time": 0, "end_time": 1}]""";
        string line = fault switch
        {
            "outside" => Line(words, """{"x": 320, "y": 200, "t": 0.5}"""),
            "silent" => Line("[]", """{"x": 0.5, "y": 0.5, "t": 0.5}"""),
            "broken" => "{\"image_id\": 3",
            _ => "\n",
        };
        File.WriteAllText(path, line);
        using var session = Session("run");
        Assert.Contains(said, Assert.Throws<DataException>(() => session.Ask(TableFile.Of(path))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_described_scenes_is_read_with_its_things_apart_and_phrases_as_words()
    {
        Folder();
        var world = SceneFolder.Read(Data, 32);
        Assert.Equal(["sky", "ball"], world.Labels);
        Assert.Equal([true, false], world.Stuff);
        Assert.Equal(2, world.Scenes[0].Scene.Things.Count);
        Assert.Equal(["a", "ball"], world.Scenes[0].Narrative.Utterances.Select(word => word.Text));
        Assert.Equal(0.5, world.Scenes[0].Narrative.Utterances[0].End, 1e-9);
    }

    [Theory]
    [InlineData("label", "it has the label 1, and labels.txt names 1")]
    [InlineData("map", "there is no such map")]
    [InlineData("picture", "there is no pictures/p.jpg")]
    [InlineData("size", "multiples of 32")]
    [InlineData("few", "three are needed")]
    public void What_cannot_be_learned_from_is_told(string fault, string said)
    {
        Folder();
        if (fault == "label") File.WriteAllText(Path.Combine(Data, "labels.txt"), "sky stuff\n");
        if (fault == "map") File.Delete(Path.Combine(Data, "maps", "p.png"));
        if (fault == "picture") File.Delete(Path.Combine(Data, "pictures", "p.png"));
        var asked = Asked();
        asked = asked.With(asked.Run with { Data = Data });
        if (fault == "size") asked = asked.WithImageSize(40);
        Assert.Contains(said, Assert.ThrowsAny<Exception>(() => Open(asked)).Message, StringComparison.Ordinal);
    }

    private static string Line(string words, string place) =>
        $$"""{"image_id": "p", "annotator_id": 1, "caption": "a ball", "timed_caption": {{words}}, "traces": [[{{place}}]]}""";

    private static TrainingRun Open(RunConfiguration asked) => Systems[0].Methods[0].Open(
        new TrainingSetup(asked, new CatalogueModels(Systems), new CatalogueMethods(Systems)) { Device = Device.Cpu });

    private TrainedNetwork Trained(string run) =>
        new(new CatalogueModels(Systems).Get("trecs_small"), Path.Combine(root, run, "best.ckpt"), null, null) { Device = Device.Cpu };

    private NarrativeSession Session(string run) =>
        Trained(run).Target(Systems[0], Systems[0].Methods[0]).Open<NarrativeSession>(Verb.Generate);

    private static RunConfiguration Asked(int? steps = null)
    {
        var start = Systems[0].Methods[0].Start("trecs_small");
        var run = start.Run with { Epochs = 2, Steps = steps, Batch = 5, Threads = TorchRuntime.Threads };
        start = start.With(run);
        return start with { Settings = start.Of<TrecsSettings>() with { Made = 11 } };
    }

    private void Folder()
    {
        foreach (string part in (string[])["maps", "pictures"]) Directory.CreateDirectory(Path.Combine(Data, part));
        var map = new Image(32, 32, 1);
        for (int y = 4; y < 10; y++)
        {
            for (int x = 4; x < 10; x++) map.Row(y)[x] = map.Row(y + 15)[x + 15] = 1;
        }

        map.Save(Path.Combine(Data, "maps", "p.png"));
        new Image(32, 32).Save(Path.Combine(Data, "pictures", "p.png"));
        File.WriteAllText(Path.Combine(Data, "labels.txt"), "sky stuff\nball\n");
        const string words = """[{"utterance": "a ball", "start_time": 0, "end_time": 1}]""";
        File.WriteAllText(Path.Combine(Data, "narratives.jsonl"), Line(words, """{"x": 0.2, "y": 0.2, "t": 0.5}""") + "\n");
    }
}
