using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>A run's graph and what it learnt from it, of any of the methods.</summary>
internal sealed class TrainedGraph : IDisposable
{
    private readonly TrainedNetwork run;
    private readonly RunConfiguration configuration;
    private Graph? graph;
    private NodeClassifier? classifier;

    /// <summary>Reads the graph; weights are read when they are asked for.</summary>
    /// <exception cref="UsageException">There is no run.</exception>
    public TrainedGraph(OpenRequest request)
    {
        var found = (request as CatalogueRequest)?.Run;
        Folder = GraphFolder.Read(GraphFolder.Of(request.Name, found));
        run = found!;
        configuration = run.Configuration!;
    }

    /// <summary>The graph's names and edges.</summary>
    public GraphFolder Folder { get; }

    /// <summary>The network's name.</summary>
    public string Network => configuration.Network;

    /// <summary>Classes and features of a classifier.</summary>
    public GraphContract Contract => Folder.Contract
        ?? throw new UsageException($"{Network} learnt no classes: 'embed' gives its rows");

    private Graph Graph => graph ??= Graph.Of(Folder.Count, Folder.Pairs);

    /// <summary>Rows of all nodes; of a classifier what its first layer makes of them. <c>-> (nodes, width)</c></summary>
    public Tensor Embeddings()
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        switch (configuration.Settings)
        {
            case NodeSettings:
                return scope.Keep(Classifier().Embed(Features(), Graph).Contiguous());
            case RecommenderSettings settings:
                int users = Folder.Kinds.Count(kind => kind == NodeKind.User);
                using (var network = new LightGcn(users, Folder.Count - users, settings.Width, settings.Layers))
                {
                    ModelWeights.Load(network, run.Weights);
                    var (forUsers, forItems) = network.Call(Graph);
                    return scope.Keep(Tensor.Cat([forUsers, forItems]));
                }

            default:
                return scope.Keep(NodeEmbeddingMethod.Read(run.Weights));
        }
    }

    /// <summary>The probabilities of the run's own nodes, row by row.</summary>
    public (IReadOnlyList<string> Names, IReadOnlyList<string?> Labels, float[] Probabilities) Own()
    {
        using var scope = new TensorScope();
        return (Folder.Names, Folder.Labels, Probabilities(Features(), Graph));
    }

    /// <summary>Those of another graph.</summary>
    public (IReadOnlyList<string> Names, IReadOnlyList<string?> Labels, float[] Probabilities) Other(
        string edges, string nodes, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var table = NodeTable.Read(nodes, Contract.Columns, Contract.Label, Contract.Classes, cancellation);
        using var other = Graph.Of(table.Names.Count, EdgeTable.Read(edges, cancellation).Among(table.Names, mayAdd: false));
        string?[] labels = [.. table.Labels.Select(known => known < 0 ? null : Contract.Classes[(int)known])];
        return (table.Names.All, labels, Probabilities(table.Features, other));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        graph?.Dispose();
        classifier?.Dispose();
    }

    private float[] Probabilities(Tensor features, Graph over)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        return Classifier().Call(features, over).Softmax(-1).Contiguous().ToArray<float>();
    }

    private Tensor Features() => Tensor.From(Folder.Features, [Folder.Count, Folder.Features.Length / Folder.Count]);

    private NodeClassifier Classifier()
    {
        if (classifier is not null) return classifier;
        int inputs = Folder.Features.Length / Folder.Count;
        var made = NodeGraph.Network(Network, configuration.Of<NodeSettings>(), inputs, Contract.Classes.Count);
        ModelWeights.Load(made, run.Weights);
        made.Eval();
        return classifier = made;
    }
}
