using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// GCN: D^-½ (A + I) D^-½ X W + b, degrees counted with the loops. <c>(nodes, inputs) -> (nodes, outputs)</c>; 1609.02907 eq. 2. Keys are
/// PyG's.
/// </summary>
public sealed partial class GraphConvolution : Module<Tensor, Graph, Tensor>
{
    /// <summary>Begins with Glorot's weights and no bias.</summary>
    /// <param name="inputs">Features of a node.</param>
    /// <param name="outputs">Features after.</param>
    public GraphConvolution(int inputs, int outputs)
    {
        Lin = new Linear(inputs, outputs, bias: false);
        Init.XavierUniform(Lin.Weight);
        Bias = Parameter.Zeros(outputs);
    }

    /// <summary>W.</summary>
    public Linear Lin { get; }

    /// <summary>b.</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor features, Graph graph) =>
        graph.Product(Lin.Call(features), (graph.Degrees + 1).Rsqrt(), loops: true) + Bias;
}
