using System.Runtime.CompilerServices;
using Xunit;

namespace Sconce.Torch.Tests.Tensors;

public sealed unsafe class ForeignMemoryTests
{
    [Fact]
    public void A_layout_that_no_memory_can_have_is_refused()
    {
        float* numbers = stackalloc float[64];
        nint address = (nint)numbers;
        Assert.Contains("1 strides [1] for the 3 dimensions of [2, 2, 2]", Refusal(address, [2, 2, 2], [1]));
        Assert.Contains("3 strides", Refusal(address, [2], [1, 1, 1]));
        Assert.Contains("negative stride", Refusal(address, [2], [-1]));
        Assert.Contains("negative size", Refusal(address, [-2], []));
        Assert.Contains("no address", Refusal(0, [2], []));
        using var empty = Tensor.Over(null, [0, 3], DType.Float32);
        Assert.Equal(0, empty.Elements);

        static string Refusal(nint address, long[] shape, long[] strides) =>
            Assert.Throws<ArgumentException>(() => Tensor.Over((void*)address, shape, DType.Float32, strides: strides)).Message;
    }

    [Fact]
    public void What_a_keep_alive_throws_is_reported_and_stops_nothing()
    {
        float* numbers = stackalloc float[2];
        var heard = new List<Exception>();
        TensorDiagnostics.ReleaseFailed += heard.Add;
        try
        {
            Tensor.Over(numbers, [2], DType.Float32, new Thrower()).Dispose();
            using (new TensorScope()) Tensor.Over(numbers, [2], DType.Float32, new Thrower());
        }
        finally
        {
            TensorDiagnostics.ReleaseFailed -= heard.Add;
        }

        Assert.Equal(["of a keep-alive", "of a keep-alive"], heard.Select(error => error.Message));
        Tensor.Over(numbers, [2], DType.Float32, new Thrower()).Dispose();
    }

    [Fact]
    public void Tensors_forgotten_outside_every_scope_are_collected_before_they_fill_the_machine()
    {
        const int count = 1500, bytes = 4 << 20;
        long before = TensorDiagnostics.Live, most = 0;
        for (int k = 0; k < count; k++)
        {
            Forget();
            most = Math.Max(most, TensorDiagnostics.Live - before);
        }

        Assert.True(most < count / 4, $"{most} tensors of {bytes} bytes lived at once, of {count} that nobody held");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Forget() => Tensor.Empty([bytes], DType.UInt8);
    }

    private sealed class Thrower : IDisposable
    {
        public void Dispose() => throw new InvalidOperationException("of a keep-alive");
    }
}
