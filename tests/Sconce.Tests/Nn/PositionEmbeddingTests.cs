using Sconce.Nn.Transformers;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

/// <summary>What all four ways to resample positions have in common, and what tells them apart. Their figures are parity cases.</summary>
public class PositionEmbeddingTests
{
    public static TheoryData<PositionResize> Ways => [.. Enum.GetValues<PositionResize>()];

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_prefix_stays_the_same_grid_is_the_same_and_a_flat_table_stays_flat(PositionResize resize)
    {
        using var scope = new TensorScope();
        var table = Tensor.Randn([1, 2 + 12, 8]);
        var resized = PositionEmbedding.Resize(table, (5, 7), resize, 2, (3, 4));
        Assert.Equal([1, 37, 8], resized.Shape.ToArray());
        Assert.True(resized[.., ..2].EqualTo(table[.., ..2]));
        Assert.True(PositionEmbedding.Resize(table, (3, 4), resize, 2, (3, 4)).Allclose(table, atol: 1e-5));
        Assert.True(PositionEmbedding.Resize(Tensor.Ones([1, 9, 4]), 5, resize, 0).Allclose(Tensor.Ones([1, 25, 4]), atol: 1e-5));
    }

    [Fact]
    public void Only_the_official_way_maps_corners_onto_corners()
    {
        using var scope = new TensorScope();
        var table = Tensor.Arange(9, dtype: DType.Float32).Reshape([1, 9, 1]);
        var corners = PositionEmbedding.Resize(table, 5, PositionResize.BilinearAlignCorners, 0)[0, .., 0].ToArray<float>();
        Assert.Equal([0f, 0.5f, 1f, 1.5f, 2f], corners[..5]);
        Assert.Equal(8f, corners[^1]);
        Assert.Equal([0f, 0.4f, 1f, 1.6f, 2f], PositionEmbedding.Resize(table, 5, PositionResize.Bilinear, 0)[0, ..5, 0].ToArray<float>()
            .Select(value => MathF.Round(value, 5)));
    }

    [Fact]
    public void A_table_that_is_no_grid_is_refused()
    {
        using var scope = new TensorScope();
        Assert.Contains("grid",
            Assert.Throws<ArgumentException>(() => PositionEmbedding.Resize(Tensor.Randn([1, 12, 4]), 4, PositionResize.Bicubic)).Message);
        Assert.Throws<ArgumentException>(() => PositionEmbedding.Resize(Tensor.Randn([1, 10, 4]), (0, 3), PositionResize.Bicubic));
        Assert.Throws<ArgumentException>(() => PositionEmbedding.Resize(Tensor.Randn([10, 4]), 3, PositionResize.Bicubic));
        Assert.Throws<ArgumentException>(() => PositionEmbedding.Resize(Tensor.Randn([1, 1, 4]), 3, PositionResize.Bicubic));
    }
}
