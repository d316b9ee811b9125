using System.Numerics;
using Xunit;

namespace Sconce.Torch.Tests.Tensors;

public sealed unsafe class TensorDataTests
{
    [Fact]
    public void Every_type_of_element_comes_back_as_it_went()
    {
        RoundTrip<byte>(DType.UInt8, [0, 255, (byte)7]);
        RoundTrip<sbyte>(DType.Int8, [sbyte.MinValue, sbyte.MaxValue, (sbyte)-1]);
        RoundTrip<short>(DType.Int16, [short.MinValue, short.MaxValue, (short)0]);
        RoundTrip(DType.Int32, [int.MinValue, int.MaxValue, 0]);
        RoundTrip(DType.Int64, [long.MinValue, long.MaxValue, 0L]);
        RoundTrip(DType.Float16, [(Half)0.5f, Half.MaxValue, Half.NegativeInfinity]);
        RoundTrip(DType.Float32, [0.1f, float.MaxValue, float.NaN]);
        RoundTrip(DType.Float64, [0.1, double.Epsilon, double.NegativeInfinity]);
        RoundTrip(DType.Complex128, [new Complex(0.1, -2), Complex.ImaginaryOne, Complex.Zero]);
        RoundTrip(DType.Bool, [true, false, true]);

        static void RoundTrip<T>(DType dtype, T[] values)
            where T : unmanaged
        {
            using var scope = new TensorScope();
            var tensor = Tensor.From(values);
            Assert.Equal(dtype, tensor.DType);
            Assert.Equal(values, tensor.ToArray<T>());
            Assert.Equal(values, tensor.AsSpan<T>().ToArray());
            Assert.Equal(values[0], tensor[0].Item<T>());
            Assert.Equal(values[1], Tensor.FromScalar(values[1]).Item<T>());
            Assert.Equal(values, Tensor.FromBytes(tensor.AsBytes(), [3], dtype).ToArray<T>());
        }
    }

    [Fact]
    public void Elements_convert_on_the_way_out()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1.75f, -2f, 0f]);
        Assert.Equal([1L, -2, 0], x.ToArray<long>());
        Assert.Equal([true, true, false], x.ToArray<bool>());
        Assert.Equal([1.75, -2, 0], x.To(DType.BFloat16).ToArray<double>());
        Assert.Equal([(Half)1.75f, (Half)(-2), (Half)0], x.ToArray<Half>());
        Assert.Equal(new Complex(1.75, 0), x[0].Item<Complex>());
        Assert.Throws<OverflowException>(() => Tensor.FromScalar(300L).Item<byte>());
        Assert.Throws<TorchException>(() => x.Item<float>());
        Assert.Throws<NotSupportedException>(() => Tensor.From(['a']));
    }

    [Fact]
    public void Views_are_copied_in_their_own_order()
    {
        using var scope = new TensorScope();
        var x = Tensor.Arange(6, DType.Int64).Reshape([2, 3]);
        Assert.Equal([0L, 3, 1, 4, 2, 5], x.T().ToArray<long>());
        Assert.Equal([1L, 4], x[.., 1].ToArray<long>());
        Assert.Equal([7L, 7, 7], Tensor.FromScalar(7L).Expand([3]).ToArray<long>());
        Assert.False(x.T().IsContiguous);
        Assert.Contains("Contiguous()", Assert.Throws<TorchException>(() => x.T().AsSpan<long>().Length).Message);
        Assert.Contains("int64", Assert.Throws<TorchException>(() => x.AsSpan<int>().Length).Message);
    }

    [Fact]
    public void Conjugate_and_negative_views_give_their_elements_not_their_memory()
    {
        using var scope = new TensorScope();
        var z = Tensor.From([new Complex(1, 2), new Complex(3, -4)]);
        Assert.Equal([new Complex(1, -2), new Complex(3, 4)], z.Conj().ToArray<Complex>());
        Assert.Equal([-2.0, 4], z.Conj().Imag().ToArray<double>());
        Assert.Contains("ResolveConj", Assert.Throws<TorchException>(() => z.Conj().AsBytes().Length).Message);
        Assert.Equal([new Complex(1, -2), new Complex(3, 4)], z.Conj().ResolveConj().AsSpan<Complex>().ToArray());
    }

    [Fact]
    public void Numbers_that_do_not_fill_the_shape_are_refused()
    {
        Assert.Contains("5 elements", Assert.Throws<TorchException>(() => Tensor.From([1f, 2, 3, 4, 5], [2, 3])).Message);
        Assert.Throws<TorchException>(() => Tensor.FromBytes([1, 2, 3], [1], DType.Float32));
        Assert.Throws<OverflowException>(() => Tensor.FromBytes([], [long.MaxValue, 4], DType.Float32));
        using var empty = Tensor.From<float>([], [0, 3], Device.Cpu);
        Assert.Equal([0, 3], empty.Shape);

        static Tensor From(float[] data, long[] shape) => Tensor.From(data, shape);
        Assert.Throws<TorchException>(() => From([], [2]));
    }

    [Fact]
    public void Writing_through_a_span_changes_the_tensor()
    {
        using var scope = new TensorScope();
        var x = Tensor.Zeros([2, 2]);
        x.AsSpan<float>()[3] = 5;
        Assert.Equal(5f, x[1, 1].Item<float>());
    }

    [Fact]
    public void System_Numerics_tensors_convert_both_ways()
    {
        using var scope = new TensorScope();
        var numerics = System.Numerics.Tensors.Tensor.Create([1f, 2, 3, 4, 5, 6], [2, 3]);
        var x = Tensor.From(numerics.AsReadOnlyTensorSpan());
        Assert.Equal([2, 3], x.Shape);
        Assert.Equal(6f, x[1, 2].Item<float>());
        var back = (x * 2).T().ToNumericsTensor<float>();
        Assert.Equal([(nint)3, 2], back.Lengths.ToArray());
        Assert.Equal(4f, back[1, 0]);
        Assert.Equal(8f, back[0, 1]);
    }

    [Fact]
    public void Memory_of_others_is_held_until_the_last_view_is_gone()
    {
        var owner = new Owner(new float[] { 1, 2, 3, 4, 5, 6 });
        var whole = Tensor.Over(owner.Address, [2, 3], DType.Float32, owner);
        var view = whole[1];
        Assert.Equal((nint)owner.Address, (nint)whole.Data);
        *owner.Address = 10;
        using (new TensorScope()) Assert.Equal(10f, whole[0, 0].Item<float>());
        whole.Dispose();
        Assert.False(owner.Disposed);
        Assert.Equal([4f, 5, 6], view.ToArray<float>());
        view.Dispose();
        Assert.True(owner.Disposed);
    }

    [Fact]
    public void Memory_of_others_may_have_strides()
    {
        using var scope = new TensorScope();
        var owner = new Owner(new float[] { 1, 2, 3, 4, 5, 6 });
        var columns = Tensor.Over(owner.Address, [3, 2], DType.Float32, owner, [1, 3]);
        Assert.Equal([1f, 4, 2, 5, 3, 6], columns.ToArray<float>());
        Assert.Equal([1L, 3], columns.Strides);
    }

    [Fact]
    public void Tensors_that_share_memory_have_one_storage()
    {
        using var scope = new TensorScope();
        var x = Tensor.Zeros([4, 4]);
        var view = x[2];
        Assert.Equal(x.Storage.Address, view.Storage.Address);
        Assert.Equal((64L, 8L), (view.Storage.Bytes, view.Storage.Offset));
        Assert.NotEqual(x.Storage.Address, x.Clone().Storage.Address);
        Assert.Equal(0, x.Storage.Address % 64);
    }

    [Fact]
    public void Moving_or_converting_to_the_same_gives_the_same_tensor()
    {
        using var scope = new TensorScope();
        var x = Tensor.Zeros([1]);
        Assert.Same(x, x.To(DType.Float32));
        Assert.Same(x, x.Cpu());
        Assert.Same(x, x.To(Device.Cpu, DType.Float32));
        Assert.NotSame(x, x.To(DType.Float64));
    }

    [Fact]
    public void Every_buffer_is_aligned_for_vectors_and_counted()
    {
        using var watch = new MemoryWatch();
        using (new TensorScope())
        {
            foreach (long size in new long[] { 1, 3, 100, 10_000, 1_000_000 })
                Assert.Equal(0, (nint)Tensor.Empty([size], DType.UInt8).Data % 64);
            Assert.Equal(1_010_104, watch.Read().Live);
        }

        Assert.Equal((0L, 1_010_104L), watch.Read());
    }

    private sealed class Owner : IDisposable
    {
        private readonly System.Buffers.MemoryHandle pin;

        public Owner(float[] memory)
        {
            pin = memory.AsMemory().Pin();
            Address = (float*)pin.Pointer;
        }

        public float* Address { get; }

        public bool Disposed { get; private set; }

        public void Dispose()
        {
            pin.Dispose();
            Disposed = true;
        }
    }
}
