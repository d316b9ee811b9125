using Sconce.Abilities;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>Classifies the nodes of graphs.</summary>
/// <param name="Attends">Whether with attention.</param>
public sealed record NodeClassifying(bool Attends) : Capability;

/// <summary>A classifier of nodes learns from those whose class is known.</summary>
public sealed class NodeMethod : TrainingMethod
{
    internal const string Accuracy = "accuracy", MacroF1 = "macro F1", Loss = "loss";

    /// <inheritdoc/>
    public override string Name => "nodes";

    /// <inheritdoc/>
    public override string Purpose =>
        "classes of nodes are learnt from a table of edges and one of nodes (CSV, Parquet), with all neighbours or some";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<NodeSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("gcn --data edges.csv --nodes nodes.csv --label topic --out run12", "a class for each node, from its neighbours too"),
        ("sage --data edges.parquet --nodes nodes.parquet --neighbours 25,10 --out run13", "a large graph, in batches"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<NodeClassifying>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Classify || verb == Verb.Embed;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => NodeRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        _ = GraphFolder.Of(network.Variant.Name, network);
        if (!network.IsOwn(data))
        {
            throw new SettingsException("data", called =>
                $"{called}: a run of nodes is judged on those that it held out; 'classify' answers nodes of other graphs");
        }

        var configuration = network.Configuration!;
        using var own = NodeGraph.Open(configuration, null, cancellation);
        using var module = own.Network(configuration.Network, configuration.Of<NodeSettings>());
        Weights.ModelWeights.Load(module, network.Weights);
        module.Eval();
        var confusion = Confusion(Logits(module, own), own);
        return new EvaluationReport(configuration.Data, own.HeldOut.Length, Figures(module, own))
        {
            Items = "nodes",
            Columns = ["nodes", "recall", "precision", "F1"],
            Rows =
            [
                .. own.Table.Classes!.Select((name, c) => (name, (IReadOnlyList<double>)
                    [confusion.Labelled(c), confusion.Recall(c), confusion.Precision(c), confusion.F1(c)])),
            ],
        };
    }

    /// <summary>On the nodes that are held out.</summary>
    internal static FigureSet Figures(NodeClassifier network, NodeGraph data)
    {
        using var scope = new TensorScope();
        var logits = Logits(network, data);
        var confusion = Confusion(logits, data);
        var labels = Tensor.From([.. data.HeldOut.Select(node => data.Table.Labels[node])], [data.HeldOut.Length]);
        return new FigureSet
        {
            { Accuracy, confusion.Accuracy },
            { MacroF1, confusion.MacroF1 },
            Figure.Lower(Loss, Functional.CrossEntropy(logits, labels).Item<double>()),
        };
    }

    private static Tensor Logits(NodeClassifier network, NodeGraph data)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var asked = Tensor.From(data.HeldOut, [data.HeldOut.Length]);
        return scope.Keep(network.Call(data.Table.Features, data.Graph).IndexSelect(0, asked));
    }

    private static ConfusionMatrix Confusion(Tensor logits, NodeGraph data)
    {
        var confusion = new ConfusionMatrix(data.Table.Classes!.Count);
        using var scope = new TensorScope();
        confusion.Add(logits.Argmax(-1).ToArray<long>(), [.. data.HeldOut.Select(node => data.Table.Labels[node])]);
        return confusion;
    }
}
