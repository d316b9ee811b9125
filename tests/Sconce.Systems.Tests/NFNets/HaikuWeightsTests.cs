using Sconce.Systems.Classification.NFNets;
using Sconce.Weights;
using Xunit;

namespace Sconce.Systems.Tests.NFNets;

/// <summary>DeepMind's own files, on a small one made by Files/make.py: every array holds its flat indices.</summary>
[Collection(LiveTensors.Name)]
public class HaikuWeightsTests
{
    private static readonly NFNetConfig Tiny = new([1, 2], [16, 32])
    {
        Stem = NFNetStem.DeepQuad,
        StemChannels = 8,
        StemWidths = [2, 4, 4, 8],
        GroupSize = 8,
        SqueezeExciteRatio = 0.5,
        FinalChannels = 64,
        ExtraConvolution = true,
        GammaInActivation = true,
        Padding = MapPadding.Same,
        SkipInit = true,
        Activation = Nonlinearity.Gelu,
        Classes = 5,
    };

    private static string TinyFile => Path.Combine(AppContext.BaseDirectory, "NFNets", "Files", "tiny_haiku.npz");

    [Fact]
    public void Every_array_goes_to_its_place_with_its_axes_in_order()
    {
        using var network = new NFNet(Tiny.AsOfficial());
        HaikuWeights.Load(network, TinyFile);
        var state = network.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        foreach (var (name, tensor) in state)
        {
            if (name.EndsWith("skipinit_gain", StringComparison.Ordinal)) continue;
            float[] found = tensor.ToArray<float>();
            long[] shape = tensor.Shape.ToArray();
            for (int k = 0; k < found.Length; k++) Assert.Equal(Expected(shape, k), found[k]);
        }

        Assert.Equal(0.25f, state["stages.0.0.skipinit_gain"].Item<float>());
        Assert.Equal(1.25f, state["stages.1.0.skipinit_gain"].Item<float>());
        Assert.Equal(2.25f, state["stages.1.1.skipinit_gain"].Item<float>());
    }

    [Fact]
    public void A_file_of_another_network_is_refused_and_changes_nothing()
    {
        using var network = new NFNet(Tiny with { Depths = [1, 1], Classes = 6 });
        float[] before = network.Head.Classifier!.Weight.ToArray<float>();
        var error = Assert.Throws<CheckpointException>(() => HaikuWeights.Load(network, TinyFile));
        Assert.Contains("tiny_haiku.npz", error.Message);
        Assert.Contains("nf_block_2", error.Message);
        using var fewer = new NFNet(Tiny with { Classes = 6 });
        Assert.Contains("head.fc.weight: [5, 64] in the file, [6, 64] in the network",
            Assert.Throws<CheckpointException>(() => HaikuWeights.Load(fewer, TinyFile)).Message);
        Assert.Equal(before, network.Head.Classifier.Weight.ToArray<float>());
    }

    [Theory]
    [InlineData("NFNet/~/stem_conv3.w", "stem.conv4.weight")]
    [InlineData("NFNet/~/nf_block.skip_gain", "stages.0.0.skipinit_gain")]
    [InlineData("NFNet/~/nf_block_2/~/conv1b.gain", "stages.1.1.conv2b.gain")]
    [InlineData("NFNet/~/nf_block_3/~/conv_shortcut.bias", "stages.2.0.downsample.conv.bias")]
    [InlineData("NFNet/~/nf_block_11/~/squeeze_excite/~/linear_1.b", "stages.3.2.attn_last.fc2.bias")]
    [InlineData("NFNet/~/linear.w", "head.fc.weight")]
    [InlineData("ResNet/~/block.w", null)]
    public void Haiku_s_names_become_the_carrier_s(string haiku, string? name) =>
        Assert.Equal(name, HaikuWeights.Rename(haiku, NFNetConfig.F(0).Depths));

    /// <summary>The flat index that a number had in the file's layout: HWIO, (in, out), or one dimension.</summary>
    private static float Expected(long[] shape, int flat)
    {
        if (shape is [var outputs, 1, 1, 1] || shape.Length == 1) return flat; // gains and biases
        if (shape.Length == 2) return Linear(shape[0], shape[1]);
        long inputs = shape[1], kernel = shape[2];
        long x = flat % kernel, y = flat / kernel % kernel, i = flat / (kernel * kernel) % inputs, o = flat / (kernel * kernel * inputs);
        return (((((y * kernel) + x) * inputs) + i) * shape[0]) + o;

        float Linear(long rows, long columns) => (flat % columns * rows) + (flat / columns);
    }
}
