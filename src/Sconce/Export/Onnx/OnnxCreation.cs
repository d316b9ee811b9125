using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Tensors out of nothing.</summary>
internal static class OnnxCreation
{
    public static IEnumerable<KeyValuePair<string, Action<OnnxCall>>> Table { get; } = new Dictionary<string, Action<OnnxCall>>
    {
        ["aten::zeros"] = call => Fill(call, 0, 0),
        ["aten::empty"] = call => Fill(call, 0, 0),
        ["aten::ones"] = call => Fill(call, 0, 1),
        ["aten::full"] = call => Fill(call, 0, call.Real(1)),
        ["aten::new_zeros"] = call => Fill(call, 1, 0),
        ["aten::new_empty"] = call => Fill(call, 1, 0),
        ["aten::new_ones"] = call => Fill(call, 1, 1),
        ["aten::new_full"] = call => Fill(call, 1, call.Real(2)),
        ["aten::zeros_like"] = call => Like(call, 0),
        ["aten::empty_like"] = call => Like(call, 0),
        ["aten::ones_like"] = call => Like(call, 1),
        ["aten::full_like"] = call => Like(call, call.Real(1)),
        ["aten::fill"] = call => Like(call, call.Real(1)),
        ["aten::zero"] = call => Like(call, 0),
        ["aten::arange"] = Range,
    };

    private static void Fill(OnnxCall call, int shape, double value) =>
        call.Return(call.Add("Expand", [call.Onnx.Scalar(value, call.ResultNumbers), call.Shape(call.Numbers(shape))]));

    private static void Like(OnnxCall call, double value) =>
        call.Return(call.Add("Expand", [call.Onnx.Scalar(value, call.ResultNumbers), call.Add("Shape", [call.Tensor(0).Name])]));

    // (end, four of the tensor's kind), (start, end, four) or (start, end, step, four)
    private static void Range(OnnxCall call)
    {
        int numbers = call.Count - 4;
        string start = numbers > 1 ? Number(0) : call.Onnx.Scalar(0, call.ResultNumbers);
        string step = numbers > 2 ? Number(2) : call.Onnx.Scalar(1, call.ResultNumbers);
        call.Return(call.Add("Range", [start, Number(numbers > 1 ? 1 : 0), step]));

        string Number(int index) => call.Argument(index) is OnnxNumber open
            ? call.Cast(call.Add("Squeeze", [open.Name, call.Onnx.Ints(0)]), DType.Int64, call.ResultNumbers)
            : call.Onnx.Scalar(call.Real(index), call.ResultNumbers);
    }
}
