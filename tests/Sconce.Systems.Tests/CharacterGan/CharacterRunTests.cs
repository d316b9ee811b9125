using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Systems.Generation.CharacterGan;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.CharacterGan;

/// <summary>A puppet that is learned and moves, as <c>sconce train</c> and <c>sconce animate</c> have it.</summary>
[Collection(LiveTensors.Name)]
public sealed class CharacterRunTests : IDisposable
{
    private const string Network = "charactergan_small_mask";
    private static readonly CatalogueSystem[] Systems = [new CharacterGanSystem()];
    private readonly string root = Directory.CreateTempSubdirectory("sconce-character-").FullName;

    public CharacterRunTests()
    {
        Directory.CreateDirectory(Data);
        Puppet.Write(Data, 4, new Random(1));
    }

    private string Data => Path.Combine(root, "puppet");

    private string Walk => Path.Combine(Data, "keypoints.csv");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_run_goes_on_bit_for_bit_is_judged_and_animates()
    {
        var result = ResumedRuns.GoOnAlike(root, () => Open(Asked()), after: 3);
        var trained = Trained("whole");
        var report = Systems[0].Methods[0].Evaluate(trained, null, 1, null, default);
        Assert.Equal(result.Best!.Figures["error"], report.Figures["error"], 1e-5);
        Assert.Equal(1, report.Count);

        using var session = Session(trained);
        var clip = (MadeClip)session.Ask(Nothing.Instance, new() { Keypoints = Walk, Between = 2, Mask = true }).Made;
        var frames = clip.Frames.ToList();
        Assert.Equal((10, true, 4, 32, 32), (frames.Count, clip.IsClear, frames[0].Channels, frames[0].Width, frames[0].Height));
        var large = (MadePictures)session.Ask(Nothing.Instance, new() { Keypoints = Walk, Frames = true, FrameSize = 48 }).Made;
        Assert.Equal([48, 48, 48, 48], large.Items.Select(picture => picture.Width));
        string file = Path.Combine(root, "walk.webp");
        Assert.Equal([file], AnswerFiles.Write(clip with { Frames = frames }, null, file, TestContext.Current.CancellationToken));
        Assert.Equal("WEBP"u8.ToArray(), File.ReadAllBytes(file)[8..12]);
    }

    [Theory]
    [InlineData("far-hnd,3,3,a\n", "no keypoint 'far-hnd'")]
    [InlineData("far-hand,3,3,a\n", "a lacks far-foot")]
    [InlineData("far-hand,3,x,a\n", "'x' is no coordinate")]
    [InlineData("far-hand,3,3\n", "3 fields")]
    [InlineData("far-hand,3,3,a\nfar-hand,4,3,a\n", "stands twice in a")]
    [InlineData("outside", "outside the character's pictures")]
    public void Poses_that_cannot_be_drawn_are_told(string table, string said)
    {
        ResumedRuns.Train(Path.Combine(root, "run"), () => Open(Asked(steps: 1)));
        string path = Path.Combine(root, "bad.csv");
        if (table == "outside") table = string.Concat(Puppet.Labels.Select(label => $"{label},40,3,a\n"));
        File.WriteAllText(path, table);
        using var session = Session(Trained("run"));
        var fault = Assert.Throws<DataException>(() => session.Ask(Nothing.Instance, new() { Keypoints = path }));
        Assert.Contains(said, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("size", "must divide by 4")]
    [InlineData("judge", "nothing to learn by")]
    [InlineData("layers", "a label and its layer, 0 to 2")]
    [InlineData("skeleton", "no keypoint 'tail'")]
    [InlineData("missing", "is not in its folder")]
    [InlineData("network", "charactergan")]
    public void What_cannot_be_learned_from_is_told(string fault, string said)
    {
        var asked = Asked();
        var own = asked.Of<CharacterSettings>();
        switch (fault)
        {
            case "size": asked = asked.WithImageSize(30); break;
            case "judge": asked = asked with { Settings = own with { Judge = 0, Pixels = 0 } }; break;
            case "layers": File.WriteAllText(Path.Combine(Data, "keypoints_layers.csv"), "neck,3\n"); break;
            case "skeleton": File.WriteAllText(Path.Combine(Data, "keypoints_skeleton.csv"), "neck,tail\n"); break;
            case "missing": File.Delete(Path.Combine(Data, "pose-02.png")); break;
            default: asked = asked with { Network = "charactergun" }; break;
        }

        Assert.Contains(said, Assert.ThrowsAny<Exception>(() => Open(asked)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_picture_of_another_form_is_padded_with_its_background_and_keeps_its_transparency()
    {
        var picture = new Image(20, 10, 4);
        for (int y = 0; y < 10; y++)
        {
            for (int x = 5; x < 15; x++) (picture.Row(y)[4 * x], picture.Row(y)[(4 * x) + 3]) = (200, 255);
        }

        picture.Save(Path.Combine(Data, "pose-01.png"));
        string[] lines = [.. Puppet.Labels.Select(label => $"{label},10,5,pose-01.png")];
        File.WriteAllLines(Walk, lines);
        var folder = CharacterFolder.Open(Data, 32, new CharacterDrawer(3, 4, HasMask: true));
        var pose = folder.Poses.Single();
        Assert.Equal((32, 32), (pose.Picture.Width, pose.Picture.Height));
        Assert.Equal((32, 16), folder.Rig.Filled);
        Assert.Equal(new Keypoint(16, 8), pose.Points[0]);
        Assert.Equal((0f, 1f, 0f), (pose.Mask![8 * 32], pose.Mask[(8 * 32) + 16], pose.Mask[(20 * 32) + 16]));
        Assert.Single(folder.Remarks);
    }

    [Fact]
    public void Picture_and_maps_are_bent_alike()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(3);
        var both = Tensor.Rand([1, 24, 24]).Repeat([2, 1, 1]);
        var bent = new CharacterAugmentation(0.1, mirror: true).Apply(both);
        Assert.Equal(bent[0].ToArray<float>(), bent[1].ToArray<float>());
        Assert.NotEqual(both[0].ToArray<float>(), bent[0].ToArray<float>());
    }

    [Fact]
    public void The_claim_runs_quickly_and_decides_nothing()
    {
        var seed = new CharacterClaim().RunSeed(0, new(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal(3, seed.Rows.Count);
        Assert.All(seed.Rows, row => Assert.InRange(row.Values[0], 0.01, 2));
    }

    private static TrainingRun Open(RunConfiguration asked) => Systems[0].Methods[0].Open(
        new TrainingSetup(asked, new CatalogueModels(Systems), new CatalogueMethods(Systems)) { Device = Device.Cpu });

    private static CharacterAnimateSession Session(TrainedNetwork trained) =>
        trained.Target(Systems[0], Systems[0].Methods[0]).Open<CharacterAnimateSession>(Verb.Animate);

    private TrainedNetwork Trained(string run)
    {
        using var opened = Open(Asked());
        var variant = new CatalogueModels(Systems).Get(Network);
        return new TrainedNetwork(variant, Path.Combine(root, run, "best.ckpt"), 32, null)
        {
            Configuration = opened.Configuration,
            Run = Path.Combine(root, run),
            Device = Device.Cpu,
        };
    }

    private RunConfiguration Asked(int? steps = null)
    {
        var start = Systems[0].Methods[0].Start(Network);
        var run = start.Run with { Data = Data, Epochs = 2, Steps = steps, Batch = 2, Validation = 0.25, Threads = TorchRuntime.Threads };
        start = start.With(run);
        return start with { Settings = start.Of<CharacterSettings>() with { Passes = 1 } };
    }
}
