using Sconce.Weights;
using Xunit;

namespace Sconce.Tests.Weights;

/// <summary>Views without elements, as <c>x[n:]</c> of n elements is one: they may begin anywhere, also behind their storage.</summary>
public class EmptyViewTests
{
    [Theory]
    [InlineData(0, 0, 1, new long[] { 1, 0 }, new long[] { 1, 1 })]
    [InlineData(8, 2, 2, new long[] { 0 }, new long[] { 1 })]
    [InlineData(8, 2, 5, new long[] { 3, 0, 2 }, new long[] { 7, 7, 1 })]
    [InlineData(8, 2, 1, new long[] { 0, 9 }, new long[] { 9, long.MaxValue / 4 })]
    public void An_empty_view_is_no_damage(int bytes, long count, long offset, long[] shape, long[] strides)
    {
        using var folder = new TemporaryFolder();
        byte[] pickle = new PickleBuilder().Op(PickleOp.EmptyDict).Text("empty").Tensor("FloatStorage", "0", count, shape, strides,
            offset).Op(PickleOp.SetItem).Stop();
        using var file = Checkpoint.Open(folder.Write("view.pth", RawZip.Torch(pickle, ("0", new byte[bytes]))));
        var tensor = Assert.Single(file.Tensors);
        Assert.Equal(shape, tensor.Shape);
        Assert.Empty(tensor.ToArray<float>());
        Assert.Equal(shape, ModelWeights.ToTensor(tensor).Shape.ToArray());
    }

    [Theory]
    [InlineData(2, new long[] { 1 }, new long[] { 1 })]
    [InlineData(1, new long[] { 2 }, new long[] { 1 })]
    public void A_view_of_something_still_must_lie_inside(long offset, long[] shape, long[] strides)
    {
        using var folder = new TemporaryFolder();
        byte[] pickle = new PickleBuilder().Op(PickleOp.EmptyDict).Text("weight").Tensor("FloatStorage", "0", 2, shape, strides,
            offset).Op(PickleOp.SetItem).Stop();
        string path = folder.Write("view.pth", RawZip.Torch(pickle, ("0", new byte[8])));
        Assert.Contains("reaches outside", Assert.Throws<CheckpointException>(() => Checkpoint.Open(path).Dispose()).Message);
    }
}
