using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Other shapes of the same numbers: views, joints, parts.</summary>
internal static class OnnxShapes
{
    public static IEnumerable<KeyValuePair<string, Action<OnnxCall>>> Table { get; } = new Dictionary<string, Action<OnnxCall>>
    {
        ["aten::size"] = Size,
        ["aten::reshape"] = Reshape,
        ["aten::view"] = Reshape,
        ["aten::_unsafe_view"] = Reshape,
        ["aten::reshape_as"] = call => call.Return(call.Add("Reshape", [call.Tensor(0).Name, call.Add("Shape", [call.Tensor(1).Name])])),
        ["aten::view_as"] = call => call.Return(call.Add("Reshape", [call.Tensor(0).Name, call.Add("Shape", [call.Tensor(1).Name])])),
        ["aten::flatten"] = Flatten,
        ["aten::unflatten"] = call => ByResult(call, call.Tensor(0).Axis(call.Int(1))),
        ["aten::channel_shuffle"] = ChannelShuffle,
        ["aten::native_channel_shuffle"] = ChannelShuffle,
        ["aten::transpose"] = Transpose,
        ["aten::swapaxes"] = Transpose,
        ["aten::t"] = Reverse,
        ["aten::numpy_T"] = Reverse,
        ["aten::permute"] = call => call.Return(
            call.Add("Transpose", [call.Tensor(0).Name], ("perm", call.Ints(1).Select(axis => (long)call.Tensor(0).Axis(axis))))),
        ["aten::movedim"] = MoveDimension,
        ["aten::squeeze"] = Squeeze,
        ["aten::unsqueeze"] = call => call.Return(call.Add("Unsqueeze",
            [call.Tensor(0).Name, call.Onnx.Ints(call.Int(1) < 0 ? call.Int(1) + call.Tensor(0).Rank + 1 : call.Int(1))])),
        ["aten::expand"] = Expand,
        ["aten::broadcast_to"] = Expand,
        ["aten::expand_as"] = call => call.Return(call.Add("Expand", [call.Tensor(0).Name, call.Add("Shape", [call.Tensor(1).Name])])),
        ["aten::repeat"] = Repeat,
        ["aten::tile"] = Repeat,
        ["aten::cat"] = call => call.Return(call.Add("Concat", Same(call), ("axis", call.Tensors(0)[0].Axis(call.Int(1))))),
        ["aten::concat"] = call => call.Return(call.Add("Concat", Same(call), ("axis", call.Tensors(0)[0].Axis(call.Int(1))))),
        ["aten::stack"] = Stack,
        ["aten::split"] = call => Split(call, Sizes(call, call.Tensor(0).Axis(call.Int(2)), call.Argument(1) is long size ? size : 0, 1),
            call.Tensor(0).Axis(call.Int(2))),
        ["aten::split_with_sizes"] = call => Split(call, call.Ints(1), call.Tensor(0).Axis(call.Int(2))),
        ["aten::chunk"] = Chunk,
        ["aten::unbind"] = Unbind,
        ["aten::contiguous"] = Same0,
        ["aten::clone"] = Same0,
        ["aten::detach"] = Same0,
        ["aten::alias"] = Same0,
        ["aten::to"] = call => call.Return(call.Operand(0, call.ResultNumbers)),
        ["aten::_to_copy"] = call => call.Return(call.Operand(0, call.ResultNumbers)),
        ["aten::type_as"] = call => call.Return(call.Operand(0, call.ResultNumbers)),
        ["aten::copy"] = call =>
            call.Return(call.Add("Expand", [call.Operand(1, call.ResultNumbers), call.Add("Shape", [call.Tensor(0).Name])])),
        ["prim::ListConstruct"] = List,
        ["prim::TupleConstruct"] = List,
        ["prim::ListUnpack"] = Unpack,
        ["prim::TupleUnpack"] = Unpack,
        ["prim::NumToTensor"] = call => call.ReturnValue(call.Argument(0)),
        ["aten::Int"] = call => call.ReturnValue(call.Argument(0)),
    };

    private static void Same0(OnnxCall call) => call.Return(call.Tensor(0).Name);

    private static void Size(OnnxCall call)
    {
        var x = call.Tensor(0);
        if (call.Count < 2) call.ReturnValue(Enumerable.Range(0, x.Rank).Select(axis => (object?)SizeOf(call, x, axis)).ToArray());
        else call.ReturnValue(SizeOf(call, x, x.Axis(call.Int(1))));
    }

    private static object SizeOf(OnnxCall call, OnnxTensor x, int axis) =>
        x.Sizes[axis] >= 0 ? x.Sizes[axis] : new OnnxNumber(call.Add("Shape", [x.Name], ("start", axis), ("end", axis + 1)));

    private static void Reshape(OnnxCall call)
    {
        var shape = call.Numbers(1);
        // One open size among known ones is what is left over.
        if (shape.Count(number => number is not long) == 1 && shape.All(number => number is not long || (long)number > 0))
            shape = [.. shape.Select(number => number is long ? number : -1L)];
        call.Return(call.Add("Reshape", [call.Tensor(0).Name, call.Shape(shape)]));
    }

    private static void Flatten(OnnxCall call)
    {
        var x = call.Tensor(0);
        if (x.Rank == 0) call.Return(call.Add("Reshape", [x.Name, call.Onnx.Ints(1)]));
        else ByResult(call, x.Axis(call.Int(1)));
    }

    // The result's sizes: the first ones stay as they are, and of the others at most one is open.
    private static void ByResult(OnnxCall call, int kept)
    {
        long[] shape = [.. call.ResultSizes];
        for (int k = 0; k < kept; k++)
        {
            if (shape[k] < 0) shape[k] = 0;
        }

        if (shape.Count(size => size < 0) > 1) throw call.Fault("two sizes that depend on the batch");
        call.Return(call.Add("Reshape", [call.Tensor(0).Name, call.Onnx.Ints(shape)]));
    }

    private static void ChannelShuffle(OnnxCall call)
    {
        var x = call.Tensor(0);
        long groups = call.Int(1), channels = x.Sizes[1];
        string split = call.Add("Reshape", [x.Name, call.Onnx.Ints(0, groups, channels / groups, -1)]);
        string turned = call.Add("Transpose", [split], ("perm", (IEnumerable<long>)[0, 2, 1, 3]));
        call.Return(call.Add("Reshape", [turned, call.Onnx.Ints([0, channels, .. x.Sizes.Skip(2)])]));
    }

    private static void Transpose(OnnxCall call)
    {
        var x = call.Tensor(0);
        long[] order = [.. Enumerable.Range(0, x.Rank).Select(axis => (long)axis)];
        int one = x.Axis(call.Int(1)), other = x.Axis(call.Int(2));
        (order[one], order[other]) = (other, one);
        call.Return(call.Add("Transpose", [x.Name], ("perm", order)));
    }

    private static void Reverse(OnnxCall call) =>
        call.Return(call.Add("Transpose", [call.Tensor(0).Name],
            ("perm", Enumerable.Range(0, call.Tensor(0).Rank).Reverse().Select(axis => (long)axis))));

    private static void MoveDimension(OnnxCall call)
    {
        var x = call.Tensor(0);
        int[] from = [.. call.Ints(1).Select(axis => x.Axis(axis))], to = [.. call.Ints(2).Select(axis => x.Axis(axis))];
        long[] order = [.. Enumerable.Repeat(-1L, x.Rank)];
        for (int k = 0; k < from.Length; k++) order[to[k]] = from[k];
        var rest = new Queue<int>(Enumerable.Range(0, x.Rank).Except(from));
        for (int k = 0; k < order.Length; k++)
        {
            if (order[k] < 0) order[k] = rest.Dequeue();
        }

        call.Return(call.Add("Transpose", [x.Name], ("perm", order)));
    }

    private static void Squeeze(OnnxCall call)
    {
        var x = call.Tensor(0);
        long[] axes = call.Has(1) ? [x.Axis(call.Int(1))] : [.. Enumerable.Range(0, x.Rank).Select(axis => (long)axis)];
        axes = [.. axes.Where(axis => x.Sizes[(int)axis] == 1)];
        call.Return(axes.Length == 0 ? x.Name : call.Add("Squeeze", [x.Name, call.Onnx.Ints(axes)]));
    }

    // In ONNX a size of 1 keeps what is there.
    private static void Expand(OnnxCall call) =>
        call.Return(call.Add("Expand",
            [call.Tensor(0).Name, call.Shape([.. call.Numbers(1).Select(number => number is -1L ? 1L : number)])]));

    private static void Repeat(OnnxCall call)
    {
        var x = call.Tensor(0);
        var times = call.Numbers(1).ToList();
        while (times.Count < x.Rank) times.Insert(0, 1L);
        string source = times.Count > x.Rank
            ? call.Add("Unsqueeze", [x.Name, call.Onnx.Ints(Enumerable.Range(0, times.Count - x.Rank).Select(axis => (long)axis))])
            : x.Name;
        call.Return(call.Add("Tile", [source, call.Shape(times)]));
    }

    private static IEnumerable<string> Same(OnnxCall call) =>
        call.Tensors(0).Select(tensor => call.Cast(tensor.Name, tensor.Type, call.ResultNumbers));

    private static void Stack(OnnxCall call)
    {
        int axis = (int)(call.Int(1) < 0 ? call.Int(1) + call.ResultSizes.Count : call.Int(1));
        call.Return(call.Add("Concat", Same(call).Select(name => call.Add("Unsqueeze", [name, call.Onnx.Ints(axis)])), ("axis", axis)));
    }

    private static long[] Sizes(OnnxCall call, int axis, long size, int argument)
    {
        if (size == 0) return call.Ints(argument);
        long all = call.Tensor(0).Sizes[axis];
        if (all < 0) throw call.Fault("parts of the batch");
        return [.. Enumerable.Range(0, (int)((all + size - 1) / size)).Select(k => Math.Min(size, all - (k * size)))];
    }

    private static void Chunk(OnnxCall call)
    {
        int axis = call.Tensor(0).Axis(call.Int(2));
        long all = call.Tensor(0).Sizes[axis], chunks = call.Int(1);
        Split(call, Sizes(call, axis, Math.Max(1, (all + chunks - 1) / chunks), 1), axis);
    }

    private static void Split(OnnxCall call, long[] sizes, int axis)
    {
        var x = call.Tensor(0);
        string[] parts = call.Onnx.Add("Split", [x.Name, call.Onnx.Ints(sizes)], sizes.Length, ("axis", axis));
        call.ReturnValue(parts.Select((name, k) =>
            (object?)new OnnxTensor(name, x.Type, [.. x.Sizes.Select((size, at) => at == axis ? sizes[k] : size)])).ToArray());
    }

    private static void Unbind(OnnxCall call)
    {
        var x = call.Tensor(0);
        int axis = x.Axis(call.Int(1));
        if (x.Sizes[axis] < 0) throw call.Fault("one tensor for each example of the batch");
        call.ReturnValue(Enumerable.Range(0, (int)x.Sizes[axis])
            .Select(k => (object?)new OnnxTensor(call.Add("Gather", [x.Name, call.Onnx.Scalar(k, DType.Int64)], ("axis", axis)), x.Type,
                [.. x.Sizes.Where((_, at) => at != axis)])).ToArray());
    }

    private static void List(OnnxCall call) => call.ReturnValue(Enumerable.Range(0, call.Count).Select(call.Argument).ToArray());

    private static void Unpack(OnnxCall call)
    {
        var items = ((IEnumerable<object?>)call.Argument(0)!).ToList();
        for (int k = 0; k < items.Count; k++) call.ReturnValue(items[k], k);
    }
}
