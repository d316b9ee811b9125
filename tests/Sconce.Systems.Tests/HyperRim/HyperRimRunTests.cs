using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Imaging;
using Sconce.Systems.Generation.HyperRim;
using Sconce.Torch;
using Sconce.Training;
using Xunit;

namespace Sconce.Systems.Tests.HyperRim;

/// <summary>Several answers that are learned from a folder, as <c>sconce train</c> and <c>sconce upscale</c> have it.</summary>
[Collection(LiveTensors.Name)]
public sealed class HyperRimRunTests : IDisposable
{
    private static readonly CatalogueSystem[] Systems = [new HyperRimSystem()];
    private readonly string root = Directory.CreateTempSubdirectory("sconce-hyperrim-").FullName;

    public HyperRimRunTests()
    {
        Directory.CreateDirectory(Data);
        for (int k = 0; k < 4; k++)
        {
            var picture = new Image(20 + k, 24);
            picture.Fill(new PixelBox(2 * k, 3, 12 + k, 15), new Rgb((byte)(60 * k), 200, 40));
            picture.Save(Path.Combine(Data, $"{k}.png"));
        }
    }

    private string Data => Path.Combine(root, "photos");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A_run_goes_on_bit_for_bit_within_a_month_keeps_its_codes_and_answers()
    {
        var result = ResumedRuns.GoOnAlike(root, () => Open(Asked("hyperrim_small")), after: 3);
        Assert.Equal(["best", "spread"], result.Best!.Figures.Keys.Order());
        var trained = Trained("hyperrim_small", "whole");
        var report = Systems[0].Methods[0].Evaluate(trained, null, 1, null, default);
        Assert.Equal(result.Best.Figures["best"], report.Figures["best"], 1e-5);
        using var session = trained.Target(Systems[0], Systems[0].Methods[0]).Open<HyperRimUpscaleSession>(Verb.Upscale);
        var made = session.Ask(new Image(5, 3), new() { Count = 3 });
        Assert.Equal([(20, 12), (20, 12), (20, 12)], made.Items.Select(picture => (picture.Width, picture.Height)));
        var fault = Assert.Throws<SettingsException>(() => session.Ask(new Image(5, 3), new() { Decompress = true }));
        Assert.Equal("decompress", fault.Setting);
    }

    [Fact]
    public void A_network_that_undoes_compression_keeps_the_size()
    {
        var asked = Asked("hyperrim_small_decompression");
        ResumedRuns.Train(Path.Combine(root, "run"), () => Open(asked.With(asked.Run with { Steps = 1 })));
        using var session = Trained("hyperrim_small_decompression", "run").Target(Systems[0], Systems[0].Methods[0])
            .Open<HyperRimUpscaleSession>(Verb.Upscale);
        var made = session.Ask(new Image(30, 20), new() { Decompress = true }).Items.Single();
        Assert.Equal((30, 20), (made.Width, made.Height));
    }

    [Fact]
    public void The_same_codes_win_whether_tried_together_or_in_parts()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(2);
        using var network = new HyperRimNetwork(HyperRimSystem.Small);
        using var features = new PixelFeatures();
        var input = Tensor.Rand([1, 3, 4, 4]);
        Tensor[] targets = [Tensor.Rand([1, 3, 8, 8]), Tensor.Rand([1, 3, 16, 16])];
        var pools = network.Codes(7, 4, 4);
        IReadOnlyList<Tensor>[] projections =
            [.. targets.Select(target => features.Call(target).Rows.Select(row => ImleSelection.Projection(row.Size(1), 20)).ToList())];
        var whole = ImleSelection.Select(network, features, input, targets, pools, projections);
        var parts = ImleSelection.Select(network, features, input, targets, pools, projections, together: 2);
        Assert.Equal(whole.Select(winner => winner.Index), parts.Select(winner => winner.Index));
        Assert.True(whole[1].Distances.Allclose(parts[1].Distances, rtol: 1e-4));
    }

    [Fact]
    public void Every_size_of_a_pair_is_turned_alike()
    {
        using var scope = new TensorScope();
        var images = FolderPictures.Open(Data).Images;
        using var pairs = new RimPairs(images, 16, HyperRimSystem.Small, 10, null);
        var (plain, turned) = (pairs[1, 0], pairs[1, 5]);
        Assert.Equal([4, 8, 16], turned.Targets.Prepend(turned.Input).Select(map => map.Size(3)));
        foreach (var (before, after) in plain.Targets.Zip(turned.Targets))
            Assert.True(before.Flip([3]).Rot90(1, [2, 3]).Allclose(after, atol: 1e-5));
    }

    [Theory]
    [InlineData("size", "must be a multiple of 4")]
    [InlineData("lpips", "VGG-16, whose weights are not named")]
    [InlineData("one", "one picture alone")]
    [InlineData("empty", "there are no pictures")]
    public void What_cannot_be_learned_from_is_told(string fault, string said)
    {
        var asked = Asked("hyperrim_small");
        var own = asked.Of<HyperRimSettings>();
        switch (fault)
        {
            case "size": asked = asked.WithImageSize(18); break;
            case "lpips": asked = asked with { Settings = own with { Lpips = "lin.pth" } }; break;
            default:
                foreach (string file in Directory.GetFiles(Data).Skip(fault == "one" ? 1 : 0)) File.Delete(file);
                break;
        }

        Assert.Contains(said, Assert.ThrowsAny<Exception>(() => Open(asked)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_claim_runs_quickly()
    {
        var seed = new HyperRimClaim().RunSeed(0, new(Quick: true), null, TestContext.Current.CancellationToken);
        Assert.Equal(4, seed.Rows.Count);
        Assert.All(seed.Rows, row => Assert.True(double.IsFinite(row.Values[0])));
    }

    private static TrainingRun Open(RunConfiguration asked) => Systems[0].Methods[0].Open(
        new TrainingSetup(asked, new CatalogueModels(Systems), new CatalogueMethods(Systems)) { Device = Device.Cpu });

    private TrainedNetwork Trained(string network, string run)
    {
        using var opened = Open(Asked(network));
        return new TrainedNetwork(new CatalogueModels(Systems).Get(network), Path.Combine(root, run, "best.ckpt"), 16, null)
        {
            Configuration = opened.Configuration,
            Run = Path.Combine(root, run),
            Device = Device.Cpu,
        };
    }

    private RunConfiguration Asked(string network)
    {
        var start = Systems[0].Methods[0].Start(network);
        var run = start.Run with { Data = Data, Epochs = 2, Batch = 2, Validation = 0.25, SaveEvery = 2, Threads = TorchRuntime.Threads };
        start = start.With(run);
        return (start with { Settings = start.Of<HyperRimSettings>() with { Codes = 3, Month = 2, Passes = 2 } }).WithImageSize(16);
    }
}
