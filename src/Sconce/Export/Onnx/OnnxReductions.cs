using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Sums, means, extremes and norms over dimensions.</summary>
internal static class OnnxReductions
{
    public static IEnumerable<KeyValuePair<string, Action<OnnxCall>>> Table { get; } = new Dictionary<string, Action<OnnxCall>>
    {
        ["aten::mean"] = call => Reduce(call, "ReduceMean", Over(call, 1)),
        ["aten::sum"] = Sum,
        ["aten::amax"] = call => Reduce(call, "ReduceMax", Over(call, 1)),
        ["aten::amin"] = call => Reduce(call, "ReduceMin", Over(call, 1)),
        ["aten::logsumexp"] = call => Reduce(call, "ReduceLogSumExp", Over(call, 1)),
        ["aten::prod"] = call => Reduce(call, "ReduceProd", Over(call, 1)),
        ["aten::max"] = call => Extreme(call, "Max"),
        ["aten::min"] = call => Extreme(call, "Min"),
        ["aten::argmax"] = call => Arg(call, "ArgMax"),
        ["aten::argmin"] = call => Arg(call, "ArgMin"),
        ["aten::var"] = call => call.Return(Variance(call, out _)),
        ["aten::std"] = call => call.Return(call.Add("Sqrt", [Variance(call, out _)])),
        ["aten::var_mean"] = VarianceAndMean,
        ["aten::norm"] = call => Norm(call, call.Has(1) ? call.Real(1) : 2, 2),
        ["aten::linalg_vector_norm"] = call => Norm(call, call.Real(1), 2),
        ["aten::cumsum"] = call => call.Return(
            call.Add("CumSum", [call.Operand(0, call.ResultNumbers), call.Onnx.Scalar(call.Tensor(0).Axis(call.Int(1)), DType.Int64)])),
        ["aten::topk"] = call => TopK(call, call.Int(1), call.Tensor(0).Axis(call.Int(2)), call.Bool(3)),
        ["aten::sort"] = Sort,
    };

    // Dimensions and whether they stay; all of them, and gone, where the call names none.
    private static (long[] Axes, bool Keeps) Over(OnnxCall call, int index)
    {
        var x = call.Tensor(0);
        bool named = call.Count > index + 1 && call.Has(index) && call.Argument(index) is not bool;
        long[] axes = named ? [.. call.Ints(index).Select(axis => (long)x.Axis(axis))] : [];
        return (axes.Length > 0 ? axes : [.. Enumerable.Range(0, x.Rank).Select(axis => (long)axis)], named
            && call.Argument(index + 1) is true);
    }

    private static void Reduce(OnnxCall call, string operation, (long[] Axes, bool Keeps) over) =>
        call.Return(call.Add(operation, [call.Operand(0, call.ResultNumbers)], ("axes", over.Axes), ("keepdims", over.Keeps)));

    // Since opset 13 a sum's axes are an input.
    private static string Summed(OnnxCall call, string x, (long[] Axes, bool Keeps) over) =>
        call.Add("ReduceSum", [x, call.Onnx.Ints(over.Axes)], ("keepdims", over.Keeps));

    private static void Sum(OnnxCall call) => call.Return(Summed(call, call.Operand(0, call.ResultNumbers), Over(call, 1)));

    private static void Extreme(OnnxCall call, string which)
    {
        if (call.Count == 2 && call.Argument(1) is OnnxTensor)
        {
            call.Return(call.Add(which, [call.Operand(0, call.ResultNumbers), call.Operand(1, call.ResultNumbers)]));
            return;
        }

        Reduce(call, $"Reduce{which}", Over(call, 1));
        if (call.Results == 2)
            call.Return(call.Add($"Arg{which}", [call.Tensor(0).Name], ("axis", call.Tensor(0).Axis(call.Int(1))),
                ("keepdims", call.Bool(2))), 1);
    }

    private static void Arg(OnnxCall call, string operation)
    {
        var x = call.Tensor(0);
        if (call.Has(1)) call.Return(call.Add(operation, [x.Name], ("axis", x.Axis(call.Int(1))), ("keepdims", call.Bool(2))));
        else call.Return(call.Add(operation, [call.Add("Reshape", [x.Name, call.Onnx.Ints(-1)])], ("axis", 0), ("keepdims", false)));
    }

    // (x, unbiased) or (x, dims, unbiased or correction, keepdim)
    private static string Variance(OnnxCall call, out string mean)
    {
        var x = call.Tensor(0);
        bool whole = call.Count == 2;
        long[] axes = whole || !call.Has(1) || call.Ints(1).Length == 0
            ? [.. Enumerable.Range(0, x.Rank).Select(axis => (long)axis)] : [.. call.Ints(1).Select(axis => (long)x.Axis(axis))];
        bool keeps = !whole && call.Bool(3);
        int correction = whole ? 1 : 2;
        double lost = call.Has(correction) ? call.Argument(correction) is bool unbiased ? (unbiased ? 1 : 0) : call.Real(correction) : 1;
        if (axes.Any(axis => x.Sizes[(int)axis] < 0)) throw call.Fault("a variance over the batch");
        double count = axes.Aggregate(1.0, (product, axis) => product * x.Sizes[(int)axis]);
        mean = call.Add("ReduceMean", [x.Name], ("axes", axes), ("keepdims", true));
        string centred = call.Add("Sub", [x.Name, mean]);
        return call.Add("Div", [Summed(call, call.Add("Mul", [centred, centred]), (axes, keeps)), call.Onnx.Scalar(count - lost, x.Type)]);
    }

    private static void VarianceAndMean(OnnxCall call)
    {
        call.Return(Variance(call, out string mean));
        bool keeps = call.Count > 2 && call.Bool(3);
        var x = call.Tensor(0);
        long[] axes = call.Count == 2 || !call.Has(1)
            ? [.. Enumerable.Range(0, x.Rank).Select(axis => (long)axis)] : [.. call.Ints(1).Select(axis => (long)x.Axis(axis))];
        call.Return(keeps ? mean : call.Add("Squeeze", [mean, call.Onnx.Ints(axes)]), 1);
    }

    private static void Norm(OnnxCall call, double order, int dimensions)
    {
        string operation = order switch
        {
            1 => "ReduceL1",
            2 => "ReduceL2",
            double.PositiveInfinity => "",
            _ =>
            throw call.Fault($"the norm of order {order}")
        };
        var over = Over(call, dimensions);
        if (operation.Length > 0) Reduce(call, operation, over);
        else call.Return(call.Add("ReduceMax", [call.Add("Abs", [call.Tensor(0).Name])], ("axes", over.Axes), ("keepdims", over.Keeps)));
    }

    private static void TopK(OnnxCall call, long count, int axis, bool largest)
    {
        string[] results = call.Onnx.Add("TopK", [call.Tensor(0).Name, call.Onnx.Ints(count)], 2, ("axis", axis), ("largest", largest),
            ("sorted", true));
        call.Return(results[0]);
        call.Return(results[1], 1);
    }

    // (x, dim, descending), or (x, stable, dim, descending)
    private static void Sort(OnnxCall call)
    {
        var x = call.Tensor(0);
        int first = call.Count == 4 ? 2 : 1;
        int axis = x.Axis(call.Int(first));
        TopK(call, x.Sizes[axis] >= 0 ? x.Sizes[axis] : throw call.Fault("an order over the batch"), axis, call.Bool(first + 1));
    }
}
