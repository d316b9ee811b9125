using Sconce.Export;
using Sconce.Nn;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Export;

/// <summary>Each operator of the table, on its own, against ONNX Runtime at a batch that was not traced.</summary>
public sealed class OnnxOperatorTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sconce-onnx-ops-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Arithmetic_agrees() => Check([6, 8],
        ("add", x => x.Add(x, alpha: 0.5)), ("sub", x => 3 - x), ("div", x => x / (x.Square() + 1)), ("pow", x => x.Abs().Pow(1.7)),
        ("square", x => x.Pow(2)),
        ("max", x => x.Maximum(x * 0.3)), ("min", x => x.Minimum(-x)), ("clamp", x => x.Clamp(-0.5, 0.25)),
        ("clampmin", x => x.ClampMin(0.1)), ("exp", x => x.Exp()),
        ("log", x => (x.Abs() + 0.5).Log()), ("sqrt", x => x.Abs().Sqrt()), ("rsqrt", x => (x.Abs() + 0.1).Rsqrt()),
        ("reciprocal", x => (x.Abs() + 0.1).Reciprocal()), ("sin", x => x.Sin()),
        ("cos", x => x.Cos()), ("erf", x => x.Erf()), ("floor", x => x.Floor()), ("sign", x => x.Sign()), ("neg", x => -x),
        ("expm1", x => x.Expm1()), ("log1p", x => x.Abs().Log1p()),
        ("greater", x => x.Gt(0).To(DType.Float32)), ("where", x => Functional.Where(x.Lt(0), x, x * 2)),
        ("masked", x => x.MaskedFill(x.Lt(0), -3)), ("and", x => x.Lt(0.5).LogicalAnd(x.Gt(-0.5)).To(DType.Float32)));

    [Fact]
    public void Activations_agree() => Check([6, 8],
        ("relu", x => x.Relu()), ("relu6", x => x.Hardtanh(0, 6)), ("sigmoid", x => x.Sigmoid()), ("tanh", x => x.Tanh()),
        ("silu", x => x.Silu()), ("gelu", x => x.Gelu("none")), ("gelutanh", x => x.Gelu("tanh")),
        ("hardswish", x => x.Hardswish()), ("hardsigmoid", x => x.Hardsigmoid()), ("leaky", x => x.LeakyRelu(0.2)),
        ("elu", x => x.Elu(0.7)), ("selu", x => x.Selu()), ("softplus", x => x.Softplus()),
        ("mish", x => x.Mish()), ("glu", x => x.Glu(1)), ("softmax", x => x.Softmax(-1)), ("logsoftmax", x => x.LogSoftmax(1)));

    [Fact]
    public void Shapes_agree() => Check([4, 6],
        ("view", x => x.View([x.Size(0) * 4, 6])), ("reshape", x => x.Reshape([x.Size(0), 2, 2, -1])), ("flatten", x => x.Flatten(1)),
        ("flattenall", x => x.Flatten(0, 1)), ("transpose", x => x.Transpose(1, 2)),
        ("permute", x => x.Permute([2, 0, 1])), ("unsqueeze", x => x.Unsqueeze(-1)), ("squeeze", x => x.Unsqueeze(1).Squeeze(1)),
        ("expand", x => x.Unsqueeze(1).Expand([-1, 3, -1, -1])), ("repeat", x => x.Repeat([1, 2, 3])),
        ("cat", x => Tensor.Cat([x, x * 2], 1)), ("stack", x => Tensor.Stack([x, -x], 1)), ("split", x => x.Split(4, 2)[1]),
        ("chunk", x => x.Chunk(3, 2)[2]), ("unbind", x => x.Unbind(1)[3]), ("select", x => x.Select(1, -1)),
        ("slice", x => x.Slice(2, 1, 5, 2)), ("narrow", x => x.Narrow(1, 1, 2)), ("flip", x => x.Flip([2])),
        ("roll", x => x.Roll([2, -1], [1, 2])), ("triu", x => x.Triu(1)), ("tril", x => x.Tril(0)),
        ("gather", x => x.Gather(2, Tensor.Zeros([x.Size(0), 4, 2], DType.Int64))),
        ("index", x => x.IndexSelect(1, Tensor.From(new long[] { 3, 0 }))), ("zeros", x => x + Tensor.Ones([x.Size(0), 4, 6])),
        ("ids", x => x + Tensor.Arange(x.Size(0)).View([-1, 1, 1])));

    [Fact]
    public void Reductions_agree() => Check([5, 7],
        ("mean", x => x.Mean([1])), ("meankeep", x => x.Mean([1, 2], keepdim: true)), ("sum", x => x.Sum([2])), ("amax", x => x.Amax([1])),
        ("var", x => x.Var([2], unbiased: false)), ("std", x => x.Std([1])),
        ("argmax", x => x.Argmax(2).To(DType.Float32)), ("norm", x => x.LinalgVectorNorm(2, [2], true)), ("cumsum", x => x.Cumsum(2)),
        ("logsumexp", x => x.Logsumexp([2])), ("topk", x => x.Topk(3, 2).Values), ("max", x => x.Max(1).Values));

    [Fact]
    public void Layers_agree()
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(4);
        var weight = Tensor.Randn([6, 2, 3, 3]);
        var turned = Tensor.Randn([4, 3, 3, 3]);
        var bias = Tensor.Randn([6]);
        var four = Tensor.Rand([4]) + 0.5;
        var matrix = Tensor.Randn([5, 9]);
        var grid = Tensor.Rand([1, 5, 5, 2]) * 1.8 - 0.9;
        Check([4, 10, 9],
            ("conv", x => Functional.Conv2d(x, weight, bias, [2, 1], [1, 2], [1, 1], 2)),
            ("transposed", x => Functional.ConvTranspose2d(x, turned, null, [2, 2], [1, 1], [1, 1])),
            ("linear", x => Functional.Linear(x, matrix)),
            ("maxpool", x => x.MaxPool2d([3, 3], [2, 2], [1, 1], [1, 1], true)), ("avgpool", x => x.AvgPool2d([3, 3], [2, 2], [1, 1])),
            ("avgpoolceil", x => x.AvgPool2d([2, 2], [2, 2], [0, 0], true, false)),
            ("avgpoolpad", x => x.AvgPool2d([3, 3], [2, 2], [1, 1], false, false)), ("adaptive", x => x.AdaptiveAvgPool2d([4, 2])),
            ("global", x => x.AdaptiveAvgPool2d([1, 1])), ("divides", x => x.AdaptiveAvgPool2d([5, 3])),
            ("nearest", x => x.UpsampleNearest2d([15, 20])), ("bilinear", x => x.UpsampleBilinear2d([15, 20], false)),
            ("corners", x => x.UpsampleBilinear2d([15, 20], true)), ("bicubic", x => x.UpsampleBicubic2d([15, 20], false)),
            ("byscale", x => Functional.InterpolateBy(x, 2, Interpolation.Bilinear)), ("shuffle", x => x.PixelShuffle(2)),
            ("pad", x => Functional.Pad(x, [1, 2, 3, 0], PaddingMode.Zeros, 0.5)),
            ("reflect", x => Functional.Pad(x, [1, 2, 3, 1], PaddingMode.Reflect)),
            ("replicate", x => Functional.Pad(x, [1, 2, 3, 1], PaddingMode.Replicate)),
            ("unfold", x => x.Im2col([3, 2], [1, 2], [1, 0], [2, 1])), ("groupnorm", x => Functional.GroupNorm(x, 2, four, four)),
            ("instancenorm", x => Functional.InstanceNorm(x, null, null, null, null, true, 0.1, 1e-5, false)),
            ("layernorm", x => Functional.LayerNorm(x, [10, 9])),
            ("batchnorm", x => Functional.BatchNorm(x, four, null, four, four, false, 0.1, 1e-5, false)),
            ("einsum", x => Tensor.Einsum("nchw,ncvw->nhv", [x, x])), ("matmul", x => x.Matmul(x.Transpose(2, 3))),
            ("grid", x => Functional.GridSampler(x, grid.Expand([x.Size(0), -1, -1, -1]), 0, 0, false)),
            ("shufflechannels", x => x.ChannelShuffle(2)));
    }

    [Fact]
    public void A_write_in_place_is_followed_and_one_into_a_view_that_is_read_later_is_refused()
    {
        Check([6], ("inplace", x => (x * 2).AddInPlace(x).ReluInPlace()));
        using var scope = new TensorScope();
        var error = Assert.Throws<ExportException>(() => Write(x =>
        {
            var twice = x * 2;
            twice.Select(1, 0).MulInPlace(x.Select(1, 1));
            return twice;
        }, [6]));
        Assert.Contains("is a view", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_without_a_counterpart_is_named_and_nothing_is_written()
    {
        using var scope = new TensorScope();
        var error = Assert.Throws<ExportException>(() => Write(x => x.Sigmoid().Erfinv() + (x.Abs() + 1).Lgamma(), [3]));
        Assert.Contains("aten::erfinv, aten::lgamma", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder));
    }

    private ExportResult Write(Func<Tensor, Tensor> function, long[] shape)
    {
        using var network = new Identity();
        return OnnxExport.Write(network, new ExportFunction("", [ExportInput.Noise("x", shape)], ["y"], inputs => [function(inputs[0])]),
            Path.Combine(folder, "operator.onnx"));
    }

    private void Check(long[] shape, params (string Name, Func<Tensor, Tensor> Function)[] operators)
    {
        OnnxRuntime.Require();
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        TorchRuntime.ManualSeed(2);
        using var network = new Identity();
        string path = Path.Combine(folder, "operators.onnx");
        var function = new ExportFunction("", [ExportInput.Noise("x", shape)], [.. operators.Select(entry => entry.Name)],
            inputs => [.. operators.Select(entry => entry.Function(inputs[0]))]);
        var result = OnnxExport.Write(network, function, path);
        Assert.Equal("", result.FixedBecause);
        int[] batches = [1, 5];
        var inputs = batches.Select(batch => new Dictionary<string, Tensor> { ["x"] = Tensor.Randn([batch, .. shape]) }).ToList();
        var answers = OnnxRuntime.Run(path, inputs, function.Outputs);
        var wrong = new List<string>();
        for (int run = 0; run < batches.Length; run++)
        {
            var expected = function.Run([inputs[run]["x"]]);
            for (int k = 0; k < expected.Length; k++)
            {
                double difference = Agreement.Of(answers[run][k], expected[k]);
                if (!(difference <= 1e-4)) wrong.Add($"{function.Outputs[k]} at a batch of {batches[run]}: {difference:G3}");
            }
        }

        Assert.Empty(wrong);
    }

    private sealed class Identity : Module<Tensor, Tensor>
    {
        protected override Tensor Forward(Tensor x) => x;
    }
}
