using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Systems.Generation.Cips;
using Sconce.Systems.Tests.Generation;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.Cips;

/// <summary>Single pixels that are learned from patches, and painted at any size.</summary>
[Collection(LiveTensors.Name)]
public sealed class CipsMethodTests : IDisposable
{
    private readonly TrialRuns runs = new(new CipsMethod(), new MiniPixels());

    public void Dispose() => runs.Dispose();

    [Theory]
    [InlineData(null, 3)]
    [InlineData(8, 8)]
    public void A_run_on_pictures_or_patches_goes_on_bit_for_bit(int? patch, int after)
    {
        var asked = With(patch);
        runs.AssertResumes(asked, after);
        var own = runs.Settled(asked).Of<CipsSettings>();
        Assert.Equal((0.0, 0.0, 10.0, 16), (own.Game.PathLength, own.Game.StyleMixing, own.Game.R1, own.Pictures.ImageSize));
    }

    [Fact]
    public void A_run_paints_any_size_and_a_region_is_the_whole_pictures_own()
    {
        runs.Train(With(8), "run");
        var target = runs.Trained(With(8), "run").Target(new MiniPixels(), new CipsMethod());
        using var session = target.Open<CipsGenerateSession>(Verb.Generate, new AbilityOptions { Size = 150, Device = Device.Cpu });
        var painting = new StyleGenerateSettings { Drawing = new GenerateSettings { Count = 2, Seed = 4 }, Truncation = 0.8 };
        var whole = session.Ask(Nothing.Instance, new CipsGenerateSettings { Painting = painting }).Pictures.Items.ToList();
        Assert.Equal((150, 150), (whole[1].Width, whole[1].Height));
        var region = new CipsGenerateSettings { Painting = painting, Region = "60,10,80,70" };
        var part = session.Ask(Nothing.Instance, region).Pictures.Items.ToList();
        Assert.Equal((80, 70), (part[1].Width, part[1].Height));
        for (int row = 0; row < 70; row++)
        {
            Assert.True(whole[1].Row(10 + row).Slice(60 * 3, 80 * 3).SequenceEqual(part[1].Row(row)), $"row {row} of the region");
        }
    }

    [Theory]
    [InlineData("1,2,3", "left column, upper row, width and height")]
    [InlineData("0,0,0,5", "left column, upper row, width and height")]
    [InlineData("10,0,10,5", "reaches beyond the picture of 16 by 16")]
    public void A_region_that_is_none_is_one_line(string region, string expected)
    {
        using var session = Untrained(new CipsSkip(MiniPixels.Sizes(16)));
        var fault = Assert.Throws<SettingsException>(() => session.Ask(Nothing.Instance, new CipsGenerateSettings { Region = region }));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_discriminators_file_and_sizes_that_do_not_divide_are_refused()
    {
        var fault = Assert.Throws<CheckpointException>(() => Untrained(MiniPixels.Judge(16)));
        Assert.Contains("its discriminator's, maybe", fault.Message, StringComparison.Ordinal);
        Assert.Contains("patch is 12", Assert.Throws<SettingsException>(() => runs.Open(With(12))).Message, StringComparison.Ordinal);
        Assert.Contains("patch is 32", Assert.Throws<SettingsException>(() => runs.Open(With(32))).Message, StringComparison.Ordinal);
        var official = new CipsSystem().Variants[0];
        var side = Assert.Throws<SettingsException>(() => official.Create(new ModelOptions(ImageSize: 100)));
        Assert.Contains("a power of two", side.Message, StringComparison.Ordinal);
    }

    private RunConfiguration With(int? patch)
    {
        var asked = runs.Asked("mini_cips", game => game with { R1Every = 2 }).WithImageSize(16);
        return asked with { Settings = asked.Of<CipsSettings>() with { Patches = new() { Patch = patch } } };
    }

    private CipsGenerateSession Untrained(Module network)
    {
        string path = Path.Combine(runs.Root, "g.pth");
        using (network) ModelWeights.Save(network, path);
        var target = new AbilityTarget("mini_cips", new MiniPixels(), new MiniPixels().Variants[0]);
        return target.Open<CipsGenerateSession>(Verb.Generate, new AbilityOptions { Weights = path, Device = Device.Cpu });
    }

    private sealed class MiniPixels : CatalogueSystem
    {
        public override SystemCard Card { get; } =
            new("mini_pixels", "Mini", "2020-W48", SystemTask.Generation, new Paper("Mini", "Nobody", 2020), "Small pixels.");

        public override IReadOnlyList<ModelVariant> Variants { get; } =
        [
            new("mini_cips", "any pictures", options => new CipsSkip(Sizes(options.ImageSize ?? 16)))
            {
                Capabilities =
                [
                    new TensorInput(5),
                    new ImageGenerator(5) { HasStyles = true },
                    new PixelGenerator(side => new CipsSkip(Sizes(side)), Judge),
                ],
            },
        ];

        public override IReadOnlyList<Ability> Abilities { get; } = [new CipsGenerate()];

        public override IReadOnlyList<TrainingMethod> Methods { get; } = [new CipsMethod()];

        public static CipsConfig Sizes(int side) =>
            new(side) { Hidden = 6, StyleWidth = 5, MappingLayers = 2, Channels = [.. Enumerable.Repeat(8, 9)] };

        public static Module<Tensor, Tensor> Judge(int side) => new StyleGan2Discriminator(new StyleGanConfig(side)
        {
            Channels = new Dictionary<int, int> { [4] = 8, [8] = 8, [16] = 8, [32] = 8 },
            DeviationGroup = 2,
        });
    }
}
