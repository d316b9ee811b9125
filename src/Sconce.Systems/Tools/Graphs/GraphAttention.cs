using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>The shape of an attention layer.</summary>
/// <param name="Inputs">Features of a node.</param>
/// <param name="Outputs">Features of each head after.</param>
/// <param name="Heads">Heads side by side.</param>
public sealed record GraphAttentionConfig(int Inputs, int Outputs, int Heads)
{
    /// <summary>Whether heads are put side by side; else their mean is taken.</summary>
    public bool Concatenates { get; init; } = true;

    /// <summary>Of the leaky ReLU.</summary>
    public double Slope { get; init; } = 0.2;

    /// <summary>The rate of dropout of the attention in training.</summary>
    public double Dropout { get; init; }

    /// <summary>Features of a node after the layer.</summary>
    public int Width => Concatenates ? Heads * Outputs : Outputs;
}

/// <summary>
/// GAT: what a node sees of its neighbours and itself, weighted by LeakyReLU(a_dst·z_i + a_src·z_j).
/// <c>(nodes, inputs) -> (nodes, width)</c>; 1710.10903 eq. 1-6. Keys are PyG's.
/// </summary>
public sealed partial class GraphAttention : Module<Tensor, Graph, Tensor>
{
    private readonly GraphAttentionConfig config;

    /// <summary>Begins with Glorot's weights.</summary>
    public GraphAttention(GraphAttentionConfig config)
    {
        this.config = config;
        AttSrc = Init.XavierUniform(Parameter.Empty(1, config.Heads, config.Outputs));
        AttDst = Init.XavierUniform(Parameter.Empty(1, config.Heads, config.Outputs));
        Bias = Parameter.Zeros(config.Width);
        Lin = new Linear(config.Inputs, config.Heads * config.Outputs, bias: false);
        Init.XavierUniform(Lin.Weight);
    }

    /// <summary>a of the neighbour.</summary>
    public Parameter AttSrc { get; }

    /// <summary>a of the node that looks.</summary>
    public Parameter AttDst { get; }

    /// <summary>Added last.</summary>
    public Parameter Bias { get; }

    /// <summary>W.</summary>
    public Linear Lin { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor features, Graph graph)
    {
        var z = Lin.Call(features).Unflatten(-1, [config.Heads, config.Outputs]);       // (nodes, heads, outputs)
        var scores = (z * AttDst).Sum([-1]).IndexSelect(0, graph.TargetsWithLoops)
            + (z * AttSrc).Sum([-1]).IndexSelect(0, graph.SourcesWithLoops);            // (edges, heads)
        return AttentionSum.Of(config, graph, scores.LeakyRelu(config.Slope), z, Training) + Bias;
    }
}

/// <summary>
/// GATv2: the attention sees both nodes before its nonlinearity, a·LeakyReLU(W_r x_i + W_l x_j), so the ranking of neighbours may differ
/// between nodes. <c>(nodes, inputs) -> (nodes, width)</c>; 2105.14491 eq. 7. Keys are PyG's.
/// </summary>
public sealed partial class GraphAttentionV2 : Module<Tensor, Graph, Tensor>
{
    private readonly GraphAttentionConfig config;

    /// <summary>Begins with Glorot's weights.</summary>
    public GraphAttentionV2(GraphAttentionConfig config)
    {
        this.config = config;
        Att = Init.XavierUniform(Parameter.Empty(1, config.Heads, config.Outputs));
        Bias = Parameter.Zeros(config.Width);
        LinL = new Linear(config.Inputs, config.Heads * config.Outputs);
        LinR = new Linear(config.Inputs, config.Heads * config.Outputs);
        Init.XavierUniform(LinL.Weight);
        Init.XavierUniform(LinR.Weight);
    }

    /// <summary>a.</summary>
    public Parameter Att { get; }

    /// <summary>Added last.</summary>
    public Parameter Bias { get; }

    /// <summary>Of the neighbour, whose value it is too.</summary>
    public Linear LinL { get; }

    /// <summary>Of the node that looks.</summary>
    public Linear LinR { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor features, Graph graph)
    {
        var seen = LinL.Call(features).Unflatten(-1, [config.Heads, config.Outputs]);   // (nodes, heads, outputs)
        var looks = LinR.Call(features).Unflatten(-1, [config.Heads, config.Outputs]);
        var both = seen.IndexSelect(0, graph.SourcesWithLoops) + looks.IndexSelect(0, graph.TargetsWithLoops);
        var scores = (both.LeakyRelu(config.Slope) * Att).Sum([-1]);                    // (edges, heads)
        return AttentionSum.Of(config, graph, scores, seen, Training) + Bias;
    }
}

/// <summary>What both attentions end with: softmax over neighbours, dropout, the weighted sum, heads joined.</summary>
internal static class AttentionSum
{
    internal static Tensor Of(GraphAttentionConfig config, Graph graph, Tensor scores, Tensor values, bool training)
    {
        var weights = graph.Softmax(scores, graph.TargetsWithLoops);
        if (training && config.Dropout > 0) weights = Functional.Dropout(weights, config.Dropout, true);
        var sent = weights.Unsqueeze(-1) * values.IndexSelect(0, graph.SourcesWithLoops);
        var output = graph.Gather(sent, graph.TargetsWithLoops);                        // (nodes, heads, outputs)
        return config.Concatenates ? output.Flatten(-2, -1) : output.Mean([-2]);
    }
}
