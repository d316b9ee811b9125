using System.Buffers;
using System.Globalization;
using Google.Protobuf;
using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Puts nodes and constants into a graph; equal small constants are written once.</summary>
internal sealed class OnnxBuilder
{
    private readonly Dictionary<string, string> known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);

    public GraphProto Graph { get; } = new();

    /// <summary>Memory of the constants, alive until the model is written.</summary>
    public List<Tensor> Held { get; } = [];

    /// <summary>Adds a node with one result and gives its name.</summary>
    public string Add(string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes) =>
        Add(operation, inputs, 1, attributes)[0];

    /// <summary>Adds a node.</summary>
    /// <param name="operation">ONNX's name of it.</param>
    /// <param name="inputs">Names; empty for optional ones that are left out.</param>
    /// <param name="results">How many.</param>
    /// <param name="attributes">Whole numbers, real numbers, texts, lists of whole numbers.</param>
    public string[] Add(string operation, IEnumerable<string> inputs, int results, params (string Name, object Value)[] attributes)
    {
        string name = Fresh(operation);
        string[] outputs = results == 1 ? [name] : [.. Enumerable.Range(0, results).Select(k => $"{name}.{k}")];
        var node = new NodeProto { Name = name, OpType = operation };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes.Select(Attribute));
        Graph.Node.Add(node);
        return outputs;
    }

    /// <summary>A constant list of whole numbers, one dimension.</summary>
    public string Ints(params IEnumerable<long> values)
    {
        long[] numbers = [.. values];
        return Known($"ints {string.Join(',', numbers)}", () => Tensor.From(numbers), "ints");
    }

    /// <summary>A constant without dimensions.</summary>
    public string Scalar(double value, DType type) =>
        Known($"{type} {BitConverter.DoubleToInt64Bits(value).ToString(CultureInfo.InvariantCulture)}",
            () => Tensor.Full([], value, type), "number");

    /// <summary>A constant tensor.</summary>
    public string Constant(Tensor tensor, string hint = "constant")
    {
        var plain = tensor.Contiguous().Hold();
        Held.Add(plain);
        var proto = new TensorProto { Name = Fresh(hint), DataType = OnnxTypes.Of(plain.DType) };
        foreach (long size in plain.Shape) proto.Dims.Add(size);
        proto.RawData = UnsafeByteOperations.UnsafeWrap(new TensorMemory(plain).Memory);
        Graph.Initializer.Add(proto);
        return proto.Name;
    }

    private string Known(string key, Func<Tensor> make, string hint)
    {
        if (known.TryGetValue(key, out string? name)) return name;
        using var scope = new TensorScope();
        return known[key] = Constant(make(), hint);
    }

    private string Fresh(string hint)
    {
        counts[hint] = counts.GetValueOrDefault(hint) + 1;
        return $"{hint}_{counts[hint]}";
    }

    private static AttributeProto Attribute((string Name, object Value) attribute)
    {
        var proto = new AttributeProto { Name = attribute.Name };
        switch (attribute.Value)
        {
            case bool flag:
                (proto.I, proto.Type) = (flag ? 1 : 0, 2);
                break;
            case int number:
                (proto.I, proto.Type) = (number, 2);
                break;
            case long number:
                (proto.I, proto.Type) = (number, 2);
                break;
            case double number:
                (proto.F, proto.Type) = ((float)number, 1);
                break;
            case string text:
                (proto.S, proto.Type) = (ByteString.CopyFromUtf8(text), 3);
                break;
            case IEnumerable<long> numbers:
                proto.Ints.AddRange(numbers);
                proto.Type = 7;
                break;
            default:
                throw new ArgumentException($"an attribute of type {attribute.Value.GetType().Name}");
        }

        return proto;
    }

    /// <summary>A tensor's memory as .NET memory, without a copy. The builder holds the tensor.</summary>
    private sealed unsafe class TensorMemory(Tensor tensor) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => tensor.AsBytes();

        public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)tensor.Data + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
