using Sconce.Nn;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Nn;

/// <summary>A mean of one value is no statistic.</summary>
public sealed class OneValueTests
{
    [Fact]
    public void Batch_norm_refuses_one_value_a_channel_while_training_and_keeps_its_statistics()
    {
        using var scope = new TensorScope();
        using var norm = new BatchNorm2d(3);
        var one = Tensor.Ones([1, 3, 1, 1]);
        var error = Assert.Throws<TorchException>(() => norm.Call(one));
        Assert.Contains("[1, 3, 1, 1] has one value a channel", error.Message, StringComparison.Ordinal);
        Assert.Contains("batches of two at least, or larger pictures", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, norm.NumBatchesTracked!.Item<long>());
        Assert.Equal([1f, 1f, 1f], norm.RunningVar!.ToArray<float>());
        Assert.Equal([1, 3, 1, 2], norm.Call(Tensor.Ones([1, 3, 1, 2])).Shape.ToArray());
        norm.Eval();
        Assert.Equal([1, 3, 1, 1], norm.Call(one).Shape.ToArray());
    }

    [Fact]
    public void Batch_norm_of_rows_and_instance_norm_refuse_it_too()
    {
        using var scope = new TensorScope();
        using var rows = new BatchNorm1d(3);
        using var maps = new InstanceNorm2d(3);
        Assert.Throws<TorchException>(() => rows.Call(Tensor.Ones([1, 3])));
        Assert.Contains("one value a map", Assert.Throws<TorchException>(() => maps.Call(Tensor.Ones([2, 3, 1, 1]))).Message,
            StringComparison.Ordinal);
        Assert.Equal([2, 3], rows.Call(Tensor.Ones([2, 3])).Shape.ToArray());
    }
}
