using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace Sconce.Generators.Tests;

public sealed class OperatorGeneratorTests
{
    [Theory]
    [InlineData("aten::log_softmax.int(Tensor self, int dim, ScalarType? dtype=None) -> Tensor", "public Tensor LogSoftmax(long dim, "
        + "DType? dtype = null)")]
    [InlineData("aten::relu_(Tensor(a!) self) -> Tensor(a!)", "public Tensor ReluInPlace()")]
    [InlineData("aten::conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1) -> Tensor", "public static Tensor "
        + "Conv2d(Tensor input, Tensor weight, Tensor? bias = null, ReadOnlySpan<long> stride = default)")]
    [InlineData("aten::cat(Tensor[] tensors, int dim=0) -> Tensor", "public static Tensor Cat(ReadOnlySpan<Tensor> tensors, long dim = 0)")]
    [InlineData("aten::max.dim(Tensor self, int dim, bool keepdim=False) -> (Tensor values, Tensor indices)", "public (Tensor Values, "
        + "Tensor Indices) Max(long dim, bool keepdim = false)")]
    [InlineData("aten::zeros(SymInt[] size, *, ScalarType? dtype=None) -> Tensor", "public static Tensor Zeros(ReadOnlySpan<long> size, "
        + "DType? dtype = null)")]
    public void A_schema_line_becomes_a_typed_method(string line, string signature) =>
        Assert.Contains(signature, Text(line), StringComparison.Ordinal);

    [Fact]
    public void A_number_for_a_list_of_fixed_length_fills_the_list() =>
        Assert.Contains("[1, 1]", Text("aten::conv2d(Tensor input, Tensor weight, int[2] stride=1) -> Tensor"), StringComparison.Ordinal);

    [Fact]
    public void A_method_is_documented_with_its_schema() =>
        Assert.Contains("<c>aten::relu(Tensor self) -&gt; Tensor</c>", Text("aten::relu(Tensor self) -> Tensor"), StringComparison.Ordinal);

    [Theory]
    [InlineData("aten::relu")]
    [InlineData("relu(Tensor self) -> Tensor")]
    [InlineData("aten::odd(Storage self) -> Tensor")]
    public void A_line_that_is_no_schema_is_an_error_with_its_number(string line) =>
        Assert.Contains(Run(line).Diagnostics, diagnostic => diagnostic.Id == "SCN001"
            && diagnostic.GetMessage().Contains("line 1", StringComparison.Ordinal));

    private static string Text(string line)
    {
        var result = Run(line);
        Assert.Empty(result.Diagnostics);
        return string.Join('\n', result.GeneratedTrees.Select(tree => tree.ToString()));
    }

    private static GeneratorDriverRunResult Run(string line) =>
        CSharpGeneratorDriver.Create([new OperatorGenerator().AsSourceGenerator()], [new Lines(line)])
            .RunGenerators(CSharpCompilation.Create("Tried")).GetRunResult();

    private sealed class Lines(string text) : AdditionalText
    {
        public override string Path => "operators.txt";

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
