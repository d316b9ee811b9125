using Xunit;

namespace Sconce.Torch.Tests.Runtime;

public sealed class MemoryWatchTests
{
    [Fact]
    public void Watches_may_end_in_any_order()
    {
        var first = new MemoryWatch();
        var second = new MemoryWatch();
        Tensor.Empty([64], DType.UInt8).Dispose();
        Assert.Equal((0L, 64L), first.Read());
        first.Dispose();
        Tensor.Empty([128], DType.UInt8).Dispose();
        Assert.Equal((0L, 128L), second.Read());
        second.Dispose();
        second.Dispose();
        Assert.Throws<ObjectDisposedException>(() => second.Read());
    }

    [Fact]
    public void A_watch_may_end_on_another_thread()
    {
        var watch = new MemoryWatch();
        var thread = new Thread(watch.Dispose);
        thread.Start();
        thread.Join();
        Assert.Throws<ObjectDisposedException>(() => watch.Read());
        using var next = new MemoryWatch();
        Tensor.Empty([64], DType.UInt8).Dispose();
        Assert.Equal(64, next.Read().Peak);
    }
}
