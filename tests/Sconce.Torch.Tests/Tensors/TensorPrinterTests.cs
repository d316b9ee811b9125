using Xunit;

namespace Sconce.Torch.Tests.Tensors;

public sealed class TensorPrinterTests
{
    private static readonly Row[] Rows = Figures.Read<Row>("printing");

    public static TheoryData<string> Names => [.. Rows.Select(row => row.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_tensor_prints_as_Python_prints_it(string name)
    {
        using var scope = new TensorScope();
        var row = Rows.Single(row => row.Name == name);
        var tensor = Tensor.FromBytes(Convert.FromBase64String(row.Bytes), row.Shape,
            Enum.GetValues<DType>().Single(dtype => dtype.TorchName() == row.DType));
        Assert.Equal(row.Text, tensor.ToString());
        if (row.Grad is not null) Assert.Equal(row.Grad, tensor.WithGrad().ToString());
    }

    [Fact]
    public void The_recorded_operator_is_named()
    {
        using var scope = new TensorScope();
        var x = Tensor.From([1f, 2f]).WithGrad();
        Assert.Equal("tensor([2., 4.], grad_fn=<AddBackward0>)", (x + x).ToString());
        Assert.Equal("tensor(3., grad_fn=<SumBackward0>)", x.Sum().ToString());
    }

    [Fact]
    public void Views_print_what_they_show()
    {
        using var scope = new TensorScope();
        var x = Tensor.Arange(6, dtype: DType.Float32).Reshape([2, 3]);
        Assert.Equal("tensor([[0., 3.],\n        [1., 4.],\n        [2., 5.]])", x.T().ToString());
        var z = Tensor.From([new System.Numerics.Complex(1, 2)]);
        Assert.Equal("tensor([1.-2.j], dtype=torch.complex128)", z.Conj().ToString());
        Assert.Equal("tensor([-2.], dtype=torch.float64)", z.Conj().Imag().ToString());
    }

    [Fact]
    public void Sparse_and_meta_tensors_print_what_they_have()
    {
        using var scope = new TensorScope();
        var sparse = Tensor.From([0f, 3f, 0f, 4f], [2, 2]).ToSparse();
        Assert.Equal("tensor(indices=tensor([[0, 1],\n                       [1, 1]]),\n       values=tensor([3., 4.]),\n       size=(2, "
            + "2), nnz=2, layout=torch.sparse_coo)", sparse.ToString());
        Assert.Equal("tensor(..., device='meta', size=(2, 3))", Tensor.Empty([2, 3], device: new Device(DeviceType.Meta)).ToString());
    }

    [Fact]
    public void Printing_leaves_no_tensor_behind()
    {
        using var scope = new TensorScope();
        var x = Tensor.Ones([50, 50]);
        long before = TensorDiagnostics.Unfreed;
        Assert.Contains("...", x.ToString());
        Assert.Equal(before, TensorDiagnostics.Unfreed);
        x.Dispose();
        Assert.Equal("tensor(disposed)", x.ToString());
    }

    internal sealed record Row(string Name, string DType, long[] Shape, string Bytes, string Text, string? Grad);
}
