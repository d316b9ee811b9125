using System.Numerics;
using Xunit;

namespace Sconce.Torch.Tests.Door;

/// <summary>Every kind of argument and result that schemas know, through typed methods and through <see cref="Operator.Call"/>.</summary>
public sealed class ArgumentTests
{
    [Fact]
    public void Optional_tensors_may_be_left_out()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f, 3f], [1, 2]);
        Assert.Equal([-1f, 1f], Functional.LayerNorm(x, [2], eps: 0).ToArray<float>());
        Assert.Equal([-1f, 11f], Functional.LayerNorm(x, [2], Tensor.From([1f, 10f]), Tensor.From([0f, 1f]), eps: 0).ToArray<float>());
    }

    [Fact]
    public void Lists_of_tensors_go_in_and_come_out()
    {
        using var scope = new TensorScope();
        var joined = Tensor.Cat([Tensor.From([1L, 2]), Tensor.From([3L])]);
        Assert.Equal([1L, 2, 3], joined.ToArray<long>());
        var parts = joined.Split(2);
        Assert.Equal([2, 1], parts.Select(part => part.Elements));
        Assert.Equal([1L, 2, 3], ((Tensor)Operator.Find("aten::cat").Call(new[] { parts[0], parts[1] }, 0L)[0]!).ToArray<long>());
    }

    [Fact]
    public void Lists_may_have_holes()
    {
        using var scope = new TensorScope();
        var x = Tensor.Arange(6, DType.Int64).Reshape([2, 3]);
        Assert.Equal([2L, 5], x.Index([null, Tensor.From([2L])]).ToArray<long>());
        Assert.Equal([2L, 5],
            ((Tensor)Operator.Find("aten::index", "Tensor").Call(x, new[] { null, Tensor.From([2L]) })[0]!).ToArray<long>());
    }

    [Fact]
    public void Scalars_are_integers_reals_truth_values_and_complex_numbers()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1L, 2]);
        Assert.Equal(DType.Int64, (x * 3).DType);
        Assert.Equal(DType.Float32, (x * 0.5).DType);
        Assert.Equal(DType.Int64, (x * true).DType);
        Assert.Equal([new Complex(0, 1), new Complex(0, 2)], (x * Complex.ImaginaryOne).ToArray<Complex>());
        Assert.Equal([long.MaxValue], Tensor.Full([1], long.MaxValue, DType.Int64).ToArray<long>());
        Assert.Equal([5L, 6], ((Tensor)Operator.Find("aten::add", "Scalar").Call(x, (Scalar)2, 2)[0]!).ToArray<long>());
    }

    [Fact]
    public void Lists_of_scalars_keep_each_number()
    {
        using var scope = new TensorScope();
        var sums = Tensor.ForeachAdd([Tensor.From([1.0]), Tensor.From([1.0])], (ReadOnlySpan<Scalar>)[1, 0.25]);
        Assert.Equal([2.0, 1.25], sums.Select(sum => sum.Item<double>()));
        var called = (Tensor[])Operator.Find("aten::_foreach_add", "ScalarList").Call(sums, new Scalar[] { 1, 2 })[0]!;
        Assert.Equal([3.0, 3.25], called.Select(sum => sum.Item<double>()));
    }

    [Fact]
    public void Integers_reals_and_truth_values_come_in_lists()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([1, 1, 2, 2]);
        Assert.Equal([1, 1, 4, 6], x.UpsampleBilinear2d([4, 6], false).Shape);
        Assert.Equal([1, 1, 4, 6], Functional.UpsampleBilinear2d(x, default, false, (ReadOnlySpan<double>)[2, 3]).Shape);
        object?[] gradients = Operator.Find("aten::convolution_backward").Call(
            Tensor.Ones([1, 1, 2, 2]), x, Tensor.Ones([1, 1, 1, 1]), null, new long[] { 1, 1 }, new long[] { 0, 0 }, new long[] { 1, 1 },
            false, new long[] { 0, 0 }, 1L, new[] { false, true, false });
        Assert.Null(gradients[0]);
        Assert.Equal(4f, ((Tensor)gradients[1]!).Item<float>());
        Assert.Null(gradients[2]);
        Assert.Equal([2, 3], ((Tensor)Operator.Find("aten::zeros").Call(new[] { 2, 3 }, null, null, null, null)[0]!).Shape);
    }

    [Fact]
    public void Texts_are_UTF8_and_may_be_none()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([-7f, 7f]);
        Assert.Equal([-4f, 3f], x.Div(2, "floor").ToArray<float>());
        Assert.Equal([-3f, 3f], x.Div(2, "trunc").ToArray<float>());
        Assert.Equal([-3.5f, 3.5f], x.Div(2, (string?)null).ToArray<float>());
        Assert.NotEqual(x.Gelu().ToArray<float>(), (x * 0.1).Gelu(approximate: "tanh").ToArray<float>());
        Assert.Contains("né", Assert.Throws<TorchException>(() => x.Gelu(approximate: "né")).Message + "né");
        Assert.Throws<TorchException>(() => x.Div(2, "sideways"));
    }

    [Fact]
    public void Lists_of_texts_name_dimensions()
    {
        Assert.SkipUnless(Operator.Exists("aten::randn", "names"),
            $"libtorch {TorchRuntime.Version} has no named dimensions, and nothing else takes texts in a list");
        using var scope = new TensorScope();
        var named = (Tensor)Operator.Find("aten::randn", "names")
            .Call(new long[] { 2, 3 }, new[] { "dimname::N", "dimname::C" }, null, null, null, null)[0]!;
        Assert.Equal([2, 3], named.Shape);
        var summed = (Tensor)Operator.Find("aten::sum", "dim_DimnameList").Call(named, new[] { "dimname::C" }, false, null)[0]!;
        Assert.Equal([2], summed.Shape);
    }

    [Fact]
    public void Dtypes_layouts_devices_and_memory_formats_arrive()
    {
        using var scope = new TensorScope();
        Assert.Equal(DType.BFloat16, Tensor.Zeros([1], DType.BFloat16, Layout.Strided, Device.Cpu, false).DType);
        Assert.Equal(DeviceType.Meta, Tensor.Zeros([1], device: new Device(DeviceType.Meta)).Device.Type);
        Assert.Equal(Layout.SparseCoo, Tensor.Zeros([2, 2], layout: Layout.SparseCoo).Layout);
        Assert.Equal([18, 1, 6, 2], Tensor.Ones([1, 2, 3, 3]).Contiguous(MemoryFormat.ChannelsLast).Strides);
        Assert.Equal(DType.Float64, Functional.ResultType(Tensor.Ones([1]), Tensor.Ones([1], DType.Float64)));
        Assert.True(Tensor.CanCast(DType.Int32, DType.Float32));
        var made = (Tensor)Operator.Find("aten::empty", "memory_format")
            .Call(new long[] { 1, 2, 3, 3 }, DType.Float64, Layout.Strided, Device.Cpu, false, MemoryFormat.ChannelsLast)[0]!;
        Assert.Equal((DType.Float64, 1L), (made.DType, made.Strides[1]));
    }

    [Fact]
    public void Generators_are_used()
    {
        using var scope = new TensorScope();
        using var first = new Generator(5);
        using var second = new Generator(5);
        var typed = Tensor.Rand([3], first).ToArray<float>();
        var called = ((Tensor)Operator.Find("aten::rand", "generator")
            .Call(new long[] { 3 }, second, null, null, null, null)[0]!).ToArray<float>();
        Assert.Equal(typed, called);
    }

    [Fact]
    public void Results_are_numbers_truth_values_scalars_and_tuples()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([3f, 1f, 2f]);
        Assert.True(x.EqualTo(x.Clone()));
        Assert.Equal(2.0, x.Std().Item<float>() * 2, 1e-6);
        var (values, indices) = x.Topk(2);
        Assert.Equal([3f, 2f], values.ToArray<float>());
        Assert.Equal([0L, 2], indices.ToArray<long>());
        Assert.Equal(3, Tensor.From([3L]).Item().ToInt64());
        object?[] both = Operator.Find("aten::topk").Call(x, 1, -1, true, true);
        Assert.Equal(2, both.Length);
        Assert.Equal(false, Operator.Find("aten::is_nonzero").Call(Tensor.From([0f]))[0]);
    }

    [Fact]
    public void Values_that_only_libtorch_understands_are_passed_on()
    {
        Assert.SkipUnless(Operator.Exists("mkldnn_prepacked::conv2d_prepack"), "this libtorch has no oneDNN");
        using var scope = new TensorScope();
        var x = Figures.Numbers("x", 1, 3, 8, 8).Float();
        var weight = Figures.Numbers("w", 4, 3, 3, 3).Float();
        long[] one = [1, 1];
        using var packed = (OpaqueValue)Operator.Find("mkldnn_prepacked::conv2d_prepack")
            .Call(weight, null, one, one, one, 1L, new long[] { 1, 3, 8, 8 }, "none")[0]!;
        var result = (Tensor)Operator.Find("mkldnn_prepacked::conv2d_run").Call(x, packed)[0]!;
        Assert.True(result.Allclose(Functional.Conv2d(x, weight, null, [1, 1], [1, 1]), 1e-4, 1e-5));
        packed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Operator.Find("mkldnn_prepacked::conv2d_run").Call(x, packed));
    }

    [Fact]
    public void A_wrong_argument_is_refused()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([2]);
        Assert.Throws<TorchException>(() => Operator.Find("aten::relu").Call());
        Assert.Throws<TorchException>(() => Operator.Find("aten::relu").Call("text"));
        Assert.Contains("Uri",
            Assert.Throws<ArgumentException>(() => Operator.Find("aten::relu").Call(new Uri("https://example.org"))).Message);
        Assert.Contains("no default", Assert.Throws<ArgumentException>(() => x.Mul(default(Scalar))).Message);
    }

    [Fact]
    public void Devices_are_read_and_written()
    {
        Assert.Equal(new Device(DeviceType.Cuda, 1), Device.Parse("cuda:1"));
        Assert.Equal("cuda:1", Device.Cuda(1).ToString());
        Assert.Equal("cpu", Device.Parse("cpu").ToString());
        foreach (string wrong in new[] { "gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:999", "cpu:1", "" })
            Assert.Throws<FormatException>(() => Device.Parse(wrong));
    }
}
