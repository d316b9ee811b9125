using System.Runtime.InteropServices;
using Google.Protobuf;
using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>
/// Writes weights that stand on int8's grid as whole numbers with a scale a row, and biases beside rounded inputs as int32 in steps of
/// input scale times weight scale, as integer convolutions and products add them.
/// </summary>
internal sealed class OnnxInt8Weights(GraphProto graph)
{
    private const double Steps = 127, OffGrid = 1e-2, LargestBias = 1 << 30;
    private readonly List<NodeProto> made = [];
    private readonly Dictionary<string, TensorProto> constants =
        graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);

    /// <summary>Does it in place.</summary>
    public void Store()
    {
        var readers = graph.Node.SelectMany(node => node.Input.Distinct().Select(input => (input, node)))
            .ToLookup(pair => pair.input, pair => pair.node, StringComparer.Ordinal);
        var producers = graph.Node.SelectMany(node => node.Output.Select(output => (output, node)))
            .ToDictionary(pair => pair.output, pair => pair.node, StringComparer.Ordinal);
        foreach (var weight in graph.Initializer.ToList())
        {
            if (weight.Dims.Count < 2 || weight.DataType != OnnxTypes.Of(DType.Float32)) continue;
            List<NodeProto> layers =
                [.. readers[weight.Name].Where(node => node.OpType is "Conv" or "Gemm" && node.Input[1] == weight.Name)];
            List<NodeProto> turns = [.. readers[weight.Name].Where(node => node.OpType == "Transpose")];
            if ((layers.Count == 0 && turns.Count == 0) || OnGrid(weight) is not { } grid) continue;
            var biases = layers.Select(layer => Bias(layer, producers, grid.Scales.Length)).OfType<LayerBias>().ToList();
            MakeRoom(grid, biases);
            graph.Initializer.Remove(weight);
            var turned = weight.Dims.Count == 2 && layers.Count == 0 && turns is [var turn] && readers[weight.Name].Count() == 1
                && readers[turn.Output[0]].All(node => node.OpType == "MatMul") ? turn : null;
            if (turned is null)
            {
                Restore(weight.Name, weight.Name, DType.Int8, weight.Dims, MemoryMarshal.AsBytes<sbyte>(grid.Levels), grid.Scales, 0);
            }
            else
            {
                // A product of integers wants its weights as they are multiplied.
                graph.Node.Remove(turned);
                Restore(weight.Name, turned.Output[0], DType.Int8, weight.Dims.Reverse(),
                    MemoryMarshal.AsBytes<sbyte>(Turned(grid.Levels, grid.Scales.Length)), grid.Scales, 1);
            }

            foreach (var bias in biases) Store(bias, grid.Scales);
        }

        for (int k = 0; k < made.Count; k++) graph.Node.Insert(k, made[k]);
        var read = graph.Node.SelectMany(node => node.Input).ToHashSet(StringComparer.Ordinal);
        foreach (var unread in graph.Initializer.Where(tensor => !read.Contains(tensor.Name)).ToList()) graph.Initializer.Remove(unread);
    }

    /// <summary>Whole numbers and scales of rows; null where the weights stand between the steps.</summary>
    private static Grid? OnGrid(TensorProto weight)
    {
        var values = MemoryMarshal.Cast<byte, float>(weight.RawData.Span);
        int rows = (int)weight.Dims[0], width = values.Length / Math.Max(1, rows);
        if (values.Length == 0) return null;
        var levels = new sbyte[values.Length];
        var scales = new float[rows];
        for (int row = 0; row < rows; row++)
        {
            var own = values.Slice(row * width, width);
            float largest = 0;
            foreach (float value in own) largest = Math.Max(largest, Math.Abs(value));
            scales[row] = (float)(largest / Steps);
            for (int k = 0; k < width && scales[row] > 0; k++)
            {
                double level = own[k] / (double)scales[row], whole = Math.Round(level);
                if (Math.Abs(level - whole) > OffGrid) return null;
                levels[(row * width) + k] = (sbyte)whole;
            }
        }

        return new Grid(levels, scales);
    }

    /// <summary>A row that is nearly zero beside its bias has coarser steps, so that the bias fits into 32 bits.</summary>
    private static void MakeRoom(Grid grid, List<LayerBias> biases)
    {
        int width = grid.Levels.Length / grid.Scales.Length;
        for (int row = 0; row < grid.Scales.Length; row++)
        {
            float scale = grid.Scales[row], least = (float)biases
                .Select(bias => Math.Abs(bias.Values[row]) / (bias.InputScale * LargestBias)).DefaultIfEmpty(0).Max();
            if (scale >= least && scale > 0) continue;
            grid.Scales[row] = least > 0 ? least : 1;
            foreach (ref sbyte level in grid.Levels.AsSpan(row * width, width)) level = (sbyte)Math.Round(level * scale / grid.Scales[row]);
        }
    }

    private LayerBias? Bias(NodeProto layer, Dictionary<string, NodeProto> producers, int rows)
    {
        if (layer.Input.Count < 3 || !constants.TryGetValue(layer.Input[2], out var bias)
            || bias.DataType != OnnxTypes.Of(DType.Float32) || bias.Dims is not [var size] || size != rows
            || !producers.TryGetValue(layer.Input[0], out var input) || input.OpType != "DequantizeLinear"
            || !constants.TryGetValue(input.Input[1], out var scale) || scale.Dims.Count > 0) return null;
        return new LayerBias(
            layer, MemoryMarshal.Cast<byte, float>(bias.RawData.Span).ToArray(), MemoryMarshal.Read<float>(scale.RawData.Span));
    }

    private void Store(LayerBias bias, float[] weightScales)
    {
        float[] scales = [.. weightScales.Select(scale => (float)((double)scale * bias.InputScale))];
        int[] levels = [.. bias.Values.Select((value, row) => scales[row] > 0 ? (int)Math.Round(value / (double)scales[row]) : 0)];
        string name = $"{bias.Layer.Name}_bias";
        Restore(name, name, DType.Int32, [levels.Length], MemoryMarshal.AsBytes<int>(levels), scales, 0);
        bias.Layer.Input[2] = name;
    }

    private void Restore(
        string name, string result, DType type, IEnumerable<long> sizes, ReadOnlySpan<byte> levels, float[] scales, int axis)
    {
        graph.Initializer.Add(Constant($"{name}_levels", type, sizes, levels));
        graph.Initializer.Add(Constant($"{name}_scale", DType.Float32, [scales.Length], MemoryMarshal.AsBytes<float>(scales)));
        graph.Initializer.Add(Constant($"{name}_zero", type, [scales.Length], new byte[scales.Length * type.Size()]));
        var node = new NodeProto { Name = $"{name}_restored", OpType = "DequantizeLinear" };
        node.Input.AddRange([$"{name}_levels", $"{name}_scale", $"{name}_zero"]);
        node.Output.Add(result);
        node.Attribute.Add(new AttributeProto { Name = "axis", I = axis, Type = 2 });
        made.Add(node);
    }

    private static sbyte[] Turned(sbyte[] levels, int rows)
    {
        int width = levels.Length / rows;
        var turned = new sbyte[levels.Length];
        for (int k = 0; k < levels.Length; k++) turned[(k % width * rows) + (k / width)] = levels[k];
        return turned;
    }

    private static TensorProto Constant(string name, DType type, IEnumerable<long> sizes, ReadOnlySpan<byte> bytes)
    {
        var tensor = new TensorProto { Name = name, DataType = OnnxTypes.Of(type), RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(sizes);
        return tensor;
    }

    private sealed record Grid(sbyte[] Levels, float[] Scales);

    private sealed record LayerBias(NodeProto Layer, float[] Values, float InputScale);
}
