using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// GraphSAGE with means: W_l mean(neighbours) + b + W_r x, no loops; a node without neighbours has a mean of 0.
/// <c>(nodes, inputs) -> (nodes, outputs)</c>; 1706.02216 algorithm 1. Keys are PyG's, which put the bias on the neighbours' branch.
/// </summary>
/// <param name="inputs">Features of a node.</param>
/// <param name="outputs">Features after.</param>
/// <param name="normalize">Whether each row is brought to length 1.</param>
public sealed partial class SageConvolution(int inputs, int outputs, bool normalize = false) : Module<Tensor, Graph, Tensor>
{
    /// <summary>Of the neighbours.</summary>
    public Linear LinL { get; } = new(inputs, outputs);

    /// <summary>Of the node itself.</summary>
    public Linear LinR { get; } = new(inputs, outputs, bias: false);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor features, Graph graph)
    {
        var sums = graph.Product(features);
        var output = LinL.Call(sums / graph.Degrees.To(features.DType).ClampMin(1).Unsqueeze(1)) + LinR.Call(features);
        return normalize ? Functional.Normalize(output) : output;
    }
}
