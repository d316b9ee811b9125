using Sconce.Nn;
using Sconce.Tests.Common;
using Sconce.Torch;
using Xunit;
using static Sconce.Tests.Compilation.FusedGraphs;

namespace Sconce.Tests.Compilation;

/// <summary>Transposed convolutions of frozen graphs that run packed, held to libtorch's.</summary>
public sealed class TransposedTests
{
    public TransposedTests()
    {
        Assert.SkipUnless(ScriptModule.CanFuse, "the native part was built without oneDNN");
        TorchRuntime.ManualSeed(4);
    }

    [Theory]
    [InlineData(40, 24, 3, 2, 1, 1, 1, 13, 11)] // each side doubled
    [InlineData(64, 32, 4, 2, 1, 0, 1, 8, 8)]
    [InlineData(64, 48, 3, 1, 0, 0, 1, 1, 1)] // of one pixel
    [InlineData(16, 3, 5, 3, 2, 2, 1, 7, 5)] // few results
    [InlineData(33, 17, 2, 2, 0, 0, 1, 6, 9)] // windows side by side, channels that are not whole vectors
    [InlineData(24, 16, 1, 3, 0, 2, 1, 5, 4)] // pixels that no window reaches
    [InlineData(32, 16, 3, 1, 2, 0, 2, 12, 10)] // dilated
    [InlineData(32, 16, 3, 2, 3, 1, 2, 9, 10)]
    [InlineData(160, 64, 3, 2, 1, 1, 1, 48, 45)] // more than one strip of a picture
    [InlineData(256, 128, 4, 2, 1, 0, 1, 33, 31)]
    [InlineData(256, 128, 7, 1, 3, 0, 1, 33, 31)] // strips that share several rows
    public void A_transposed_convolution_and_what_follows_it_answer_as_unpacked(int channels, int outputs, int window, int stride,
        int padding, int more, int dilation, int rows, int columns)
    {
        using var scope = new TensorScope();
        Tensor weight = Tensor.Randn([channels, outputs, window, window]) / Math.Sqrt(channels * window), bias = Tensor.Randn([outputs]);
        Tensor Spread(Tensor x, Tensor? start) => Functional.ConvTranspose2d(
            x, weight, start, [stride, stride], [padding, padding], [more, more], 1, [dilation, dilation]);
        foreach (int batch in (int[])[1, 3])
        {
            Agrees(x => Spread(x, null), [batch, channels, rows, columns], nodes: 1);
            Agrees(x => Spread(x, bias).Relu(), [batch, channels, rows, columns], nodes: 1);
            Agrees(x => Spread(x, bias).Silu() + Spread(x * 0.5, null), [batch, channels, rows, columns], nodes: 2);
        }
    }

    [Fact]
    public void Sides_may_differ_in_all_that_they_have()
    {
        using var scope = new TensorScope();
        var weight = Tensor.Randn([32, 16, 2, 5]) * 0.1;
        Agrees(x => Functional.ConvTranspose2d(x, weight, null, [1, 3], [0, 2], [0, 1], 1, [2, 1]), [2, 32, 6, 9], nodes: 1);
        Agrees(x => Functional.ConvTranspose2d(x, weight, null, [3, 2], [1, 0], [2, 1], 1, [1, 3]), [2, 32, 9, 6], nodes: 1);
    }

    [Fact]
    public void A_norm_with_fixed_statistics_after_it_becomes_part_of_it()
    {
        using var scope = new TensorScope();
        using var layer = new Sequential(new ConvTranspose2d(32, 24, 3, 2, 1, 1), new BatchNorm2d(24));
        using (Gradients.Off())
        {
            foreach (var (_, tensor) in layer[1].StateDict().Where(entry => entry.Tensor.Elements == 24))
                tensor.CopyInPlace(Tensor.Rand([24]) + 0.5);
        }

        layer.Eval();
        layer.RequireGrad(false);
        Agrees(x => layer.Call(x).Relu(), [2, 32, 9, 7], nodes: 1);
        using var off = Gradients.Off();
        using var fused = Fused(x => layer.Call(x).Relu(), Tensor.Randn([1, 32, 5, 5]));
        Assert.DoesNotContain("batch_norm", fused.Graph, StringComparison.Ordinal);
        Agrees(ReadTwice, [1, 32, 5, 5], nodes: 1);
        using var read = Fused(ReadTwice, Tensor.Randn([1, 32, 5, 5]));
        Assert.Contains("batch_norm", read.Graph, StringComparison.Ordinal);

        Tensor ReadTwice(Tensor x)
        {
            var made = layer[0].Call(x);
            return layer[1].Call(made) + made.Sin();
        }
    }

    [Fact]
    public void Every_activation_and_sums_after_it_answer_as_unpacked()
    {
        using var scope = new TensorScope();
        var weight = Tensor.Randn([32, 20, 3, 3]) * 0.1;
        Tensor Spread(Tensor x) => Functional.ConvTranspose2d(x, weight, null, [2, 2], [1, 1], [1, 1], 1, [1, 1]);
        foreach (var after in (Func<Tensor, Tensor>[])[x => x.Elu(), x => x.Sigmoid(), x => x.LeakyRelu(0.2), x => x.Clamp(-0.5, 0.5),
            x => (x * 0.5).Gelu(), x => x.Tanh() * 2.0 + 1.0, x => x.Hardswish(), x => x.Elu() + 1.0])
        {
            Agrees(x => after(Spread(x)), [2, 32, 7, 6], nodes: 1);
            Agrees(x => after(Spread(x) + Spread(x * 0.5)), [2, 32, 7, 6], nodes: 2);
        }
    }

    [Fact]
    public void A_sum_that_spreads_over_the_picture_and_pictures_in_another_order_are_answered()
    {
        using var scope = new TensorScope();
        Tensor weight = Tensor.Randn([32, 20, 4, 4]) * 0.1, other = Tensor.Randn([1, 20, 1, 1]);
        Agrees(x => (Functional.ConvTranspose2d(x, weight, null, [2, 2], [1, 1], [0, 0], 1, [1, 1]) + other * x.Mean()).Relu(),
            [2, 32, 7, 6], nodes: 1);
        Agrees(x => Functional.ConvTranspose2d(x.Transpose(2, 3), weight, null, [2, 2], [1, 1], [0, 0], 1, [1, 1]), [2, 32, 7, 6],
            nodes: 1);
    }

    [Fact]
    public void What_is_no_number_reaches_its_own_window_and_survives_an_activation()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var weight = Tensor.Randn([32, 16, 3, 3]);
        Tensor Spread(Tensor x) => Functional.ConvTranspose2d(x, weight, null, [2, 2], [1, 1], [1, 1], 1, [1, 1]).Relu();
        using var fused = Fused(Spread, Tensor.Randn([1, 32, 8, 8]));
        var x = Tensor.Randn([1, 32, 8, 8]);
        x[0, 3, 4, 5].FillInPlace(double.NaN);
        Tensor expected = Spread(x).Isnan(), actual = fused.Run(x)[0].Isnan();
        Assert.True(expected.Any().Item<bool>());
        Assert.Equal(expected.ToArray<bool>(), actual.ToArray<bool>());
    }

    [Fact]
    public void Groups_are_left_to_libtorch_with_the_same_answer()
    {
        using var scope = new TensorScope();
        Tensor weight = Tensor.Randn([32, 8, 3, 3]) * 0.1, first = Tensor.Randn([32, 32, 1, 1]) * 0.1;
        Agrees(x => Functional.ConvTranspose2d(Functional.Conv2d(x, first, null, [1, 1], [0, 0], [1, 1], 1), weight, null, [2, 2], [1, 1],
            [1, 1], 2, [1, 1]), [2, 32, 7, 6], nodes: 1);
    }

    [Fact]
    public void The_count_of_threads_changes_no_answer()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var weight = Tensor.Randn([64, 48, 4, 4]) * 0.1;
        using var fused = Fused(x => Functional.ConvTranspose2d(x, weight, null, [2, 2], [1, 1], [0, 0], 1, [1, 1]),
            Tensor.Randn([1, 64, 40, 40]));
        var x = Tensor.Randn([2, 64, 40, 40]);
        using var kept = new KeptThreads();
        TorchRuntime.Threads = 1;
        var alone = fused.Run(x)[0];
        TorchRuntime.Threads = 3;
        Close(alone, fused.Run(x)[0]);
    }
}
