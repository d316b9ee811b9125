using Sconce.Maths;
using Sconce.Nn;
using Sconce.Tests.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Maths;

/// <summary>What steps of differential equations are made of (native/steps.cpp), and products of matrices (native/product.cpp).</summary>
[Collection(LiveTensors.Name)]
public sealed class NativeSumsTests
{
    private static readonly Operator PeriodicStencil = Operator.Find("sconce::periodic_stencil");

    public static TheoryData<DType> Types => [DType.Float32, DType.Float64];

    [Theory]
    [MemberData(nameof(Types))]
    public void A_weighted_sum_is_its_terms_times_their_weights_in_any_order_of_memory(DType type)
    {
        using var scope = new TensorScope();
        Tensor a = Tensor.Randn([5, 13], type), b = Tensor.Randn([13, 5], type).T(), c = Tensor.Randn([5, 30], type)[.., 4..17];
        Tensor sum = Sums.Of([a, b, c], [1, -0.5, 3]), exact = a - (b * 0.5) + (c * 3);
        Assert.True((sum - exact).Abs().Max().Item<double>() < 1e-5);
        Assert.Equal(type, sum.DType);
        Assert.True((Sums.Of([a, b[0]], [2, 1]) - ((a * 2) + b[0])).Abs().Max().Item<double>() < 1e-5); // broadcast
    }

    [Fact]
    public void A_weighted_sum_has_gradients_and_gradients_of_those()
    {
        using var scope = new TensorScope();
        Tensor a = Tensor.Randn([3, 4]).WithGrad(), b = Tensor.Randn([3, 4]).WithGrad();
        var first = Gradients.Of([Sums.Of([a, b], [1, -2]).Pow(3).Sum()], [a, b], createGraph: true);
        var of = a - (b * 2);
        Assert.True((first[1] + (of.Square() * 6)).Abs().Max().Item<double>() < 1e-3);
        var second = Gradients.Of([first[1].Sum()], [b])[0]; // d/db of -6 (a - 2b)²
        Assert.True((second - (of * 24)).Abs().Max().Item<double>() < 1e-3);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(4, 8)]
    [InlineData(7, 10)]
    [InlineData(32, 41)]
    public void A_stencil_on_a_periodic_grid_is_the_convolution_of_the_padded_one(int rows, int columns)
    {
        using var scope = new TensorScope();
        Tensor field = Tensor.Randn([2, 3, rows, columns]), stencil = Tensor.Randn([1, 1, 3, 3]);
        var padded = Functional.Pad(field.Reshape([6, 1, rows, columns]), [1, 1, 1, 1], PaddingMode.Circular);
        var exact = Functional.Conv2d(padded.To(DType.Float64), stencil.To(DType.Float64)).Reshape(field.Shape);
        foreach (var type in (DType[])[DType.Float32, DType.Float64])
        {
            var answer = (Tensor)PeriodicStencil.Call(field.To(type), stencil.To(type))[0]!;
            Assert.True((answer.To(DType.Float64) - exact).Abs().Max().Item<double>() < 1e-5);
        }
    }

    [Fact]
    public void A_stencils_gradients_are_the_convolutions_and_go_on_to_second_ones()
    {
        using var scope = new TensorScope();
        Tensor field = Tensor.Randn([1, 1, 5, 12]).WithGrad(), stencil = Tensor.Randn([1, 1, 3, 3]), by = Tensor.Randn([1, 1, 5, 12]);
        Tensor[] Of(Func<Tensor, Tensor> slide)
        {
            var first = Gradients.Of([(slide(field).Square() * by).Sum()], [field], createGraph: true)[0];
            return [first, Gradients.Of([first.Square().Sum()], [field])[0]];
        }

        var ours = Of(x => (Tensor)PeriodicStencil.Call(x, stencil)[0]!);
        var theirs = Of(x => Functional.Conv2d(Functional.Pad(x, [1, 1, 1, 1], PaddingMode.Circular), stencil));
        foreach (var (own, other) in ours.Zip(theirs))
            Assert.True((own - other).Abs().Max().Item<double>() < 1e-4 * Math.Max(1, other.Abs().Max().Item<double>()));
    }

    [Theory]
    [InlineData(64, 200, 200)]
    [InlineData(17, 1, 33)]
    [InlineData(9, 65, 1)]
    [InlineData(200, 64, 2)]
    public void A_product_of_many_rows_answers_as_in_64_bits_however_its_sides_lie(int rows, int inner, int columns)
    {
        using var scope = new TensorScope();
        Tensor[] lefts =
            [Tensor.Randn([rows, inner]), Tensor.Randn([inner, rows]).T(), Tensor.Randn([rows, inner + 9])[.., 5..(inner + 5)]];
        Tensor[] rights =
            [Tensor.Randn([inner, columns]), Tensor.Randn([columns, inner]).T(), Tensor.Randn([inner, 2 * columns])[.., ..columns]];
        Tensor[] starts = [Tensor.Randn([columns]), Tensor.Randn([rows, columns]), Tensor.Randn([1]).Expand([columns])];
        foreach (var left in lefts)
        {
            foreach (var right in rights)
            {
                var exact = left.To(DType.Float64).Matmul(right.To(DType.Float64));
                Assert.True((left.Matmul(right).To(DType.Float64) - exact).Abs().Max().Item<double>() < 1e-4);
                foreach (var start in starts)
                {
                    var sum = start.Addmm(left, right).To(DType.Float64) - start.To(DType.Float64);
                    Assert.True((sum - exact).Abs().Max().Item<double>() < 1e-4);
                }
            }
        }
    }

    [Fact]
    public void An_empty_product_is_nothing_or_zeros()
    {
        using var scope = new TensorScope();
        Assert.Equal([0, 4], Tensor.Zeros([0, 3]).Matmul(Tensor.Zeros([3, 4])).Shape.ToArray());
        Assert.Equal(0, Tensor.Zeros([12, 0]).Matmul(Tensor.Zeros([0, 4])).Abs().Sum().Item<double>());
    }
}
