using Sconce.Tests.Common;
using Sconce.Torch;
using Xunit;
using static Sconce.Tests.Compilation.FusedGraphs;

namespace Sconce.Tests.Compilation;

/// <summary>Norms side by side and joined channels of rewritten graphs, held to libtorch's operators.</summary>
public sealed class NormsTests
{
    public NormsTests() => Assert.SkipUnless(ScriptModule.CanFuse, "the native part was built without oneDNN");

    [Theory]
    [InlineData(2, 16, 8, 40, 33)] // several blocks of pixels, the last one shorter
    [InlineData(1, 13, 5, 7, 9)] // channels in no eights
    [InlineData(3, 64, 48, 1, 2)]
    public void Half_of_the_channels_under_each_norm_are_one_pass(int batch, int channels, int first, int height, int width)
    {
        using var scope = new TensorScope();
        var both = Norms(channels, first);
        long[] shape = [batch, channels, height, width];
        Agrees(x => both(x).Relu(), shape, nodes: 1, "sconce::norms");
        Agrees(both, shape, nodes: 1, "sconce::norms");
        Agrees(x => both(x.Contiguous(MemoryFormat.ChannelsLast) * 3.0 + 100.0).Relu(), shape, nodes: 1, "sconce::norms");
    }

    [Fact]
    public void A_narrowing_that_leaves_channels_out_leaves_them_out()
    {
        using var scope = new TensorScope();
        Agrees(Norms(12, 8), [2, 20, 9, 6], nodes: 1, "sconce::norms");
    }

    [Fact]
    public void Other_ranks_answer_as_libtorch_does()
    {
        using var scope = new TensorScope();
        var both = Norms(12, 4);
        Agrees(x => both(x).Relu(), [2, 12, 31], nodes: 1, "sconce::norms");
        Agrees(x => both(x).Relu(), [2, 12, 3, 5, 4], nodes: 1, "sconce::norms");
    }

    [Fact]
    public void Norms_of_other_halves_stay_libtorchs()
    {
        using var scope = new TensorScope();
        Tensor mean = Tensor.Randn([8]), variance = Tensor.Rand([8]) + 0.5;
        using var off = Gradients.Off();
        Tensor Overlapping(Tensor x) => Tensor.Cat(
            [
                Functional.BatchNorm(x.Narrow(1, 0, 8), null, null, mean, variance, false, 0.1, 1e-5, true),
                Functional.InstanceNorm(x.Narrow(1, 6, 8), null, null, null, null, true, 0.1, 1e-5, true) * 2.0 + 1.0,
            ],
            1);
        Tensor weight = Tensor.Randn([14, 3, 1, 1]), pictures = Tensor.Randn([1, 3, 6, 5]);
        Tensor Whole(Tensor x) => Overlapping(Functional.Conv2d(x, weight, null, [1, 1], [0, 0], [1, 1], 1));
        using var fused = Fused(Whole, pictures);
        Assert.DoesNotContain("sconce::norms(", fused.Graph, StringComparison.Ordinal);
        Close(Whole(pictures), fused.Run(pictures)[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Channels_are_joined_whatever_the_order_of_each_part(int batch)
    {
        using var scope = new TensorScope();
        Tensor weight = Tensor.Randn([16, 3, 3, 3]);
        Tensor Layer(Tensor x) => Functional.Conv2d(x, weight, null, [1, 1], [1, 1], [1, 1], 1); // leaves channels last
        Agrees(x => Tensor.Cat([Layer(x), x], 1), [batch, 3, 9, 14], nodes: 1, "sconce::join");
        Agrees(x => Tensor.Cat([x, Layer(x), x.Narrow(1, 0, 1), Layer(x).Mean([1], keepdim: true)], 1), [batch, 3, 9, 14], nodes: 1,
            "sconce::join");
        Agrees(x => Tensor.Cat([Layer(x).Transpose(2, 3), Layer(x.Transpose(2, 3))], 1), [batch, 3, 9, 14], nodes: 1,
            "sconce::join");
        Agrees(x => Tensor.Cat([Layer(x), Layer(x)], 2), [batch, 3, 9, 14]); // other dimensions are libtorch's
    }

    [Fact]
    public void Any_number_of_threads_gives_the_very_same_answer()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var both = Norms(24, 8);
        var x = Tensor.Randn([2, 24, 61, 47]);
        using var fused = Fused(picture => both(picture).Relu(), x);
        using var kept = new KeptThreads();
        TorchRuntime.Threads = 1;
        var alone = fused.Run(x)[0];
        TorchRuntime.Threads = 3;
        Assert.True(alone.Equal(fused.Run(x)[0]));
    }

    // The first channels under a batch norm, the rest under an instance norm.
    private static Func<Tensor, Tensor> Norms(int channels, int first)
    {
        Tensor weight = Tensor.Randn([first]), bias = Tensor.Randn([first]), mean = Tensor.Randn([first]);
        var variance = Tensor.Rand([first]) + 0.5;
        return x => Tensor.Cat(
            [
                Functional.BatchNorm(x.Narrow(1, 0, first), weight, bias, mean, variance, false, 0.1, 1e-5, true),
                Functional.InstanceNorm(x.Narrow(1, first, channels - first), null, null, null, null, true, 0.1, 1e-5, true),
            ],
            1);
    }
}
