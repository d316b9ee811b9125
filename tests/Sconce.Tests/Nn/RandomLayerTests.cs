using Sconce.Nn;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

/// <summary>What is random is held to its distribution: bounds of six standard errors and more.</summary>
public sealed class RandomLayerTests
{
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Dropout_zeroes_its_share_and_keeps_the_mean(double rate)
    {
        using var scope = new TensorScope();
        using var dropout = new Dropout(rate);
        double[] x = dropout.Call(Tensor.Ones([200_000])).ToArray<double>();
        Assert.Equal(rate, x.Count(value => value == 0) / 200_000.0, 0.01);
        Assert.All(x.Distinct(), value => Assert.True(value == 0 || Math.Abs(value - (1 / (1 - rate))) < 1e-5));
        dropout.Eval();
        Assert.All(dropout.Call(Tensor.Ones([100])).ToArray<double>(), value => Assert.Equal(1, value));
    }

    [Fact]
    public void Dropout2d_takes_whole_channels()
    {
        using var scope = new TensorScope();
        using var dropout = new Dropout2d(0.4);
        var sums = dropout.Call(Tensor.Ones([100, 50, 2, 3])).Sum([2, 3]).ToArray<double>();
        Assert.All(sums, sum => Assert.True(sum == 0 || Math.Abs(sum - (6 / 0.6)) < 1e-4));
        Assert.Equal(0.4, sums.Count(sum => sum == 0) / 5000.0, 0.05);
    }

    [Theory]
    [InlineData(true, 1 / 0.7)]
    [InlineData(false, 1.0)]
    public void DropPath_takes_whole_items(bool scaled, double survivor)
    {
        using var scope = new TensorScope();
        using var drop = new DropPath(0.3, scaled);
        var items = drop.Call(Tensor.Ones([20_000, 2, 2])).Flatten(1);
        Assert.Equal(items[.., 0].ToArray<float>(), items[.., 3].ToArray<float>());
        double[] values = items[.., 0].ToArray<double>();
        Assert.All(values.Distinct(), value => Assert.True(value == 0 || Math.Abs(value - survivor) < 1e-5));
        Assert.Equal(0.3, values.Count(value => value == 0) / 20_000.0, 0.03);
        drop.Eval();
        var input = Tensor.Ones([2, 2]);
        Assert.Same(input, drop.Call(input));
    }

    [Fact]
    public void Attention_drops_weights_only_while_training()
    {
        using var scope = new TensorScope();
        using var attention = new MultiheadAttention(8, 2, dropout: 0.5);
        var x = Tensor.Randn([2, 6, 8]);
        Assert.NotEqual(attention.Call(x).ToArray<float>(), attention.Call(x).ToArray<float>());
        attention.Eval();
        Assert.Equal(attention.Call(x).ToArray<float>(), attention.Call(x).ToArray<float>());
    }

    [Theory]
    [InlineData("kaiming-uniform", 0.14433757, 0.25)]
    [InlineData("kaiming-normal", 0.14433757, 0)]
    [InlineData("kaiming-out", 0.11785113, 0)]
    [InlineData("xavier-uniform", 0.11180340, 0.19364917)]
    [InlineData("xavier-normal", 0.11180340, 0)]
    [InlineData("lecun", 0.10206207, 0)]
    [InlineData("linear-default", 0.05892557, 0.10206207)]
    [InlineData("normal", 0.5, 0)]
    [InlineData("uniform", 0.28867513, 0.5)]
    [InlineData("truncated", 0.8796256, 2)]
    public void Initial_numbers_have_their_spread_and_bounds(string kind, double std, double bound)
    {
        // (144 outputs, 96 inputs): the spreads are sqrt(2/96), sqrt(2/144), sqrt(2/240), sqrt(1/96) ..., figured by hand.
        using var scope = new TensorScope();
        var tensor = Tensor.Empty([144, 96], DType.Float32);
        _ = kind switch
        {
            "kaiming-uniform" => Init.KaimingUniform(tensor),
            "kaiming-normal" => Init.KaimingNormal(tensor),
            "kaiming-out" => Init.KaimingNormal(tensor, mode: FanMode.Out),
            "xavier-uniform" => Init.XavierUniform(tensor, Math.Sqrt(1.5)),
            "xavier-normal" => Init.XavierNormal(tensor, Math.Sqrt(1.5)),
            "lecun" => Init.LecunNormal(tensor),
            "linear-default" => Init.KaimingUniform(tensor, Math.Sqrt(5)),
            "normal" => Init.Normal(tensor, 0.5, 3),
            "uniform" => Init.Uniform(tensor, -0.5, 0.5),
            _ => Init.TruncatedNormal(tensor),
        };
        double[] x = tensor.ToArray<double>();
        double mean = x.Average(), center = kind == "normal" ? 3 : 0;
        Assert.Equal(center, mean, 6 * std / Math.Sqrt(x.Length));
        Assert.Equal(std, Math.Sqrt(x.Average(value => (value - mean) * (value - mean))), 0.05 * std);
        if (bound == 0) return;
        Assert.True(x.Max(value => Math.Abs(value)) <= bound + 1e-6);
        Assert.True(x.Max(value => Math.Abs(value)) > 0.97 * bound);
    }

    [Theory]
    [InlineData(4, 9)]
    [InlineData(9, 4)]
    public void Orthogonal_rows_or_columns_are_orthonormal(long rows, long columns)
    {
        using var scope = new TensorScope();
        var q = Init.Orthogonal(Tensor.Empty([rows, columns], DType.Float32), 2);
        var gram = rows < columns ? q.Matmul(q.T()) : q.T().Matmul(q);
        Assert.Equal(0, (gram - (Tensor.Eye(4) * 4)).Abs().Max().Item<double>(), 1e-5);
    }

    [Fact]
    public void Skipped_initialisation_leaves_weights_alone_until_it_ends()
    {
        using var scope = new TensorScope();
        var tensor = Tensor.Full([3], 7, DType.Float32);
        using (Init.Skipped()) Init.Constant(tensor, 1);
        Assert.Equal([7f, 7f, 7f], tensor.ToArray<float>());
        Init.Constant(tensor, 1);
        Assert.Equal([1f, 1f, 1f], tensor.ToArray<float>());
    }

    [Fact]
    public void The_padding_row_of_an_embedding_is_zero_and_gets_no_gradient()
    {
        using var scope = new TensorScope();
        using var table = new Embedding(5, 3, padding: 2);
        Assert.Equal([0f, 0f, 0f], table.Weight[2].ToArray<float>());
        var rows = table.Call(Tensor.From([1L, 2L, 1L]));
        Assert.Equal([3, 3], rows.Shape);
        rows.Sum().Backward();
        Assert.Equal([0f, 0f, 0f, 2f, 2f, 2f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f], table.Weight.Grad!.ToArray<float>());
    }
}
