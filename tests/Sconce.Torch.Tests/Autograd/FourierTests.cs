using Xunit;

namespace Sconce.Torch.Tests.Autograd;

/// <summary><c>torch.fft</c>: every operator against PyTorch's figures, every gradient against finite differences.</summary>
public sealed class FourierTests
{
    private static readonly Row[] Rows = Figures.Read<Row>("fft");

    private static readonly Dictionary<string, Func<Tensor, long?, long, string?, Tensor>> OneDimension = new()
    {
        ["fft"] = (x, n, dim, norm) => x.FftFft(n, dim, norm),
        ["ifft"] = (x, n, dim, norm) => x.FftIfft(n, dim, norm),
        ["rfft"] = (x, n, dim, norm) => x.FftRfft(n, dim, norm),
        ["irfft"] = (x, n, dim, norm) => x.FftIrfft(n, dim, norm),
        ["hfft"] = (x, n, dim, norm) => x.FftHfft(n, dim, norm),
        ["ihfft"] = (x, n, dim, norm) => x.FftIhfft(n, dim, norm),
    };

    private static readonly Dictionary<string, Func<Tensor, long[], long[], string?, Tensor>> MoreDimensions = new()
    {
        ["fft2"] = (x, s, dims, norm) => x.FftFft2(s, dims, norm),
        ["ifft2"] = (x, s, dims, norm) => x.FftIfft2(s, dims, norm),
        ["rfft2"] = (x, s, dims, norm) => x.FftRfft2(s, dims, norm),
        ["irfft2"] = (x, s, dims, norm) => x.FftIrfft2(s, dims, norm),
        ["hfft2"] = (x, s, dims, norm) => x.FftHfft2(s, dims, norm),
        ["ihfft2"] = (x, s, dims, norm) => x.FftIhfft2(s, dims, norm),
        ["fftn"] = (x, s, dims, norm) => x.FftFftn(s, dims, norm),
        ["ifftn"] = (x, s, dims, norm) => x.FftIfftn(s, dims, norm),
        ["rfftn"] = (x, s, dims, norm) => x.FftRfftn(s, dims, norm),
        ["irfftn"] = (x, s, dims, norm) => x.FftIrfftn(s, dims, norm),
        ["hfftn"] = (x, s, dims, norm) => x.FftHfftn(s, dims, norm),
        ["ihfftn"] = (x, s, dims, norm) => x.FftIhfftn(s, dims, norm),
    };

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, Rows.Length)];

    public static TheoryData<int> Differentiable => [.. Enumerable.Range(0, Rows.Length).Where(k => Rows[k].Input is not null)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Transforms_give_PyTorch_s_figures(int index)
    {
        using var scope = new TensorScope();
        var row = Rows[index];
        var result = Compute(row, row.Input is null ? Input("real") : Input(row.Input));
        Assert.Equal(row.Complex, result.DType.IsComplex());
        Assert.Equal(row.Shape, result.Shape);
        double[] values = Figures.Flat(result);
        for (int k = 0; k < values.Length; k++) Assert.Equal(row.Values[k], values[k], 1e-12);
    }

    [Theory]
    [MemberData(nameof(Differentiable))]
    public void Their_gradients_agree_with_finite_differences(int index)
    {
        using var scope = new TensorScope();
        var row = Rows[index];
        var input = Input(row.Input!);
        bool complex = input.DType.IsComplex();
        var leaf = (complex ? input.ViewAsReal().Clone() : input).WithGrad();
        FiniteDifferences.Check(x => FiniteDifferences.Weigh(Compute(row, complex ? x.ViewAsComplex() : x)), leaf, 1e-7);
    }

    [Fact]
    public void Every_transform_of_the_loaded_libtorch_has_its_figures()
    {
        string[] there = [.. TorchRuntime.Schemas().Where(schema => schema.StartsWith("aten::fft_", StringComparison.Ordinal))
            .Select(schema => schema["aten::fft_".Length..schema.IndexOfAny(['(', '.'])]).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(there, Rows.Select(row => row.Op).Distinct().Order(StringComparer.Ordinal));
    }

    private static Tensor Input(string kind)
    {
        var real = Figures.Numbers("real", 4, 6);
        return kind == "real" ? real : Functional.Complex(real, Figures.Numbers("imaginary", 4, 6));
    }

    private static Tensor Compute(Row row, Tensor x) => row.Op switch
    {
        "fftfreq" => Tensor.FftFftfreq(7, 0.5),
        "rfftfreq" => Tensor.FftRfftfreq(8, 2),
        "fftshift" => x.FftFftshift(),
        "ifftshift" => x[..3, ..5].FftIfftshift(),
        _ when OneDimension.TryGetValue(row.Op, out var transform) => transform(x, row.N, row.Dim, row.Norm),
        _ => MoreDimensions[row.Op](x, row.S ?? [], row.Dims ?? [], row.Norm),
    };

    internal sealed record Row(string Op, string? Input, long? N, long Dim, long[]? S, long[]? Dims, string? Norm, bool Complex,
        long[] Shape, double[] Values);
}
