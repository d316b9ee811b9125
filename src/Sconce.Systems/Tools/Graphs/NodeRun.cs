using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>What a run of <see cref="NodeMethod"/> is made of: cross-entropy on the nodes whose class is known.</summary>
internal static class NodeRun
{
    internal static RunPlan<RowBatch> Plan(TrainingSetup setup, NodeMethod method, OwnedParts owned)
    {
        var configuration = Settled(setup, method);
        var data = owned.Own(NodeGraph.Open(configuration, setup.Remark, setup.Cancellation));
        configuration = ProcessorRuns.Begun(configuration with { Classes = data.Table.Classes });
        var settings = configuration.Of<NodeSettings>();
        var network = owned.Own(data.Network(configuration.Network, settings));
        if (configuration.Run.Pretrained is { } weights) Weights.ModelWeights.Load(network, weights);
        ConfiguredParts.Freeze(network, configuration);
        int known = data.Training.Length;
        var batches = new RowBatches(known, settings.Neighbours is null ? known : configuration.Run.Batch, configuration.Run.Seed);
        var optimizer = Optimizer(network, configuration);
        var player = owned.Own(ConfiguredParts.Player("classifier", network, optimizer, configuration, batches.BatchesPerEpoch));
        var leak = new LeakWatch(batches.BatchesPerEpoch, setup.Remark);
        return new RunPlan<RowBatch>(configuration, new NodeProgram(network, player, data, settings.Neighbours, leak), batches)
        {
            Summary = $"{configuration.Network}, {data.Graph.Nodes:N0} nodes and {data.Graph.Sources.Size(0) / 2:N0} edges, {known:N0} "
                + $"nodes to learn from and {data.HeldOut.Length:N0} to be asked about, {data.Table.Classes!.Count} classes",
            Evaluate = _ =>
            {
                var figures = NodeMethod.Figures(network, data);
                leak.Look(NodeMethod.Accuracy, figures[NodeMethod.Accuracy]);
                return figures;
            },
            Keep = run =>
            {
                if (run is not null) data.Folder(settings.Label).Save(run.Folder);
            },
            ChecksFirstSteps = true,
        };
    }

    private static RunConfiguration Settled(TrainingSetup setup, NodeMethod method)
    {
        var variant = setup.Models.Get(setup.Configuration.Network);
        if (!method.IsDefaultFor(variant)) throw new UsageException($"{variant.Name} classifies no nodes, and {method.Name} learns those");
        bool attends = variant.Get<NodeClassifying>().Attends;
        var own = setup.Configuration.Of<NodeSettings>();
        var configuration = ConfiguredParts.WithRate(setup.Configuration, attends ? 0.005 : 0.01);
        configuration = configuration with
        {
            Settings = ((NodeSettings)configuration.Settings) with
            {
                Hidden = own.Hidden ?? (attends ? 8 : 16),
                Dropout = own.Dropout ?? (attends ? 0.6 : 0.5),
                Nodes = own.Nodes is { } path ? Path.GetFullPath(path) : null,
            },
        };
        if (own.Neighbours is { } counts && variant.Name == "gcn")
            throw new SettingsException(
                "neighbours", called => $"{called}: gcn weighs edges by both ends' degrees and needs all; sage does not");
        if (own.Neighbours is { Count: not 2 })
            throw new SettingsException("neighbours", called => $"{called}: two numbers are wanted, a layer each, such as 25,10");
        return ProcessorRuns.Settle(
            setup with { Configuration = configuration }, method, [NodeMethod.Accuracy, NodeMethod.MacroF1, NodeMethod.Loss]);
    }

    /// <summary>The first layer's weights decay alone (official train.py of GCN).</summary>
    private static Optimizer Optimizer(NodeClassifier network, RunConfiguration configuration)
    {
        var groups = network.NamedParameters().Where(named => named.Parameter.RequiresGrad).ToLookup(
            named => named.Name.StartsWith("conv1.", StringComparison.Ordinal) && named.Parameter.Dimensions > 1,
            named => (Tensor)named.Parameter);
        if (groups.Count == 0) throw ConfiguredParts.NothingToTrain();
        return ConfiguredParts.Optimizer(
            [new ParameterGroup(groups[true], "first"), new ParameterGroup(groups[false], "others") { Decay = false }], configuration);
    }
}

/// <summary>Cross-entropy of some nodes, seen with all of the graph or with some neighbours.</summary>
internal sealed class NodeProgram(
    NodeClassifier network, Player player, NodeGraph data, IReadOnlyList<int>? neighbours, LeakWatch leak) : LossProgram<RowBatch>(player)
{
    private readonly NeighbourSampler? sampler = neighbours is null ? null : new NeighbourSampler(data.Graph);

    public override string Items => "nodes";

    public override int Count(RowBatch batch) => batch.Rows.Length;

    public override Tensor Loss(RowBatch batch)
    {
        long[] asked = [.. batch.Rows.Select(row => data.Training[row])];
        var labels = Tensor.From([.. asked.Select(node => data.Table.Labels[node])], [asked.Length]);
        if (sampler is null)
        {
            var logits = network.Call(data.Table.Features, data.Graph);
            return Functional.CrossEntropy(logits.IndexSelect(0, Tensor.From(asked, [asked.Length])), labels);
        }

        var random = new Random(Tensor.Randint(int.MaxValue, [1]).Item<int>());
        var (nodes, part) = sampler.Sample(asked, neighbours!, random);
        using var _ = part;
        var seen = data.Table.Features.IndexSelect(0, Tensor.From(nodes, [nodes.Length]));
        return Functional.CrossEntropy(network.Call(seen, part)[..asked.Length], labels);
    }

    /// <inheritdoc/>
    protected override void Stepped(long step) => leak.Stepped(step);
}

/// <summary>A graph whose nodes have features, and some of them classes.</summary>
/// <param name="Table">The nodes.</param>
/// <param name="Graph">Their edges.</param>
/// <param name="Edges">The same as pairs.</param>
/// <param name="Training">Nodes to learn from.</param>
/// <param name="HeldOut">Nodes to be asked about.</param>
internal sealed record NodeGraph(
    NodeTable Table, Graph Graph, IReadOnlyList<(long A, long B)> Edges, long[] Training, long[] HeldOut) : IDisposable
{
    /// <summary>Reads edges and nodes, and divides the nodes whose class is known, class by class.</summary>
    /// <exception cref="Tables.TableException">They cannot be used.</exception>
    public static NodeGraph Open(RunConfiguration configuration, Action<string>? remark, CancellationToken cancellation)
    {
        var settings = configuration.Of<NodeSettings>();
        string edgesPath = ProcessorRuns.DataOf(configuration, "a table of edges, CSV or Parquet,");
        string nodesPath = settings.Nodes
            ?? throw new SettingsException("nodes", called => $"which nodes? Name a table of names, classes and features with {called}");
        var table = NodeTable.Learn(nodesPath, settings.Label, cancellation);
        var edgeTable = EdgeTable.Read(edgesPath, cancellation);
        var edges = edgeTable.Among(table.Names, mayAdd: false);
        var graph = Graph.Of(table.Names.Count, edges);
        foreach (string said in edgeTable.Remarks()) remark?.Invoke(said);
        int alone = graph.Degrees.ToArray<float>().Count(degree => degree == 0);
        if (alone > 0)
            remark?.Invoke($"{edgesPath}: {alone:N0} of {graph.Nodes:N0} nodes have no edge, and are known by their features alone");
        var (training, heldOut) = Divide(table, configuration);
        return new NodeGraph(table, graph, edges, training, heldOut);
    }

    /// <summary>The network of that name for such nodes.</summary>
    public NodeClassifier Network(string name, NodeSettings settings) =>
        Network(name, settings, (int)Table.Features.Size(1), Table.Classes!.Count);

    /// <summary>The network of that name for so many features and classes.</summary>
    public static NodeClassifier Network(string name, NodeSettings settings, int inputs, int classes)
    {
        int hidden = settings.Hidden!.Value;
        double dropout = settings.Dropout!.Value;
        return name switch
        {
            "sage" => new SageClassifier(inputs, hidden, classes, dropout),
            "gat" => new GatClassifier(inputs, hidden, settings.Heads, classes, dropout),
            "gatv2" => new GatV2Classifier(inputs, hidden, settings.Heads, classes, dropout),
            _ => new GcnClassifier(inputs, hidden, classes, dropout),
        };
    }

    /// <summary>What is kept beside the weights.</summary>
    public GraphFolder Folder(string label) => new(
        Table.Names.All, [.. Enumerable.Repeat(NodeKind.Node, Table.Names.Count)],
        [.. Table.Labels.Select(known => known < 0 ? null : Table.Classes![(int)known])], GraphFolder.Flat(Edges))
    {
        Features = Table.Features.ToArray<float>(),
        Contract = new GraphContract(label, Table.Classes!, Table.Columns),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        Graph.Dispose();
        Table.Features.Dispose();
    }

    private static (long[] Training, long[] HeldOut) Divide(NodeTable table, RunConfiguration configuration)
    {
        int[] order = AugmentationRandom.Permutation(table.Labels.Length, configuration.Run.Seed, 0);
        List<long> training = [], heldOut = [];
        foreach (var group in order.Where(node => table.Labels[node] >= 0).GroupBy(node => table.Labels[node]))
        {
            long[] nodes = [.. group.Select(node => (long)node)];
            int held = nodes.Length < 2 ? 0
                : Math.Clamp((int)Math.Round(configuration.Run.Validation * nodes.Length), 1, nodes.Length - 1);
            heldOut.AddRange(nodes[..held]);
            training.AddRange(nodes[held..]);
        }

        if (heldOut.Count == 0)
        {
            throw new Tables.TableException(
                configuration.Of<NodeSettings>().Nodes!,
                "every class has one node: two of a class are needed, to learn and to be asked about");
        }

        return ([.. training.Order()], [.. heldOut.Order()]);
    }
}
