using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>One operator of the traced graph on its way into ONNX: its arguments by position, as the operator's schema orders
/// them.</summary>
internal sealed class OnnxCall(OnnxConverter converter, GraphNode node)
{
    public OnnxBuilder Onnx => converter.Builder;

    public string Kind => node.Kind;

    public int Count => node.Inputs.Count;

    public int Results => node.Outputs.Count;

    /// <summary>What the result is, as the example run gave it.</summary>
    public GraphTensorType ResultType(int index = 0) => converter.TypeOf(node.Outputs[index]);

    public DType ResultNumbers => ResultType().DType!.Value;

    public IReadOnlyList<long> ResultSizes => ResultType().Sizes!;

    /// <summary>Whether an argument is given.</summary>
    public bool Has(int index) => index < Count && Argument(index) is not null;

    public object? Argument(int index) => converter.Value(node.Inputs[index]);

    public OnnxTensor Tensor(int index) => Argument(index) switch
    {
        OnnxTensor tensor => tensor,
        null => throw Fault($"argument {index} is missing"),
        var other => throw Fault($"argument {index} is {other.GetType().Name}, no tensor"),
    };

    /// <summary>The name of a tensor argument; empty where it is None.</summary>
    public string TensorOrNone(int index) => Has(index) ? Tensor(index).Name : "";

    public IReadOnlyList<OnnxTensor> Tensors(int index) => Argument(index) is IEnumerable<object?> list
        ? [.. list.Cast<OnnxTensor>()] : throw Fault($"argument {index} is no list of tensors");

    public long Int(int index) => Argument(index) switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        OnnxNumber => throw Fault($"argument {index} depends on the batch"),
        var other => throw Fault($"argument {index} is {other?.GetType().Name ?? "None"}, no whole number"),
    };

    public double Real(int index) => Argument(index) switch
    {
        double number => number,
        long number => number,
        bool flag => flag ? 1 : 0,
        var other => throw Fault($"argument {index} is {other?.GetType().Name ?? "None"}, no number"),
    };

    public bool Bool(int index) => Argument(index) is bool flag ? flag : Int(index) != 0;

    public string Text(int index) => Argument(index) as string ?? throw Fault($"argument {index} is no text");

    /// <summary>A list of whole numbers that are all known.</summary>
    public long[] Ints(int index) => Argument(index) switch
    {
        long[] numbers => numbers,
        long number => [number],
        IReadOnlyList<object?> list when list.All(item => item is long) => [.. list.Cast<long>()],
        _ => throw Fault($"argument {index} depends on the batch, or is no list of whole numbers"),
    };

    /// <summary>A list of whole numbers, some of which may be <see cref="OnnxNumber"/>.</summary>
    public IReadOnlyList<object> Numbers(int index) => Argument(index) switch
    {
        long[] numbers => [.. numbers.Cast<object>()],
        IReadOnlyList<object?> list => [.. list.Select(item => item ?? throw Fault($"argument {index} holds None"))],
        var other => [other ?? throw Fault($"argument {index} is None")],
    };

    /// <summary>Such a list as a tensor of one dimension.</summary>
    public string Shape(IReadOnlyList<object> numbers)
    {
        if (numbers.All(number => number is long)) return Onnx.Ints(numbers.Cast<long>());
        return numbers.Count == 1 ? Number(numbers[0]) : Onnx.Add("Concat", numbers.Select(Number), ("axis", 0));
    }

    /// <summary>A whole number as a tensor of one element.</summary>
    public string Number(object? number) => number switch
    {
        long known => Onnx.Ints(known),
        OnnxNumber open => open.Name,
        var other => throw Fault($"{other?.GetType().Name ?? "None"} is no whole number"),
    };

    /// <summary>A tensor or number argument, in numbers of a type.</summary>
    public string Operand(int index, DType type) => Argument(index) switch
    {
        OnnxTensor tensor => Cast(tensor.Name, tensor.Type, type),
        OnnxNumber number => Cast(number.Name, DType.Int64, type),
        _ => Onnx.Scalar(Real(index), type),
    };

    public string Cast(string name, DType from, DType to) => from == to ? name : Onnx.Add("Cast", [name], ("to", OnnxTypes.Of(to)));

    /// <summary>The type in which two arguments are computed: a tensor's, unless the other has more of a number (PyTorch's
    /// promotion).</summary>
    public DType Common(int one, int other)
    {
        var (left, right) = (TypeOf(one), TypeOf(other));
        if (left.Rank != right.Rank && Category(left.Type) != Category(right.Type))
            return Category(left.Type) > Category(right.Type) ? left.Type : right.Type;
        if (left.Rank != right.Rank) return left.Rank > right.Rank ? left.Type : right.Type;
        return Category(left.Type) != Category(right.Type) ? (Category(left.Type) > Category(right.Type) ? left.Type : right.Type)
            : left.Type.Size() >= right.Type.Size() ? left.Type : right.Type;

        // Numbers give way to tensors without dimensions, and these to tensors.
        (DType Type, int Rank) TypeOf(int index) => Argument(index) switch
        {
            OnnxTensor tensor => (tensor.Type, tensor.Rank > 0 ? 2 : 1),
            double => (DType.Float32, 0),
            bool => (DType.Bool, 0),
            _ => (DType.Int64, 0),
        };
        static int Category(DType type) => type == DType.Bool ? 0 : type.IsFloatingPoint() ? 2 : 1;
    }

    /// <summary>Adds a node with one result.</summary>
    public string Add(string operation, IEnumerable<string> inputs, params (string Name, object Value)[] attributes) =>
        Onnx.Add(operation, inputs, attributes);

    /// <summary>Says which name the operator's result has in the graph.</summary>
    public void Return(string name, int index = 0)
    {
        var type = ResultType(index);
        converter.Set(node.Outputs[index], new OnnxTensor(name, type.DType ?? throw Fault("its result's type is not known"),
            type.Sizes ?? throw Fault("its result's sizes are not known")));
    }

    /// <summary>The result is no tensor: a number, a list.</summary>
    public void ReturnValue(object? value, int index = 0) => converter.Set(node.Outputs[index], value);

    public ExportException Fault(string what) =>
        new($"onnx: {node.Kind}: {what}, which has no counterpart in ONNX here; export to TorchScript instead");
}
