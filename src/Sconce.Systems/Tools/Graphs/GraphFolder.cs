using System.Text.Json;
using System.Text.Json.Serialization;
using Sconce.Files;
using Sconce.Tables;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>What a node is.</summary>
internal enum NodeKind
{
    /// <summary>One among its like.</summary>
    Node,

    /// <summary>Somebody who takes items.</summary>
    User,

    /// <summary>What is taken.</summary>
    Item,
}

/// <summary>
/// The graph that a run learnt from, kept beside its weights, since they mean nothing without it: names, edges, features and classes.
/// </summary>
/// <param name="Names">Of the nodes; users before items.</param>
/// <param name="Kinds">What each is.</param>
/// <param name="Labels">The class of each where it is known, else null.</param>
/// <param name="Edges">Both ends of each edge learnt from, as numbers of nodes, side by side.</param>
internal sealed record GraphFolder(
    IReadOnlyList<string> Names, IReadOnlyList<NodeKind> Kinds, IReadOnlyList<string?> Labels, long[] Edges)
{
    private const string NodesName = "nodes.csv", EdgesName = "edges.npy", FeaturesName = "features.npy", ContractName = "graph.json";

    /// <summary>The nodes' features, row by row; empty where there are none.</summary>
    public float[] Features { get; init; } = [];

    /// <summary>How features were made, and the classes; null where there are none.</summary>
    public GraphContract? Contract { get; init; }

    /// <summary>How many nodes.</summary>
    public int Count => Names.Count;

    /// <summary>The edges as pairs.</summary>
    public IEnumerable<(long A, long B)> Pairs => Enumerable.Range(0, Edges.Length / 2).Select(k => (Edges[2 * k], Edges[(2 * k) + 1]));

    /// <summary>Pairs laid side by side.</summary>
    public static long[] Flat(IEnumerable<(long A, long B)> pairs) => [.. pairs.SelectMany(pair => (long[])[pair.A, pair.B])];

    /// <summary>Writes it.</summary>
    public void Save(string folder)
    {
        var table = new Table(NodesName,
        [
            new TableColumn("node", [.. Names]), new TableColumn("kind", [.. Kinds.Select(kind => kind.ToString().ToLowerInvariant())]),
            new TableColumn("class", [.. Labels]),
        ]);
        TableWriter.Save(table, Path.Combine(folder, NodesName));
        NpyWriter.Save(Path.Combine(folder, EdgesName), TensorData.Of("edges", DType.Int64, [Edges.Length / 2, 2], Edges));
        if (Contract is null) return;
        long width = Features.Length / Count;
        NpyWriter.Save(Path.Combine(folder, FeaturesName), TensorData.Of("features", DType.Float32, [Count, width], Features));
        AtomicFile.Write(
            Path.Combine(folder, ContractName), JsonSerializer.SerializeToUtf8Bytes(Contract, GraphContractJson.Default.GraphContract));
    }

    /// <summary>The graph of a run.</summary>
    /// <exception cref="TableException">It is missing or damaged.</exception>
    public static GraphFolder Read(string folder)
    {
        var table = Table.Read(Path.Combine(folder, NodesName), new TableOptions { TextsOnly = true });
        var rows = Enumerable.Range(0, table.Rows).ToList();
        TableColumn names = table["node"], kinds = table["kind"], labels = table["class"];
        long[] edges = Array<long>(Path.Combine(folder, EdgesName));
        if (edges.Any(node => node < 0 || node >= table.Rows))
            throw new TableException(Path.Combine(folder, EdgesName), $"an edge ends outside the {table.Rows} nodes: it is of another run");
        var graph = new GraphFolder(
            [.. rows.Select(row => names.Text(row) ?? "")],
            [.. rows.Select(row => Enum.TryParse<NodeKind>(kinds.Text(row), true, out var kind) ? kind : NodeKind.Node)],
            [.. rows.Select(labels.Text)], edges);
        string contract = Path.Combine(folder, ContractName);
        if (!File.Exists(contract)) return graph;
        float[] features = Array<float>(Path.Combine(folder, FeaturesName));
        if (features.Length % graph.Count != 0)
            throw new TableException(folder, $"{features.Length} features are no rows of {graph.Count} nodes: they are of another run");
        return graph with { Features = features, Contract = GraphContract.Read(contract) };
    }

    /// <summary>The folder of a run whose abilities are asked.</summary>
    /// <exception cref="UsageException">It is no run.</exception>
    public static string Of(string name, TrainedNetwork? run) => run?.Configuration is null
        ? throw new UsageException($"{name} knows no graph before it has learnt from one: name the folder of a run")
        : Path.GetDirectoryName(Path.GetFullPath(run.Weights))!;

    private static T[] Array<T>(string path)
        where T : unmanaged
    {
        using var file = Checkpoint.Open(path);
        return file.Tensors[0].ToArray<T>();
    }
}

/// <summary>What a classifier of nodes needs besides its weights and its graph.</summary>
/// <param name="Label">The column of classes.</param>
/// <param name="Classes">Their names.</param>
/// <param name="Columns">How columns become features.</param>
internal sealed record GraphContract(string Label, IReadOnlyList<string> Classes, IReadOnlyList<PreparedColumn> Columns)
{
    /// <exception cref="TableException">It is damaged.</exception>
    public static GraphContract Read(string path)
    {
        try
        {
            var read = JsonSerializer.Deserialize(RegularFile.ReadAllText(path), GraphContractJson.Default.GraphContract)
                ?? throw new TableException(path, "it is empty");
            _ = new TablePreparation(read.Columns);
            return read;
        }
        catch (Exception fault) when (fault is JsonException or IOException or ArgumentException)
        {
            throw new TableException(path, $"the description of the nodes' columns cannot be read: {fault.Message}", fault);
        }
    }
}

/// <summary>Reading and writing without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(GraphContract))]
internal sealed partial class GraphContractJson : JsonSerializerContext;
