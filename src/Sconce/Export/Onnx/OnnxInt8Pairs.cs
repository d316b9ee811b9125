using System.Runtime.InteropServices;
using Google.Protobuf;
using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>
/// Puts pairs of QuantizeLinear and DequantizeLinear where ONNX Runtime makes integer operators of what lies between them: behind
/// rectifiers, on both sides of max-pooling, on both summands of a sum, and one pair for all who read a tensor.
/// </summary>
internal sealed class OnnxInt8Pairs(GraphProto graph)
{
    private const int Levels = 255;
    private int made;

    /// <summary>Does it in place.</summary>
    public void Arrange()
    {
        foreach (var pool in graph.Node.Where(node => node.OpType == "MaxPool").ToList()) BeforePooling(pool);
        foreach (var quantize in Quantizers().ToList()) BehindRectifier(quantize);
        foreach (var quantize in Quantizers().ToList()) Share(quantize);
    }

    /// <summary>A maximum of levels is the level of the maximum: what is rounded behind it may be rounded before.</summary>
    private void BeforePooling(NodeProto pool)
    {
        if (pool.Output.Count != 1 || QuantizerOf(pool.Output[0]) is not { } behind || QuantizerOf(pool.Input[0]) is not null) return;
        if (Producer(pool.Input[0]) is not { } producer || producer.OpType == "DequantizeLinear") return;
        pool.Input[0] = Pair(pool.Input[0], behind.Input[1], behind.Input[2], graph.Node.IndexOf(producer) + 1);
    }

    /// <summary>A convolution's result that only a rectifier reads is rounded behind it, where half of the range is gone.</summary>
    private void BehindRectifier(NodeProto quantize)
    {
        string given = quantize.Input[0];
        if (Dequantizer(quantize) is not { } dequantize || Readers(given).Count != 1) return;
        if (Readers(dequantize.Output[0]) is not [{ OpType: "Relu" } rectifier]) return;
        rectifier.Input[0] = given;
        graph.Node.Remove(quantize);
        graph.Node.Remove(dequantize);
        if (QuantizerOf(rectifier.Output[0]) is not null) return;
        double scale = Number(quantize.Input[1]), zero = Initializer(quantize.Input[2])!.RawData[0];
        string half = Constant(DType.Float32, BitConverter.GetBytes((float)(scale * Math.Max(1, Levels - zero) / Levels))),
            none = Constant(DType.UInt8, [0]);
        var readers = Readers(rectifier.Output[0]);
        string restored = Pair(rectifier.Output[0], half, none, graph.Node.IndexOf(rectifier) + 1);
        foreach (var reader in readers) Redirect(reader, rectifier.Output[0], restored);
    }

    /// <summary>The first pair of a tensor stands behind what made it, and serves those who have an equal one, and sums.</summary>
    private void Share(NodeProto quantize)
    {
        string given = quantize.Input[0];
        if (!graph.Node.Contains(quantize) || Dequantizer(quantize) is not { } dequantize) return;
        // Rounding again to the same levels changes nothing.
        if (Producer(given) is { OpType: "DequantizeLinear" } before && Equal(before, quantize))
        {
            Remove(quantize, dequantize, given);
            return;
        }

        foreach (var other in Readers(given).Where(reader => reader != quantize && IsQuantizer(reader) && Equal(reader, quantize)).ToList())
            if (Dequantizer(other) is { } its) Remove(other, its, dequantize.Output[0]);
        graph.Node.Remove(quantize);
        graph.Node.Remove(dequantize);
        int place = Producer(given) is { } producer ? graph.Node.IndexOf(producer) + 1 : 0;
        graph.Node.Insert(place, quantize);
        graph.Node.Insert(place + 1, dequantize);
        foreach (var sum in Readers(given).Where(reader => reader.OpType == "Add")) Redirect(sum, given, dequantize.Output[0]);
    }

    private void Remove(NodeProto quantize, NodeProto dequantize, string instead)
    {
        foreach (var reader in Readers(dequantize.Output[0])) Redirect(reader, dequantize.Output[0], instead);
        graph.Node.Remove(quantize);
        graph.Node.Remove(dequantize);
    }

    private string Pair(string given, string scale, string zero, int place)
    {
        made++;
        var quantize = new NodeProto { Name = $"levels_{made}", OpType = "QuantizeLinear" };
        quantize.Input.AddRange([given, scale, zero]);
        quantize.Output.Add(quantize.Name);
        var dequantize = new NodeProto { Name = $"restored_{made}", OpType = "DequantizeLinear" };
        dequantize.Input.AddRange([quantize.Name, scale, zero]);
        dequantize.Output.Add(dequantize.Name);
        graph.Node.Insert(place, quantize);
        graph.Node.Insert(place + 1, dequantize);
        return dequantize.Name;
    }

    private string Constant(DType type, byte[] bytes)
    {
        made++;
        var tensor = new TensorProto { Name = $"level_{made}", DataType = OnnxTypes.Of(type), RawData = ByteString.CopyFrom(bytes) };
        graph.Initializer.Add(tensor);
        return tensor.Name;
    }

    private static bool IsQuantizer(NodeProto node) => node.OpType == "QuantizeLinear";

    private static bool Equal(NodeProto one, NodeProto other) => one.Input[1] == other.Input[1] && one.Input[2] == other.Input[2];

    private static void Redirect(NodeProto reader, string from, string to)
    {
        for (int k = 0; k < reader.Input.Count; k++)
            if (reader.Input[k] == from) reader.Input[k] = to;
    }

    private IEnumerable<NodeProto> Quantizers() => graph.Node.Where(IsQuantizer);

    private List<NodeProto> Readers(string name) => [.. graph.Node.Where(node => node.Input.Contains(name))];

    private NodeProto? QuantizerOf(string name) => Readers(name).FirstOrDefault(IsQuantizer);

    private NodeProto? Producer(string name) => graph.Node.FirstOrDefault(node => node.Output.Contains(name));

    private NodeProto? Dequantizer(NodeProto quantize) =>
        Readers(quantize.Output[0]) is [{ OpType: "DequantizeLinear" } only] ? only : null;

    private TensorProto? Initializer(string name) => graph.Initializer.FirstOrDefault(tensor => tensor.Name == name);

    private float Number(string name) => MemoryMarshal.Read<float>(Initializer(name)!.RawData.Span);
}
