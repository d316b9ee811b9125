using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Nn.Transformers;
using Sconce.Torch;
using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>Weights that were made for pictures of another size.</summary>
public sealed class ResampledPositionsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("model.")]
    public void Positions_are_resampled_to_the_network_s_grid(string prefix)
    {
        using var small = new VisionTransformer(Config(32));
        using var large = new VisionTransformer(Config(48));
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        Init.Normal(small.PosEmbed!, 1);
        CheckpointWriter.SaveSafetensors(folder.File("a.safetensors"),
            small.StateDict().Select(entry => ModelWeights.Describe(prefix + entry.Name, entry.Tensor)));
        ModelWeights.Load(large, folder.File("a.safetensors"));
        var expected = PositionEmbedding.Resize(small.PosEmbed!, large.Grid, PositionResize.BicubicAntialias);
        Assert.Equal(expected.ToArray<float>(), large.PosEmbed!.ToArray<float>());
        Assert.Equal(small.Head!.Weight.ToArray<float>(), large.Head!.Weight.ToArray<float>());
        using var checkpoint = Checkpoint.Open(folder.File("a.safetensors"));
        Assert.True(ModelWeights.Compare(large, checkpoint).IsExact);
    }

    [Fact]
    public void A_table_of_another_width_or_of_no_square_is_refused_and_nothing_is_changed()
    {
        using var small = new VisionTransformer(Config(32));
        using var large = new VisionTransformer(Config(48));
        using var scope = new TensorScope();
        var before = large.Head!.Weight.ToArray<float>();
        foreach (var shape in (long[][])[[1, 17, 8], [1, 12, 16], [17, 16]])
        {
            var data = small.StateDict().Select(entry => entry.Name == "pos_embed"
                ? TensorData.Of(entry.Name, DType.Float32, shape, new float[shape.Aggregate(1L, (a, b) => a * b)])
                : ModelWeights.Describe(entry.Name, entry.Tensor));
            CheckpointWriter.SaveSafetensors(folder.File("a.safetensors"), data);
            Assert.Contains("'pos_embed'", Assert.Throws<CheckpointException>(() => ModelWeights.Load(large,
                folder.File("a.safetensors"))).Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, large.Head!.Weight.ToArray<float>());
    }

    private static VitConfig Config(int size) => new(16, 1, 2) { ImageSize = size, PatchSize = 8, Classes = 3 };
}
