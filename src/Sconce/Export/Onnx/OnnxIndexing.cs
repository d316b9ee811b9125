using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Parts picked by number.</summary>
internal static class OnnxIndexing
{
    public static IEnumerable<KeyValuePair<string, Action<OnnxCall>>> Table { get; } = new Dictionary<string, Action<OnnxCall>>
    {
        ["aten::select"] = call => call.Return(call.Add("Gather", [call.Tensor(0).Name, call.Onnx.Scalar(call.Int(2), DType.Int64)],
            ("axis", call.Tensor(0).Axis(call.Int(1))))),
        ["aten::slice"] = Slice,
        ["aten::narrow"] = call =>
            call.Return(Cut(call, call.Tensor(0).Name, call.Tensor(0).Axis(call.Int(1)), call.Int(2), call.Int(2) + call.Int(3))),
        ["aten::index_select"] = call =>
            call.Return(call.Add("Gather", [call.Tensor(0).Name, call.Tensor(2).Name], ("axis", call.Tensor(0).Axis(call.Int(1))))),
        ["aten::gather"] = call =>
            call.Return(call.Add("GatherElements", [call.Tensor(0).Name, call.Tensor(2).Name], ("axis", call.Tensor(0).Axis(call.Int(1))))),
        ["aten::index"] = Index,
        ["aten::flip"] = Flip,
        ["aten::roll"] = Roll,
        ["aten::tril"] = call => Triangle(call, upper: false),
        ["aten::triu"] = call => Triangle(call, upper: true),
    };

    private static string Cut(OnnxCall call, string x, int axis, object? start, object? end, long step = 1) =>
        call.Add("Slice", [x, call.Number(start), call.Number(end), call.Onnx.Ints(axis), call.Onnx.Ints(step)]);

    private static void Slice(OnnxCall call) =>
        call.Return(Cut(call, call.Tensor(0).Name, call.Tensor(0).Axis(call.Int(1)), call.Argument(2) ?? 0L,
            call.Argument(3) ?? long.MaxValue, call.Has(4) ? call.Int(4) : 1));

    private static void Flip(OnnxCall call)
    {
        var x = call.Tensor(0);
        call.Return(call.Ints(1).Aggregate(x.Name, (name, axis) => Cut(call, name, x.Axis(axis), -1L, -long.MaxValue, -1)));
    }

    // What goes out at one end comes in at the other.
    private static void Roll(OnnxCall call)
    {
        var x = call.Tensor(0);
        long[] shifts = call.Ints(1), axes = call.Ints(2);
        if (axes.Length != shifts.Length) throw call.Fault("a shift without its dimension");
        string name = x.Name;
        for (int k = 0; k < axes.Length; k++)
        {
            int axis = x.Axis(axes[k]);
            if (x.Sizes[axis] < 0) throw call.Fault("a shift of the batch");
            long at = x.Sizes[axis] - ((shifts[k] % x.Sizes[axis]) + x.Sizes[axis]) % x.Sizes[axis];
            if (at == x.Sizes[axis]) continue;
            name = call.Add("Concat", [Cut(call, name, axis, at, long.MaxValue), Cut(call, name, axis, 0L, at)], ("axis", axis));
        }

        call.Return(name);
    }

    private static void Triangle(OnnxCall call, bool upper) =>
        call.Return(call.Add("Trilu", [call.Tensor(0).Name, call.Onnx.Scalar(call.Int(1), DType.Int64)], ("upper", upper)));

    // x[i, j, :] and the like: neighbouring dimensions indexed by tensors that broadcast together.
    private static void Index(OnnxCall call)
    {
        var x = call.Tensor(0);
        var list = ((IEnumerable<object?>)call.Argument(1)!).ToList();
        int first = list.FindIndex(index => index is not null), count = list.Count(index => index is not null);
        var indices = list.OfType<OnnxTensor>().ToList();
        if (indices.Any(index => index.Type is DType.Bool or DType.UInt8)) throw call.Fault("a mask, whose result has no fixed size");
        if (indices.Count != count || list.Skip(first).Take(count).Any(index => index is null))
            throw call.Fault("indices with whole dimensions between them");
        if (count == 1)
        {
            call.Return(call.Add("Gather", [x.Name, indices[0].Name], ("axis", first)));
            return;
        }

        int rank = indices.Max(index => index.Rank);
        string shape = call.Add("Shape", [indices.Select(index => index.Name).Aggregate((one, other) => call.Add("Add", [one, other]))]);
        string joined = call.Add("Concat",
            indices.Select(index => call.Add("Unsqueeze", [call.Add("Expand", [index.Name, shape]), call.Onnx.Ints(-1)])), ("axis", -1));
        // The indexed dimensions go to the front, where GatherND reads, and what it gives goes back to their place.
        string source = first == 0 ? x.Name
            : call.Add("Transpose", [x.Name],
                ("perm", Enumerable.Range(first, count).Concat(Enumerable.Range(0, first))
                    .Concat(Enumerable.Range(first + count, x.Rank - first - count)).Select(axis => (long)axis)));
        string found = call.Add("GatherND", [source, joined]);
        call.Return(first == 0 ? found
            : call.Add("Transpose", [found],
                ("perm", Enumerable.Range(rank, first).Concat(Enumerable.Range(0, rank))
                    .Concat(Enumerable.Range(rank + first, x.Rank - first - count)).Select(axis => (long)axis))));
    }
}
