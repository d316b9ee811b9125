using Sconce.Tests.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

/// <summary>Linear layers of few rows have a kernel of their own (native/rows.cpp).</summary>
[Collection(LiveTensors.Name)]
public sealed class FewRowsTests
{
    [Theory]
    [InlineData(1, 64, 32, true)]
    [InlineData(1, 61, 36, true)] // no whole vectors
    [InlineData(2, 512, 128, false)]
    [InlineData(3, 77, 20, true)]
    [InlineData(4, 64, 32, true)]
    [InlineData(1, 64, 30, true)] // outputs in no fours
    public void A_linear_layer_of_few_rows_answers_as_in_64_bits(int rows, int inputs, int outputs, bool biased)
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.Randn([rows, inputs]), weight = Tensor.Randn([outputs, inputs]);
        var bias = biased ? Tensor.Randn([outputs]) : null;
        var answer = Functional.Linear(x, weight, bias);
        var exact = Functional.Linear(x.To(DType.Float64), weight.To(DType.Float64), bias?.To(DType.Float64));
        Assert.Equal([rows, outputs], answer.Shape.ToArray());
        Assert.True((answer.To(DType.Float64) - exact).Abs().Max().Item<double>() < 1e-4);
    }

    [Fact]
    public void Its_gradients_are_those_of_64_bits()
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.Randn([1, 48]), weight = Tensor.Randn([24, 48]);
        Tensor[] Of(DType type)
        {
            Tensor input = x.To(type).Clone(), factors = weight.To(type).Clone();
            input.RequiresGrad = factors.RequiresGrad = true;
            return [.. Gradients.Of([Functional.Linear(input, factors).Square().Sum()], [input, factors])];
        }

        foreach (var (near, exact) in Of(DType.Float32).Zip(Of(DType.Float64)))
            Assert.True((near.To(DType.Float64) - exact).Abs().Max().Item<double>() < 1e-3);
    }
}
