using System.Runtime.InteropServices;
using Google.Protobuf;
using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Numbers of 8 bits: pairs of QuantizeLinear and DequantizeLinear, which runtimes turn into arithmetic of 8 bits.</summary>
internal static class OnnxQuantization
{
    private const double Steps = 127, OffGrid = 1e-2;
    private const int Bits = 8;

    public static IEnumerable<KeyValuePair<string, Action<OnnxCall>>> Table { get; } = new Dictionary<string, Action<OnnxCall>>
    {
        ["aten::fake_quantize_per_tensor_affine"] = Activation,
        ["aten::fake_quantize_per_tensor_affine_cachemask"] = Activation,
    };

    /// <summary>Writes weights that stand on int8's grid as whole numbers with a scale a row.</summary>
    public static void StoreWeights(GraphProto graph)
    {
        var read = graph.Node.Where(node => node.OpType is "Conv" or "Gemm" && node.Input.Count > 1).Select(node => node.Input[1])
            .Concat(graph.Node.Where(node => node.OpType == "Transpose").Select(node => node.Input[0])).ToHashSet(StringComparer.Ordinal);
        var made = new List<NodeProto>();
        foreach (var weight in graph.Initializer.Where(tensor => read.Contains(tensor.Name)).ToList())
        {
            if (weight.Dims.Count < 2 || weight.DataType != OnnxTypes.Of(DType.Float32) || OnGrid(weight) is not { } grid) continue;
            graph.Initializer.Remove(weight);
            string levels = $"{weight.Name}_levels", scale = $"{weight.Name}_scale", zero = $"{weight.Name}_zero";
            graph.Initializer.Add(Constant(levels, DType.Int8, weight.Dims, MemoryMarshal.AsBytes<sbyte>(grid.Levels)));
            graph.Initializer.Add(Constant(scale, DType.Float32, [grid.Scales.Length], MemoryMarshal.AsBytes<float>(grid.Scales)));
            graph.Initializer.Add(Constant(zero, DType.Int8, [grid.Scales.Length], new byte[grid.Scales.Length]));
            var node = new NodeProto { Name = $"{weight.Name}_restored", OpType = "DequantizeLinear" };
            node.Input.AddRange([levels, scale, zero]);
            node.Output.Add(weight.Name);
            node.Attribute.Add(new AttributeProto { Name = "axis", I = 0, Type = 2 });
            made.Add(node);
        }

        for (int k = 0; k < made.Count; k++) graph.Node.Insert(k, made[k]);
    }

    /// <summary>Whole numbers and scales of rows; null where the weights stand between the steps.</summary>
    private static (sbyte[] Levels, float[] Scales)? OnGrid(TensorProto weight)
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
            scales[row] = largest > 0 ? (float)(largest / Steps) : 1;
            for (int k = 0; k < width; k++)
            {
                double level = own[k] / (double)scales[row], whole = Math.Round(level);
                if (Math.Abs(level - whole) > OffGrid) return null;
                levels[(row * width) + k] = (sbyte)whole;
            }
        }

        return (levels, scales);
    }

    private static TensorProto Constant(string name, DType type, IEnumerable<long> sizes, ReadOnlySpan<byte> bytes)
    {
        var tensor = new TensorProto { Name = name, DataType = OnnxTypes.Of(type), RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(sizes);
        return tensor;
    }

    /// <summary>scale, zero point, least and greatest level: 0 and 255 alone have a form.</summary>
    private static void Activation(OnnxCall call)
    {
        if (call.Int(3) != 0 || call.Int(4) != (1 << Bits) - 1) throw call.Fault("levels that are no unsigned bytes");
        string scale = call.Onnx.Scalar(call.Real(1), DType.Float32), zero = call.Onnx.Scalar(call.Int(2), DType.UInt8);
        string levels = call.Add("QuantizeLinear", [call.Tensor(0).Name, scale, zero]);
        call.Return(call.Add("DequantizeLinear", [levels, scale, zero]));
    }
}
