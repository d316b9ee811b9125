using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

/// <summary>Convolutions that have a kernel of their own, large ones of 3x3, held to libtorch's in 64 bits.</summary>
public sealed class ConvolutionKernelTests
{
    [Theory]
    [InlineData(4, 64, 64, 56, 56, 1, true)]
    [InlineData(3, 128, 96, 45, 51, 1, false)]
    [InlineData(2, 64, 160, 47, 41, 0, true)]
    [InlineData(2, 96, 64, 45, 50, 2, false)]
    [InlineData(20, 512, 512, 7, 7, 1, false)]
    [InlineData(9000, 32, 32, 2, 2, 1, true)] // less than a tile each
    public void A_large_convolution_and_its_gradients_answer_as_in_64_bits(int batch, int inputs, int outputs, int rows, int columns,
        int padding, bool biased)
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.Randn([batch, inputs, rows, columns]), weight = Tensor.Randn([outputs, inputs, 3, 3]) / Math.Sqrt(9.0 * inputs);
        var bias = biased ? Tensor.Randn([outputs]) : null;
        var slope = Tensor.Randn([batch, outputs, rows + (2 * padding) - 2, columns + (2 * padding) - 2]);
        var own = Answers(x, weight, bias, slope, padding);
        var exact = Answers(x.To(DType.Float64), weight.To(DType.Float64), bias?.To(DType.Float64), slope.To(DType.Float64), padding);
        Assert.Equal(exact.Length, own.Length);
        for (int k = 0; k < own.Length; k++)
        {
            Assert.True(own[k].IsContiguous);
            double unit = exact[k].Square().Mean().Sqrt().Item<double>();
            Assert.InRange((own[k].To(DType.Float64) - exact[k]).Abs().Max().Item<double>() / unit, 0, 5e-5);
        }
    }

    [Fact]
    public void A_large_convolution_gives_the_same_numbers_every_time()
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.Randn([4, 64, 56, 56]), weight = Tensor.Randn([64, 64, 3, 3]), slope = Tensor.Randn([4, 64, 56, 56]);
        Tensor[] first = Answers(x, weight, null, slope, 1), second = Answers(x, weight, null, slope, 1);
        for (int k = 0; k < first.Length; k++) Assert.Equal(first[k].ToArray<float>(), second[k].ToArray<float>());
    }

    [Fact]
    public void Only_the_gradients_that_are_asked_for_are_computed()
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.Randn([4, 64, 56, 56]), weight = Leaf(Tensor.Randn([64, 64, 3, 3]));
        Functional.Conv2d(x, weight, null, [1, 1], [1, 1], [1, 1], 1).Sum().Backward();
        Assert.Null(x.Grad);
        Assert.NotNull(weight.Grad);
    }

    private static Tensor[] Answers(Tensor x, Tensor weight, Tensor? bias, Tensor slope, int padding)
    {
        Tensor[] leaves = [.. new[] { x, weight, bias }.OfType<Tensor>().Select(Leaf)];
        var y = Functional.Conv2d(leaves[0], leaves[1], leaves.Length > 2 ? leaves[2] : null, [1, 1], [padding, padding], [1, 1], 1);
        (y * slope).Sum().Backward();
        return [y.Detach(), .. leaves.Select(leaf => leaf.Grad!)];
    }

    private static Tensor Leaf(Tensor tensor)
    {
        var leaf = tensor.Detach().Clone();
        leaf.RequiresGrad = true;
        return leaf;
    }
}
