using Sconce.Tests.Common;
using Sconce.Tests.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

/// <summary>Linear layers of few rows have a kernel of their own (native/rows.cpp) where nothing is recorded for gradients.</summary>
[Collection(LiveTensors.Name)]
public sealed class FewRowsTests
{
    public static TheoryData<int, int, int, bool> Sizes
    {
        get
        {
            var data = new TheoryData<int, int, int, bool>();
            foreach (int rows in (int[])[1, 2, 3, 4, 5, 7, 8, 9])
            {
                data.Add(rows, 64, 32, true);
                data.Add(rows, 61, 40, true); // inputs in no eights
                data.Add(rows, 300, 24, false); // longer than a block of sums
                data.Add(rows, 64, 30, true); // outputs in no eights
                data.Add(rows, 5, 16, true); // fewer inputs than a vector
                data.Add(rows, 9, 1, false);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_linear_layer_of_few_rows_answers_as_in_64_bits(int rows, int inputs, int outputs, bool biased)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        Tensor x = Tensor.Randn([rows, inputs]), weight = Tensor.Randn([outputs, inputs]);
        Near(x, weight, biased ? Tensor.Randn([outputs]) : null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public void Weights_inputs_and_biases_may_lie_in_any_order(int rows)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        Tensor x = Tensor.Randn([rows, 48]), weight = Tensor.Randn([32, 48]), bias = Tensor.Randn([32]);
        Near(x, Tensor.Randn([48, 32]).Transpose(0, 1), bias); // laid out as (inputs, outputs)
        Near(x, Tensor.Randn([32, 60])[.., 5..53], bias); // rows further apart
        Near(x, Tensor.Randn([64, 48])[16..48], bias); // not from the start of its memory
        Near(Tensor.Randn([48, rows]).Transpose(0, 1), weight, bias);
        Near(x, weight, Tensor.Randn([64]).Reshape([32, 2])[.., 1]); // every other number
        Near(x, weight, Tensor.Randn([1]).Expand([32]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void A_number_that_is_none_or_infinite_reaches_its_own_row_only(int rows)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        Tensor x = Tensor.Randn([rows, 40]), weight = Tensor.Randn([16, 40]);
        x.FillInPlace(double.NaN, 0, 3);
        var answer = Functional.Linear(x, weight);
        Assert.True(answer[0].Isnan().All().Item<bool>());
        Assert.Equal(rows > 1, answer[^1].Isfinite().All().Item<bool>());
    }

    [Fact]
    public void Any_number_of_threads_gives_the_very_same_answer()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        using var kept = new KeptThreads();
        foreach (int rows in (int[])[1, 3, 8])
        {
            Tensor x = Tensor.Randn([rows, 700]), weight = Tensor.Randn([1000, 700]), bias = Tensor.Randn([1000]);
            TorchRuntime.Threads = 1;
            var alone = Functional.Linear(x, weight, bias);
            TorchRuntime.Threads = 3;
            Assert.True(alone.Equal(Functional.Linear(x, weight, bias)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void Its_gradients_are_those_of_64_bits(int rows)
    {
        using var scope = new TensorScope();
        Tensor x = Tensor.Randn([rows, 48]), weight = Tensor.Randn([24, 48]);
        Tensor[] Of(DType type)
        {
            Tensor input = x.To(type).Clone(), factors = weight.To(type).Clone();
            input.RequiresGrad = factors.RequiresGrad = true;
            return [.. Gradients.Of([Functional.Linear(input, factors).Square().Sum()], [input, factors])];
        }

        foreach (var (near, exact) in Of(DType.Float32).Zip(Of(DType.Float64)))
            Assert.True((near.To(DType.Float64) - exact).Abs().Max().Item<double>() < 1e-3);
    }

    private static void Near(Tensor x, Tensor weight, Tensor? bias)
    {
        var answer = Functional.Linear(x, weight, bias);
        var exact = Functional.Linear(x.To(DType.Float64), weight.To(DType.Float64), bias?.To(DType.Float64));
        Assert.Equal(exact.Shape.ToArray(), answer.Shape.ToArray());
        Assert.True((answer.To(DType.Float64) - exact).Abs().Max().Item<double>() < 1e-4);
    }
}
