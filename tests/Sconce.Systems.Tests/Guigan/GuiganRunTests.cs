using System.Text.Json;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Generation.Guigan;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.Guigan;

/// <summary>Screens that are learned and composed, as <c>sconce train</c> and <c>sconce generate</c> have it.</summary>
[Collection(LiveTensors.Name)]
public sealed class GuiganRunTests : IDisposable
{
    private static readonly CatalogueSystem[] Systems = [new GuiganSystem()];
    private readonly string root = Directory.CreateTempSubdirectory("sconce-guigan-").FullName;

    private string Data => Path.Combine(root, "rico");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Theory]
    [InlineData(ScreenReward.Shaped)]
    [InlineData(ScreenReward.Official)]
    public void A_run_goes_on_bit_for_bit_through_all_its_phases_and_generates(ScreenReward reward)
    {
        var result = ResumedRuns.GoOnAlike(root, () => Open(Asked(reward)), after: 4);
        Assert.Equal(["distinct", "score", "structure", "style"], result.Best!.Figures.Keys.Order());
        var trained = Trained("whole");
        var report = Systems[0].Methods[0].Evaluate(trained with { Configuration = Asked(reward) }, null, 1, null, default);
        Assert.Equal(result.Best.Figures, report.Figures);
        Assert.Throws<SettingsException>(() =>
            Systems[0].Methods[0].Evaluate(trained with { Configuration = Asked(reward) }, root, 1, null, default));
        using var session = trained.Target(Systems[0], Systems[0].Methods[0]).Open<GenerateScreensSession>(Verb.Generate);
        var four = session.Ask(Nothing.Instance, new() { Count = 4, Seed = 3 });
        var two = session.Ask(Nothing.Instance, new() { Count = 2, Seed = 3 });
        Assert.All(four.Pictures.Items, picture => Assert.Equal((360, 640), (picture.Width, picture.Height)));
        Assert.Equal(four.Pictures.Items.First().Bytes.ToArray(), two.Pictures.Items.First().Bytes.ToArray());
        using var trees = JsonDocument.Parse(four.Trees.Bytes);
        Assert.Equal(4, trees.RootElement.GetArrayLength());
        Assert.Equal("Screen", trees.RootElement[0].GetProperty("class").GetString());
        int Times(string words) => four.Layout.Html.Split(words).Length - 1;
        int nodes = trees.RootElement.EnumerateArray().Sum(screen => Nodes(screen) - 1);
        Assert.Equal((4, nodes), (Times("class=\"screen\""), Times("class=\"node\"")));
        Assert.Equal(Times("<div"), Times("</div>"));
        string file = Path.Combine(root, "trees.json");
        Assert.Equal([file], AnswerFiles.Write(four.Trees, null, file, TestContext.Current.CancellationToken));
    }

    private static int Nodes(JsonElement node) => 1 + node.GetProperty("children").EnumerateArray().Sum(Nodes);

    [Fact]
    public void Ricos_screens_are_cut_into_subtrees_with_gaps_between()
    {
        Directory.CreateDirectory(Data);
        Screen("1", [(0, 168), (200, 600), (600, 1000)]);
        Screen("2", [(0, 168), (168, 568)]);
        var (builder, remarks) = ScreenFolder.Read(Data, TestContext.Current.CancellationToken);
        var library = builder.Build(30);
        Assert.Empty(remarks);
        Assert.Equal(["com.news"], library.Apps);
        Assert.Equal(2, library.Parts.Count); // equal ones are one token
        int first = ScreenLibrary.FirstPart;
        Assert.Equal([first, ScreenVocabulary.StripOf(32), first + 1, first + 1], library.Screens[0]);
        Assert.True(library.Parts[0].Begins);
        Assert.Equal((350, 100), (builder.Pictures[1].Width, builder.Pictures[1].Height));
    }

    [Theory]
    [InlineData("picture", "there is no picture of the same name")]
    [InlineData("json", "cannot be read")]
    [InlineData("bounds", "its root has no bounds")]
    [InlineData("empty", "two are needed at least")]
    [InlineData("length", "takes 5 at least")]
    public void What_cannot_be_learned_from_is_told(string fault, string said)
    {
        Directory.CreateDirectory(Data);
        if (fault != "empty")
        {
            Screen("1", [(0, 168), (200, 600)]);
            Screen("2", [(0, 168), (200, 600)]);
        }

        string path = Path.Combine(Data, "1.json");
        if (fault == "picture") File.Delete(Path.ChangeExtension(path, ".png"));
        if (fault == "json") File.WriteAllText(path, "{ \"activity\": ");
        if (fault == "bounds") File.WriteAllText(path, "{ \"class\": \"a\" }");
        var asked = Asked(ScreenReward.Shaped);
        asked = asked.With(asked.Run with { Data = Data });
        if (fault == "length") asked = asked with { Settings = asked.Of<GuiganSettings>() with { Length = 3 } };
        Assert.Contains(said, Assert.ThrowsAny<Exception>(() => Open(asked)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_without_their_subtrees_are_refused()
    {
        ResumedRuns.Train(Path.Combine(root, "run"), () => Open(Asked(ScreenReward.Shaped)));
        File.Delete(Path.Combine(root, "run", "screens.json"));
        var fault = Assert.Throws<DataException>(
            () => Trained("run").Target(Systems[0], Systems[0].Methods[0]).Open<GenerateScreensSession>(Verb.Generate));
        Assert.Contains("a run keeps them beside its weights", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_legal_screen_has_the_best_scores_and_a_mixed_one_not()
    {
        var builder = MadeScreens.Draw(60, new Random(2));
        var library = builder.Build(8);
        var scores = new ScreenScores(library, builder.Pictures);
        int[] legal = library.Screens[0];
        Assert.Equal((1.0, 1.0), (scores.Style(legal), scores.Structure(legal)));
        Assert.Equal((0.0, 0.0), (scores.OfficialStyle(legal), scores.OfficialStructure(legal)));
        int other = library.Screens.First(screen => library.PartOf(screen[0])!.App != library.PartOf(legal[0])!.App)[1];
        int[] mixed = [legal[0], other, other];
        Assert.Equal(2 / 3.0, scores.Style(mixed), 1e-9);
        Assert.True(scores.Structure(mixed) < 1 && scores.OfficialStructure(mixed) > 0);
    }

    [Fact]
    public void The_claim_runs_quickly()
    {
        var seed = new GuiganClaim().RunSeed(0, new(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal(9, seed.Rows.Count);
        Assert.All(seed.Rows, row => Assert.InRange(row.Values[0], 0, 1));
    }

    private static TrainingRun Open(RunConfiguration asked) => Systems[0].Methods[0].Open(
        new TrainingSetup(asked, new CatalogueModels(Systems), new CatalogueMethods(Systems)) { Device = Device.Cpu });

    private TrainedNetwork Trained(string run) =>
        new(new CatalogueModels(Systems).Get("guigan_small"), Path.Combine(root, run, "best.ckpt"), null, null)
        {
            Run = Path.Combine(root, run),
            Device = Device.Cpu,
        };

    private static RunConfiguration Asked(ScreenReward reward)
    {
        var start = Systems[0].Methods[0].Start("guigan_small");
        start = start.With(start.Run with { Epochs = 3, Batch = 8, Threads = TorchRuntime.Threads });
        return start with
        {
            Settings = start.Of<GuiganSettings>() with { Made = 16, Beginning = 2, JudgeFirst = 1, Rollouts = 1, Reward = reward },
        };
    }

    /// <summary>A root, a layout as wide as the screen, and in it narrower views from one row to another.</summary>
    private void Screen(string name, (int Top, int Bottom)[] views)
    {
        string children = string.Join(
            ", ", views.Select(view => $$"""{ "class": "android.widget.Card", "bounds": [20, {{view.Top}}, 1420, {{view.Bottom}}] }"""));
        string layout = $$"""{ "class": "Layout", "bounds": [0, 0, 1440, 2560], "children": [null, {{children}}] }""";
        File.WriteAllText(
            Path.Combine(Data, name + ".json"), $$"""{ "activity_name": "com.news/.Main", "activity": { "root": {{layout}} } }""");
        new Image(360, 640).Save(Path.Combine(Data, name + ".png"));
    }
}
