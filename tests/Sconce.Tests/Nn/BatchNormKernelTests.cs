using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

/// <summary>The door's batch norm in training, held to libtorch's own, which computes 64-bit numbers.</summary>
public sealed class BatchNormKernelTests
{
    [Theory]
    [InlineData(8, 3, 17, 13)]
    [InlineData(2, 5, 1, 1)]
    [InlineData(3, 4, 30, 40)] // a channel longer than one stretch of sums
    public void In_training_it_normalises_and_learns_statistics_as_in_64_bits(int batch, int channels, int height, int width)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(3);
        var input = (Tensor.Randn([batch, channels, height, width]) * 3) + 50; // a mean that would swallow a careless variance
        foreach (var x in new[] { input, input.Contiguous(MemoryFormat.ChannelsLast), input.Transpose(2, 3) })
        {
            Tensor weight = Tensor.Randn([channels]), bias = Tensor.Randn([channels]);
            var (result, mean, variance) = Normalised(x, weight, bias);
            var (expected, expectedMean, expectedVariance) =
                Normalised(x.To(DType.Float64), weight.To(DType.Float64), bias.To(DType.Float64));
            Near(expected, result, 1e-4); // libtorch's own form, a slope and a start, costs digits where the mean is large
            Near(expectedMean, mean, 3e-5); // of the order of 5: some roundings of 32 bits
            Near(expectedVariance, variance, 1e-4);
        }
    }

    [Fact]
    public void Its_gradients_are_those_of_64_bits()
    {
        using var scope = new TensorScope();
        var x = (Tensor.Randn([4, 3, 9, 7]) * 2) + 5;
        var upstream = Tensor.Randn([4, 3, 9, 7]);
        Near(Gradient(x.To(DType.Float64), upstream.To(DType.Float64)), Gradient(x, upstream), 1e-4);
    }

    [Fact]
    public void One_thread_and_two_give_the_same_numbers()
    {
        using var scope = new TensorScope();
        var x = Tensor.Randn([4, 6, 31, 33]);
        int threads = TorchRuntime.Threads;
        try
        {
            TorchRuntime.Threads = 1;
            var one = Normalised(x, null, null).Result.ToArray<float>();
            TorchRuntime.Threads = 2;
            Assert.Equal(one, Normalised(x, null, null).Result.ToArray<float>());
        }
        finally
        {
            TorchRuntime.Threads = threads;
        }
    }

    private static (Tensor Result, Tensor Mean, Tensor Variance) Normalised(Tensor x, Tensor? weight, Tensor? bias)
    {
        Tensor mean = Tensor.Zeros([x.Size(1)], x.DType), variance = Tensor.Ones([x.Size(1)], x.DType);
        return (Functional.BatchNorm(x, weight, bias, mean, variance, true, 0.1, 1e-5, false), mean, variance);
    }

    private static Tensor Gradient(Tensor x, Tensor upstream)
    {
        var leaf = x.Detach().Clone();
        leaf.RequiresGrad = true;
        (Normalised(leaf, null, null).Result * upstream).Sum().Backward();
        return leaf.Grad!;
    }

    private static void Near(Tensor expected, Tensor actual, double tolerance) =>
        Assert.InRange((expected.To(DType.Float64) - actual.To(DType.Float64)).Abs().Max().Item<double>(), 0, tolerance);
}
