using Sconce.Torch;

namespace Sconce.Export.Onnx;

/// <summary>Turns a traced graph into ONNX's, node by node.</summary>
internal sealed class OnnxConverter
{
    private readonly TracedGraph graph;
    private readonly Dictionary<string, object?> values = new(StringComparer.Ordinal);
    private readonly WritesInPlace writes;

    public OnnxConverter(TracedGraph graph)
    {
        this.graph = graph;
        writes = new WritesInPlace(graph);
    }

    public OnnxBuilder Builder { get; } = new();

    /// <summary>Converts everything.</summary>
    /// <param name="inputNames">As the exported file shall have them.</param>
    /// <param name="outputNames">Likewise.</param>
    /// <exception cref="ExportException">An operator has no counterpart; the message names all of them.</exception>
    public GraphProto Convert(IReadOnlyList<string> inputNames, IReadOnlyList<string> outputNames)
    {
        var unknown = graph.Nodes.Where(node => node.HasBlocks || !OnnxOperators.Has(node.Kind)).Select(node => node.Kind).Distinct()
            .Order(StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
            throw new ExportException($"onnx: no counterpart is known for {string.Join(", ", unknown)}; export to TorchScript instead");
        for (int k = 0; k < graph.Inputs.Count; k++)
        {
            var type = TypeOf(graph.Inputs[k]);
            Builder.Graph.Input.Add(Info(inputNames[k], type));
            values[graph.Inputs[k]] = new OnnxTensor(inputNames[k], type.DType!.Value, type.Sizes!);
        }

        foreach (var node in graph.Nodes)
        {
            var call = new OnnxCall(this, node);
            try
            {
                OnnxOperators.Convert(call);
            }
            catch (Exception fault) when (fault is InvalidCastException or ArgumentException or IndexOutOfRangeException
                or NullReferenceException)
            {
                throw new ExportException($"onnx: {node.Kind} was called in a form that is not written here; export to "
                    + $"TorchScript instead", fault);
            }

            writes.Done(node);
        }

        var results = Flat(graph.Outputs).ToList();
        for (int k = 0; k < results.Count; k++)
        {
            // An output has a node of its own: it may be an input, or be there twice.
            var node = new NodeProto { Name = $"to_{outputNames[k]}", OpType = "Identity" };
            node.Input.Add(results[k].Name);
            node.Output.Add(outputNames[k]);
            Builder.Graph.Node.Add(node);
            Builder.Graph.Output.Add(Info(outputNames[k], new GraphTensorType(results[k].Type, results[k].Sizes)));
        }

        return Builder.Graph;
    }

    /// <summary>What is known of a tensor of the traced graph.</summary>
    public GraphTensorType TypeOf(string name) => graph.Types.TryGetValue(name, out var type) ? type : new GraphTensorType(null, null);

    /// <summary>What stands under a name of the traced graph now: <see cref="OnnxTensor"/>, <see cref="OnnxNumber"/>, a plain constant, a
    /// list of these.</summary>
    public object? Value(string name)
    {
        name = writes.Current(name);
        if (values.TryGetValue(name, out object? value)) return value;
        if (!graph.Constants.TryGetValue(name, out object? constant))
            throw new ExportException($"onnx: the traced graph uses %{name} before it is made");
        return values[name] = constant switch
        {
            Tensor tensor => Constant(tensor),
            Tensor[] tensors => tensors.Select(tensor => (object?)Constant(tensor)).ToArray(),
            _ => constant,
        };
    }

    public void Set(string name, object? value) => values[name] = value;

    private OnnxTensor Constant(Tensor tensor) => new(Builder.Constant(tensor), tensor.DType, tensor.Shape.ToArray());

    private IEnumerable<OnnxTensor> Flat(IEnumerable<string> names) => names.Select(Value).SelectMany(Flat);

    private static IEnumerable<OnnxTensor> Flat(object? value) => value switch
    {
        OnnxTensor tensor => [tensor],
        IEnumerable<object?> list => list.SelectMany(Flat),
        _ => throw new ExportException("onnx: a result of the network is no tensor"),
    };

    private static ValueInfoProto Info(string name, GraphTensorType type)
    {
        var shape = new TensorShapeProto();
        for (int k = 0; k < type.Sizes!.Count; k++)
        {
            long size = type.Sizes[k];
            // Only the first size that is open is the batch; others may be multiples of it.
            shape.Dim.Add(size >= 0 ? new TensorShapeProto.Types.Dimension { DimValue = size }
                : new TensorShapeProto.Types.Dimension { DimParam = k == 0 ? "batch" : $"{name}_{k}" });
        }

        return new ValueInfoProto
        {
            Name = name,
            Type =
            new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = OnnxTypes.Of(type.DType!.Value), Shape = shape } }
        };
    }
}

/// <summary>
/// Writes in place that are left in a graph: what is written into is known under the result's name from then on. A tensor that shares its
/// memory with another one which is read later can not be followed.
/// </summary>
internal sealed class WritesInPlace
{
    private static readonly HashSet<string> Views = new(StringComparer.Ordinal)
    {
        "aten::view", "aten::reshape", "aten::flatten", "aten::unflatten", "aten::transpose", "aten::permute", "aten::t", "aten::slice",
        "aten::select", "aten::narrow", "aten::expand", "aten::expand_as", "aten::unbind",
        "aten::chunk", "aten::split", "aten::split_with_sizes", "aten::tensor_split", "aten::squeeze", "aten::unsqueeze",
        "aten::contiguous", "aten::detach", "aten::dropout", "aten::to", "aten::view_as", "aten::movedim",
        "aten::diagonal", "aten::alias", "aten::numpy_T", "prim::ListUnpack", "aten::broadcast_to", "aten::swapaxes", "aten::reshape_as",
        "aten::type_as",
    };

    private readonly Dictionary<string, string> current = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> family = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> lastUse = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> madeAt = new(StringComparer.Ordinal);
    private readonly TracedGraph graph;
    private int step;

    public WritesInPlace(TracedGraph graph)
    {
        this.graph = graph;
        for (int k = 0; k < graph.Nodes.Count; k++)
        {
            foreach (string input in graph.Nodes[k].Inputs) lastUse[input] = k;
            foreach (string output in graph.Nodes[k].Outputs) madeAt[output] = k;
        }

        foreach (string output in graph.Outputs) lastUse[output] = graph.Nodes.Count;
        int families = 0;
        foreach (var node in graph.Nodes)
        {
            bool shares = (Views.Contains(node.Kind) || IsWrite(node.Kind)) && node.Inputs.Count > 0;
            foreach (string output in node.Outputs)
            {
                if (!shares) family[output] = families++;
                else family[output] = family.TryGetValue(node.Inputs[0], out int its) ? its : family[node.Inputs[0]] = families++;
            }
        }
    }

    public static bool IsWrite(string kind) =>
        kind.StartsWith("aten::", StringComparison.Ordinal) && kind.EndsWith('_') && !kind.EndsWith("__", StringComparison.Ordinal);

    /// <summary>The name under which a tensor's present content stands.</summary>
    public string Current(string name)
    {
        while (current.TryGetValue(name, out string? next)) name = next;
        return name;
    }

    /// <summary>Takes note of a node that was converted.</summary>
    public void Done(GraphNode node)
    {
        int here = step++;
        if (!IsWrite(node.Kind)) return;
        string target = Current(node.Inputs[0]), result = node.Outputs[0];
        if (graph.Constants.ContainsKey(target) || graph.Inputs.Contains(target))
            throw new ExportException($"onnx: {node.Kind} writes into an input or a weight; export to TorchScript instead");
        // Tensors made later see the new content anyway.
        string? reader = family.Where(entry => entry.Value == family[target] && entry.Key != result && Current(entry.Key) != target
            && lastUse.GetValueOrDefault(entry.Key, -1) > here && madeAt.GetValueOrDefault(entry.Key, -1) <= here)
            .Select(entry => entry.Key).FirstOrDefault();
        if (reader is not null)
            throw new ExportException($"onnx: {node.Kind} writes into a tensor of which %{reader}, read later, is a view; export to "
                + $"TorchScript instead");
        current[target] = result;
    }
}
