using Sconce.Compilation;
using Sconce.Nn;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Compilation;

/// <summary>Large 3x3 convolutions outside compiled networks: where Winograd's filtering is taken, and what it may not do.</summary>
public sealed class WinogradTests
{
    public WinogradTests()
    {
        Assert.SkipUnless(ScriptModule.CanFuse, "the native part was built without oneDNN");
        TorchRuntime.ManualSeed(4);
    }

    [Theory]
    [InlineData(1e3)]
    [InlineData(1e6)]
    [InlineData(1e30)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NaN)]
    public void One_odd_pixel_does_not_reach_results_that_do_not_see_it(double odd)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        Tensor weight = Tensor.Randn([128, 64, 3, 3]) * 0.05, x = Tensor.Randn([1, 64, 60, 60]);
        x[0, 0, 10, 10].FillInPlace(odd);
        var answer = Convolved(x, weight)[0];
        var without = x.Clone();
        without[0, 0, 10, 10].FillInPlace(0);
        var expected = Convolved(without.To(DType.Float64), weight.To(DType.Float64))[0];
        var change = (answer.To(DType.Float64) - expected).Abs().Amax([0]);
        change.Narrow(0, 9, 3).Narrow(1, 9, 3).FillInPlace(0);
        Assert.InRange(change.Max().Item<double>(), 0, 2e-5);
        if (!double.IsFinite(odd)) Assert.Equal(9 * 128, answer.Isfinite().LogicalNot().Sum().Item<long>());
    }

    [Fact]
    public void Switched_off_the_answer_and_its_gradients_are_direct_sums_and_on_they_are_near()
    {
        using var scope = new TensorScope();
        Tensor weight = Tensor.Randn([64, 64, 3, 3]) * 0.05, x = Tensor.Randn([2, 64, 60, 60]);
        bool before = TorchRuntime.Winograd;
        try
        {
            TorchRuntime.Winograd = true;
            var filtered = WithGradients(x, weight);
            TorchRuntime.Winograd = false;
            var direct = WithGradients(x, weight);
            var exact = WithGradients(x.To(DType.Float64), weight.To(DType.Float64));
            for (int k = 0; k < exact.Length; k++)
            {
                double usual = exact[k].Square().Mean().Sqrt().Item<double>();
                Assert.InRange(Change(filtered[k], exact[k]) / usual, 0, 1e-4);
                Assert.InRange(Change(direct[k], exact[k]) / usual, 0, 1e-5);
            }

            Assert.NotEqual(0, (filtered[0] - direct[0]).Abs().Max().Item<double>());
        }
        finally
        {
            TorchRuntime.Winograd = before;
        }

        static double Change(Tensor answer, Tensor exact) => (answer.To(DType.Float64) - exact).Square().Mean().Sqrt().Item<double>();

        static Tensor[] WithGradients(Tensor given, Tensor filters)
        {
            Tensor input = given.Detach().Clone(), own = filters.Detach().Clone();
            input.RequiresGrad = own.RequiresGrad = true;
            var answer = Convolved(input, own);
            answer.Sin().Sum().Backward();
            return [answer.Detach(), input.Grad!, own.Grad!];
        }
    }

    [Theory]
    [InlineData(64)]
    [InlineData(512)]
    public void One_compiled_layer_answers_right_for_few_tiles_and_for_many_in_any_order(int channels)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        using var layer = new Conv2d(channels, channels, 3, padding: 1);
        layer.Eval();
        foreach (int side in (int[])[7, 28])
        {
            using var compiled = layer.Compile(Tensor.Randn([1, channels, side, side]), anyBatch: true);
            foreach (int batch in (int[])[1, 24, 3, 16, 2, 8, 1])
            {
                using var inner = new TensorScope();
                var x = Tensor.Randn([batch, channels, side, side]);
                var expected = layer.Call(x);
                double usual = expected.Square().Mean().Sqrt().Item<double>();
                Assert.InRange((compiled.Call(x) - expected).Abs().Max().Item<double>() / usual, 0, 1e-4);
            }
        }
    }

    [Fact]
    public void Gradients_and_biases_of_other_sizes_are_refused_or_answered_as_libtorch_does()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var weight = Tensor.Randn([64, 64, 3, 3]);
        var backward = Operator.Find("aten::convolution_backward");
        var x = Tensor.Randn([4, 64, 60, 60]);
        foreach (long[] shape in new long[][] { [4, 64, 20, 20], [4, 8, 60, 60], [1, 64, 60, 60] })
        {
            Assert.Throws<TorchException>(() => Backward(Tensor.Randn(shape), [1, 1]));
        }

        Assert.Equal([4, 64, 60, 60], ((Tensor)Backward(Tensor.Randn([4, 64, 60, 60]), [1, 1])[0]!).Shape.ToArray());
        Assert.Throws<TorchException>(() => Operator.Find("aten::mkldnn_convolution").Call(x, weight, Tensor.Randn([1]),
            new long[] { 1, 1 }, new long[] { 1, 1 }, new long[] { 1, 1 }, 1L));

        object?[] Backward(Tensor gradient, long[] around) =>
            backward.Call(gradient, x, weight, new long[] { 64 }, new long[] { 1, 1 }, around, new long[] { 1, 1 }, false,
            new long[] { 0, 0 }, 1L, new[] { true, true, true });
    }

    private static Tensor Convolved(Tensor x, Tensor weight) => Functional.Conv2d(x, weight, null, [1, 1], [1, 1], [1, 1], 1);
}
