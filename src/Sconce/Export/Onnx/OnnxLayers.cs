using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Convolutions, products of matrices, norms, embeddings.</summary>
internal static class OnnxLayers
{
    public static IEnumerable<KeyValuePair<string, Action<OnnxCall>>> Table { get; } = new Dictionary<string, Action<OnnxCall>>
    {
        ["aten::_convolution"] = Convolution,
        ["aten::convolution"] = Convolution,
        ["aten::conv1d"] = call => Convolve(call, call.Ints(3), Padding(call, 4), call.Ints(5), call.Int(6)),
        ["aten::conv2d"] = call => Convolve(call, call.Ints(3), Padding(call, 4), call.Ints(5), call.Int(6)),
        ["aten::conv3d"] = call => Convolve(call, call.Ints(3), Padding(call, 4), call.Ints(5), call.Int(6)),
        ["aten::conv_transpose1d"] = call => Transposed(call, call.Ints(3), call.Ints(4), call.Ints(5), call.Int(6), call.Ints(7)),
        ["aten::conv_transpose2d"] = call => Transposed(call, call.Ints(3), call.Ints(4), call.Ints(5), call.Int(6), call.Ints(7)),
        ["aten::conv_transpose3d"] = call => Transposed(call, call.Ints(3), call.Ints(4), call.Ints(5), call.Int(6), call.Ints(7)),
        ["aten::linear"] = Linear,
        ["aten::matmul"] = MatMul,
        ["aten::mm"] = MatMul,
        ["aten::bmm"] = MatMul,
        ["aten::mv"] = MatMul,
        ["aten::addmm"] = call => call.Return(call.Add("Gemm", [call.Tensor(1).Name, call.Tensor(2).Name, call.Tensor(0).Name],
            ("alpha", call.Real(4)), ("beta", call.Real(3)))),
        ["aten::baddbmm"] = ScaledProduct,
        ["aten::einsum"] = call =>
            call.Return(call.Add("Einsum", call.Tensors(1).Select(tensor => tensor.Name), ("equation", call.Text(0)))),
        ["aten::batch_norm"] = BatchNorm,
        ["aten::layer_norm"] = LayerNorm,
        ["aten::group_norm"] = GroupNorm,
        ["aten::instance_norm"] = InstanceNorm,
        ["aten::embedding"] = call => call.Return(call.Add("Gather", [call.Tensor(0).Name, call.Tensor(1).Name], ("axis", 0))),
    };

    // (input, weight, bias, stride, padding, dilation, transposed, output padding, groups, …)
    private static void Convolution(OnnxCall call)
    {
        if (call.Bool(6)) Transposed(call, call.Ints(3), call.Ints(4), call.Ints(7), call.Int(8), call.Ints(5));
        else Convolve(call, call.Ints(3), call.Ints(4), call.Ints(5), call.Int(8));
    }

    private static long[] Padding(OnnxCall call, int index) => call.Argument(index) switch
    {
        "valid" => [0],
        string words => throw call.Fault($"padding '{words}'"),
        _ => call.Ints(index),
    };

    private static void Convolve(OnnxCall call, long[] stride, long[] padding, long[] dilation, long groups)
    {
        var weight = call.Tensor(1);
        int dimensions = weight.Rank - 2;
        long[] pads = Each(padding, dimensions);
        call.Return(call.Add(
            "Conv",
            WithBias(call, 2, call.Tensor(0).Name, weight.Name),
            ("kernel_shape", weight.Sizes.Skip(2)),
            ("strides", Each(stride, dimensions)),
            ("pads", pads.Concat(pads)),
            ("dilations", Each(dilation, dimensions)),
            ("group", groups)));
    }

    private static void Transposed(OnnxCall call, long[] stride, long[] padding, long[] outputPadding, long groups, long[] dilation)
    {
        var weight = call.Tensor(1);
        int dimensions = weight.Rank - 2;
        long[] pads = Each(padding, dimensions);
        call.Return(call.Add(
            "ConvTranspose",
            WithBias(call, 2, call.Tensor(0).Name, weight.Name),
            ("kernel_shape", weight.Sizes.Skip(2)),
            ("strides", Each(stride, dimensions)),
            ("pads", pads.Concat(pads)),
            ("output_padding", Each(outputPadding, dimensions)),
            ("dilations", Each(dilation, dimensions)),
            ("group", groups)));
    }

    private static IEnumerable<string> WithBias(OnnxCall call, int bias, params string[] inputs) =>
        call.Has(bias) ? [.. inputs, call.Tensor(bias).Name] : inputs;

    // One number stands for every dimension.
    private static long[] Each(long[] numbers, int dimensions) =>
        numbers.Length == 1 ? [.. Enumerable.Repeat(numbers[0], dimensions)] : numbers;

    private static void Linear(OnnxCall call)
    {
        var (x, weight) = (call.Tensor(0), call.Tensor(1));
        if (x.Rank == 2)
        {
            call.Return(call.Add("Gemm", WithBias(call, 2, x.Name, weight.Name), ("transB", 1)));
            return;
        }

        string product = call.Add("MatMul", [x.Name, call.Add("Transpose", [weight.Name], ("perm", (IEnumerable<long>)[1, 0]))]);
        call.Return(call.Has(2) ? call.Add("Add", [product, call.Tensor(2).Name]) : product);
    }

    private static void MatMul(OnnxCall call) => call.Return(call.Add("MatMul", [call.Tensor(0).Name, call.Tensor(1).Name]));

    // beta · sum + alpha · a b; with beta 0 the sum is not read.
    private static void ScaledProduct(OnnxCall call)
    {
        var type = call.ResultNumbers;
        double beta = call.Real(3), alpha = call.Real(4);
        string product = call.Add("MatMul", [call.Tensor(1).Name, call.Tensor(2).Name]);
        if (alpha != 1) product = call.Add("Mul", [product, call.Onnx.Scalar(alpha, type)]);
        if (beta == 0)
        {
            call.Return(product);
            return;
        }

        string sum = call.Tensor(0).Name;
        if (beta != 1) sum = call.Add("Mul", [sum, call.Onnx.Scalar(beta, type)]);
        call.Return(call.Add("Add", [sum, product]));
    }

    private static string Filled(OnnxCall call, double value, params ReadOnlySpan<long> shape)
    {
        using var scope = new TensorScope();
        return call.Onnx.Constant(Tensor.Full(shape, value, call.ResultNumbers));
    }

    private static void BatchNorm(OnnxCall call)
    {
        if (call.Bool(5)) throw call.Fault("statistics of the batch");
        var x = call.Tensor(0);
        long channels = x.Sizes[1];
        string scale = call.Has(1) ? call.Tensor(1).Name : Filled(call, 1, channels),
            shift = call.Has(2) ? call.Tensor(2).Name : Filled(call, 0, channels);
        call.Return(call.Add("BatchNormalization", [x.Name, scale, shift, call.Tensor(3).Name, call.Tensor(4).Name],
            ("epsilon", call.Real(7))));
    }

    private static void LayerNorm(OnnxCall call)
    {
        long[] shape = call.Ints(1);
        string scale = call.Has(2) ? call.Tensor(2).Name : Filled(call, 1, shape);
        call.Return(call.Add("LayerNormalization", WithBias(call, 3, call.Tensor(0).Name, scale), ("axis", -shape.Length),
            ("epsilon", call.Real(4))));
    }

    // Groups as the channels of an instance norm, then each channel's own scale and shift.
    private static void GroupNorm(OnnxCall call)
    {
        var x = call.Tensor(0);
        long groups = call.Int(1);
        string grouped = call.Add("Reshape", [x.Name, call.Onnx.Ints(0, groups, -1)]);
        string normal = call.Add("InstanceNormalization", [grouped, Filled(call, 1, groups), Filled(call, 0, groups)],
            ("epsilon", call.Real(4)));
        string result = call.Add("Reshape", [normal, call.Add("Shape", [x.Name])]);
        string perChannel = call.Onnx.Ints([-1, .. Enumerable.Repeat(1L, x.Rank - 2)]);
        if (call.Has(2)) result = call.Add("Mul", [result, call.Add("Reshape", [call.Tensor(2).Name, perChannel])]);
        if (call.Has(3)) result = call.Add("Add", [result, call.Add("Reshape", [call.Tensor(3).Name, perChannel])]);
        call.Return(result);
    }

    private static void InstanceNorm(OnnxCall call)
    {
        if (!call.Bool(5)) throw call.Fault("running statistics");
        var x = call.Tensor(0);
        string scale = call.Has(1) ? call.Tensor(1).Name : Filled(call, 1, x.Sizes[1]),
            shift = call.Has(2) ? call.Tensor(2).Name : Filled(call, 0, x.Sizes[1]);
        call.Return(call.Add("InstanceNormalization", [x.Name, scale, shift], ("epsilon", call.Real(7))));
    }
}
