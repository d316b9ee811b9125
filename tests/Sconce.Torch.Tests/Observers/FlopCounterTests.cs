using Xunit;

namespace Sconce.Torch.Tests.Observers;

public sealed class FlopCounterTests
{
    /// <summary>Expected multiply-adds are written out from the definitions of the products.</summary>
    public static TheoryData<string, long, Func<Tensor>> Products => new()
    {
        { "conv1d", 2L * 8 * 10 * 3 * 5, () => Functional.Conv1d(Tensor.Ones([2, 3, 14]), Tensor.Ones([8, 3, 5])) },
        { "conv2d strided", 1L * 8 * 4 * 4 * 3 * 9,
            () => Functional.Conv2d(Tensor.Ones([1, 3, 8, 8]), Tensor.Ones([8, 3, 3, 3]), null, [2, 2], [1, 1]) },
        { "conv2d grouped", 1L * 8 * 8 * 8 * 1 * 9,
            () => Functional.Conv2d(Tensor.Ones([1, 8, 8, 8]), Tensor.Ones([8, 1, 3, 3]), null, [1, 1], [1, 1], [1, 1], 8) },
        { "conv2d unbatched", 8L * 8 * 8 * 3, () => Functional.Conv2d(Tensor.Ones([3, 8, 8]), Tensor.Ones([8, 3, 1, 1])) },
        { "conv3d", 1L * 4 * 3 * 3 * 3 * 2 * 8, () => Functional.Conv3d(Tensor.Ones([1, 2, 4, 4, 4]), Tensor.Ones([4, 2, 2, 2, 2])) },
        { "conv_transpose2d", 1L * 6 * 5 * 5 * 4 * 9,
            () => Functional.ConvTranspose2d(Tensor.Ones([1, 6, 5, 5]), Tensor.Ones([6, 4, 3, 3]), null, [2, 2]) },
        { "linear", 2L * 7 * 16 * 32, () => Functional.Linear(Tensor.Ones([2, 7, 16]), Tensor.Ones([32, 16]), Tensor.Ones([32])) },
        { "mm", 3L * 4 * 5, () => Tensor.Ones([3, 4]).Mm(Tensor.Ones([4, 5])) },
        { "addmm", 3L * 4 * 5, () => Tensor.Ones([5]).Addmm(Tensor.Ones([3, 4]), Tensor.Ones([4, 5])) },
        { "bmm", 2L * 3 * 4 * 5, () => Tensor.Ones([2, 3, 4]).Bmm(Tensor.Ones([2, 4, 5])) },
        { "baddbmm", 2L * 3 * 4 * 5, () => Tensor.Ones([1, 3, 5]).Baddbmm(Tensor.Ones([2, 3, 4]), Tensor.Ones([2, 4, 5])) },
        { "matmul of batches", 6L * 2 * 3 * 4 * 5, () => Tensor.Ones([6, 1, 3, 4]).Matmul(Tensor.Ones([2, 4, 5])) },
        { "matmul of vectors", 9L, () => Tensor.Ones([9]).Matmul(Tensor.Ones([9])) },
        { "matmul of matrix and vector", 3L * 4, () => Tensor.Ones([3, 4]).Matmul(Tensor.Ones([4])) },
        { "einsum of two", 2L * 3 * 4 * 5, () => Tensor.Einsum("bij,bjk->bik", [Tensor.Ones([2, 3, 4]), Tensor.Ones([2, 4, 5])]) },
        { "einsum of three", (3L * 4 * 5) + (3L * 5 * 6),
            () => Tensor.Einsum("ij,jk,kl->il", [Tensor.Ones([3, 4]), Tensor.Ones([4, 5]), Tensor.Ones([5, 6])]) },
        { "einsum with an ellipsis", 2L * 7 * 3 * 4 * 5,
            () => Tensor.Einsum("...ij,jk->...ik", [Tensor.Ones([2, 7, 3, 4]), Tensor.Ones([4, 5])]) },
        { "einsum without an arrow", 3L * 4 * 5, () => Tensor.Einsum("ij,jk", [Tensor.Ones([3, 4]), Tensor.Ones([4, 5])]) },
    };

    [Theory]
    [MemberData(nameof(Products), DisableDiscoveryEnumeration = true)]
    public void Products_count_their_multiply_adds(string what, long expected, Func<Tensor> compute)
    {
        Assert.NotEmpty(what);
        using var scope = new TensorScope();
        var counter = new FlopCounter();
        using (counter.Watch()) compute();
        Assert.Equal(expected, counter.MultiplyAdds);
    }

    public static TheoryData<string, long, Func<Tensor, Tensor>> Elementwise => new()
    {
        { "relu", 96, x => x.Relu() },
        { "relu in place", 96, x => x.ReluInPlace() },
        { "sum of two", 96, x => x + x },
        { "layer norm without affine parameters", 96 * 4, x => Functional.LayerNorm(x, [4]) },
        { "layer norm", 96 * 5, x => Functional.LayerNorm(x, [4], Tensor.Ones([4]), Tensor.Zeros([4])) },
        { "batch norm with stored statistics", 96 * 2, x =>
            Functional.BatchNorm(x, Tensor.Ones([2]), Tensor.Zeros([2]), Tensor.Zeros([2]), Tensor.Ones([2]), false, 0.1, 1e-5, false) },
        { "batch norm in training", 96 * 5,
            x => Functional.BatchNorm(x, Tensor.Ones([2]), Tensor.Zeros([2]), null, null, true, 0.1, 1e-5, false) },
        { "group norm", 96 * 4, x => Functional.GroupNorm(x, 2) },
        { "softmax", 96 * 5, x => x.Softmax(-1) },
        { "max pooling", 24 * 4, x => x.MaxPool2d([2, 2]) },
        { "average pooling", 24 * 4, x => x.AvgPool2d([2]) },
        { "adaptive pooling", 96, x => x.AdaptiveAvgPool2d([1, 1]) },
        { "mean", 96, x => x.Mean() },
        { "bilinear interpolation", 96 * 4 * 4, x => x.UpsampleBilinear2d([8, 8], false) },
        { "a reshape", 0, x => x.Reshape([-1]) },
    };

    [Theory]
    [MemberData(nameof(Elementwise), DisableDiscoveryEnumeration = true)]
    public void Other_operators_count_apart(string what, long expected, Func<Tensor, Tensor> compute)
    {
        Assert.NotEmpty(what);
        using var scope = new TensorScope();
        var x = Tensor.Ones([3, 2, 4, 4]);
        using var noGrad = Gradients.Off();
        var counter = new FlopCounter();
        using (counter.Watch()) compute(x);
        Assert.Equal(expected, counter.ElementwiseOperations);
        Assert.Equal(0, counter.MultiplyAdds);
    }

    [Fact]
    public void Totals_calls_bytes_and_activations_add_up()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([4, 8]);
        var weight = Tensor.Ones([16, 8]);
        var counter = new FlopCounter();
        using (counter.Watch())
        {
            var y = Functional.Linear(x, weight).Relu();
            y.View([16, 4]);
            Functional.Linear(x, weight);
        }

        Assert.Equal(4, counter.Calls);
        Assert.Equal(2 * 4 * 8 * 16, counter.MultiplyAdds);
        Assert.Equal(64, counter.ElementwiseOperations);
        Assert.Equal((2 * counter.MultiplyAdds) + 64, counter.Flops);
        Assert.Equal(2 * 64, counter.Activations);
        Assert.Equal(3 * 64 * 4, counter.ResultBytes);
        Assert.Equal(["aten::linear", "aten::relu", "aten::view"], counter.ByOperator.Select(cost => cost.Operator));
        Assert.False(counter.ByOperator[2].IsCounted);
        string[] lines = counter.Table().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(7, lines.Length);
        Assert.Contains("1,024", lines[^1]);
        Assert.Single(lines.Select(line => line.Length).Distinct());
        counter.Reset();
        Assert.Equal(0, counter.Calls);
    }

    [Fact]
    public void An_observer_hears_its_own_thread_until_it_is_disposed()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([2]);
        var counter = new FlopCounter();
        using (counter.Watch())
        {
            var other = new Thread(() =>
            {
                using var inner = new TensorScope();
                Tensor.Ones([2]).Relu();
            });
            other.Start();
            other.Join();
            x.Relu();
        }

        x.Relu();
        Assert.Equal(1, counter.Calls);
    }

    [Fact]
    public void Two_observers_hear_the_same_calls()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([2]);
        var flops = new FlopCounter();
        var profiler = new OperatorProfiler();
        using (flops.Watch())
        using (profiler.Watch())
        {
            x.Relu();
            Assert.Throws<TorchException>(() => x.Matmul(Tensor.Ones([3])));
        }

        Assert.Equal(flops.Calls, profiler.Calls);
        Assert.Equal(2, flops.Calls);
    }
}
