using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>Two layers that classify nodes. <c>(nodes, inputs) -> (nodes, classes)</c> logits.</summary>
public abstract partial class NodeClassifier : Module<Tensor, Graph, Tensor>
{
    /// <summary>What the first layer makes of a node, after its nonlinearity. <c>(nodes, inputs) -> (nodes, width)</c></summary>
    public abstract Tensor Embed(Tensor features, Graph graph);
}

/// <summary>
/// Two graph convolutions with dropout before each: Kipf and Welling's classifier of nodes. <c>(nodes, inputs) -> (nodes, classes)</c>
/// logits.
/// </summary>
/// <param name="inputs">Features of a node.</param>
/// <param name="hidden">Width between.</param>
/// <param name="classes">Classes.</param>
/// <param name="dropout">Its rate.</param>
public sealed partial class GcnClassifier(int inputs, int hidden, int classes, double dropout = 0.5) : NodeClassifier
{
    /// <summary>The first layer, the only one whose weights decay in the paper's training.</summary>
    public GraphConvolution Conv1 { get; } = new(inputs, hidden);

    /// <summary>The second.</summary>
    public GraphConvolution Conv2 { get; } = new(hidden, classes);

    /// <inheritdoc/>
    public override Tensor Embed(Tensor features, Graph graph) =>
        Conv1.Call(Functional.Dropout(features, dropout, Training), graph).Relu();

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor features, Graph graph) =>
        Conv2.Call(Functional.Dropout(Embed(features, graph), dropout, Training), graph);
}

/// <summary>Two GraphSAGE layers. <c>(nodes, inputs) -> (nodes, classes)</c> logits.</summary>
/// <param name="inputs">Features of a node.</param>
/// <param name="hidden">Width between.</param>
/// <param name="classes">Classes.</param>
/// <param name="dropout">Its rate.</param>
public sealed partial class SageClassifier(int inputs, int hidden, int classes, double dropout = 0.5) : NodeClassifier
{
    /// <summary>The first layer.</summary>
    public SageConvolution Conv1 { get; } = new(inputs, hidden);

    /// <summary>The second.</summary>
    public SageConvolution Conv2 { get; } = new(hidden, classes);

    /// <inheritdoc/>
    public override Tensor Embed(Tensor features, Graph graph) => Conv1.Call(features, graph).Relu();

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor features, Graph graph) =>
        Conv2.Call(Functional.Dropout(Embed(features, graph), dropout, Training), graph);
}

/// <summary>
/// Heads side by side, then one head, ELU between: the classifier of 1710.10903 §3.3. <c>(nodes, inputs) -> (nodes, classes)</c> logits.
/// </summary>
/// <param name="inputs">Features of a node.</param>
/// <param name="hidden">Width of each head between.</param>
/// <param name="heads">Heads of the first layer.</param>
/// <param name="classes">Classes.</param>
/// <param name="dropout">Its rate, of features and of attention.</param>
public sealed partial class GatClassifier(int inputs, int hidden, int heads, int classes, double dropout = 0.6) : NodeClassifier
{
    /// <summary>The first layer.</summary>
    public GraphAttention Conv1 { get; } = new(new GraphAttentionConfig(inputs, hidden, heads) { Dropout = dropout });

    /// <summary>The second.</summary>
    public GraphAttention Conv2 { get; } =
        new(new GraphAttentionConfig(hidden * heads, classes, 1) { Concatenates = false, Dropout = dropout });

    /// <inheritdoc/>
    public override Tensor Embed(Tensor features, Graph graph) =>
        Conv1.Call(Functional.Dropout(features, dropout, Training), graph).Elu();

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor features, Graph graph) =>
        Conv2.Call(Functional.Dropout(Embed(features, graph), dropout, Training), graph);
}

/// <summary>
/// The same with the attention of 2105.14491. <c>(nodes, inputs) -> (nodes, classes)</c> logits.
/// </summary>
/// <param name="inputs">Features of a node.</param>
/// <param name="hidden">Width of each head between.</param>
/// <param name="heads">Heads of the first layer.</param>
/// <param name="classes">Classes.</param>
/// <param name="dropout">Its rate, of features and of attention.</param>
public sealed partial class GatV2Classifier(int inputs, int hidden, int heads, int classes, double dropout = 0.6) : NodeClassifier
{
    /// <summary>The first layer.</summary>
    public GraphAttentionV2 Conv1 { get; } = new(new GraphAttentionConfig(inputs, hidden, heads) { Dropout = dropout });

    /// <summary>The second.</summary>
    public GraphAttentionV2 Conv2 { get; } =
        new(new GraphAttentionConfig(hidden * heads, classes, 1) { Concatenates = false, Dropout = dropout });

    /// <inheritdoc/>
    public override Tensor Embed(Tensor features, Graph graph) =>
        Conv1.Call(Functional.Dropout(features, dropout, Training), graph).Elu();

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor features, Graph graph) =>
        Conv2.Call(Functional.Dropout(Embed(features, graph), dropout, Training), graph);
}
