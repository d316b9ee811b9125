using System.Globalization;

namespace Sconce.Torch;

/// <summary>A tensor's type in a traced graph.</summary>
/// <param name="DType">Of its numbers; null where the trace does not say it.</param>
/// <param name="Sizes">-1 for those that depend on the batch; null where not even their number is known.</param>
public sealed record GraphTensorType(DType? DType, IReadOnlyList<long>? Sizes);

/// <summary>One operator of a traced graph.</summary>
/// <param name="Kind">Such as <c>aten::conv2d</c>.</param>
/// <param name="Inputs">Names of its arguments, all of the operator's schema, in order.</param>
/// <param name="Outputs">Names of its results.</param>
/// <param name="HasBlocks">Whether it is control flow.</param>
public sealed record GraphNode(string Kind, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, bool HasBlocks);

/// <summary>
/// The nodes of a <see cref="ScriptModule"/>, for whoever exports it: calls inlined, writes in place made plain where that can be done,
/// constants computed. It owns its constant tensors.
/// </summary>
public sealed unsafe class TracedGraph : IDisposable
{
    private readonly Dictionary<string, object?> constants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GraphTensorType> types = new(StringComparer.Ordinal);
    private readonly List<GraphNode> nodes = [];
    private readonly List<string> inputs = [];
    private readonly List<Tensor> tensors = [];

    internal TracedGraph(nint graph)
    {
        try
        {
            foreach (string line in Native.TakeText(Native.sc_graph_text(graph)).Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Read(line.Split('\t'), graph);
        }
        finally
        {
            Native.sc_graph_free(graph);
        }
    }

    /// <summary>Names of the inputs.</summary>
    public IReadOnlyList<string> Inputs => inputs;

    /// <summary>Names of the results.</summary>
    public IReadOnlyList<string> Outputs { get; private set; } = [];

    /// <summary>The operators, in order of execution; constants are not among them.</summary>
    public IReadOnlyList<GraphNode> Nodes => nodes;

    /// <summary>
    /// Constants by name: <see cref="Tensor"/> and <c>Tensor[]</c> (the graph's own), <c>long</c>, <c>double</c>, <c>bool</c>,
    /// <c>string</c>, <c>long[]</c>, <c>double[]</c>, or null for None.
    /// </summary>
    public IReadOnlyDictionary<string, object?> Constants => constants;

    /// <summary>What is known of the tensors, by name.</summary>
    public IReadOnlyDictionary<string, GraphTensorType> Types => types;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in tensors) tensor.Dispose();
        tensors.Clear();
    }

    private void Read(string[] part, nint graph)
    {
        switch (part[0])
        {
            case "input":
                inputs.Add(part[1]);
                break;
            case "node":
                nodes.Add(new GraphNode(part[1], Names(part[3]), Names(part[2]), part[4] != "0"));
                break;
            case "type":
                types[part[1]] = new GraphTensorType(
                    part[2] == "?" ? null : (DType)sbyte.Parse(part[2], CultureInfo.InvariantCulture),
                    part[3] == "unknown" ? null : [.. Names(part[3]).Select(size => size == "?" ? -1 : Whole(size))]);
                break;
            case "constant":
                constants[part[1]] = Constant(part[2], part.Length > 3 ? part[3] : "", graph);
                break;
            case "return":
                Outputs = Names(part[1]);
                break;
        }
    }

    private object? Constant(string kind, string value, nint graph) => kind switch
    {
        "none" => null,
        "int" => Whole(value),
        "double" => Real(value),
        "bool" => value != "0",
        "string" => value,
        "ints" => Names(value).Select(Whole).ToArray(),
        "doubles" => Names(value).Select(Real).ToArray(),
        "tensor" => Take(graph, value),
        "tensors" => Names(value).Select(index => Take(graph, index)).ToArray(),
        _ => new UnknownConstant(value),
    };

    private Tensor Take(nint graph, string index)
    {
        var tensor = Tensor.Own(Native.Check(Native.sc_graph_tensor(graph, int.Parse(index, CultureInfo.InvariantCulture)),
            "graph constant")).Hold();
        tensors.Add(tensor);
        return tensor;
    }

    private static string[] Names(string list) => list.Length == 0 ? [] : list.Split(',');

    private static long Whole(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static double Real(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" or "-nan" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    /// <summary>A constant of a kind that nobody reads, such as a device.</summary>
    private sealed record UnknownConstant(string Kind);
}
