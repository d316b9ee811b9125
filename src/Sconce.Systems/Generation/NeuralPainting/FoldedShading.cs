using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>
/// A shading network in evaluation as a descent sees it, <c>(N, d) -> (N, outputs, s, s)</c>: its norms are multiplied into the
/// convolutions before them, and only the first of its outputs are computed. It has copies of the numbers: what the network learns later
/// it does not see.
/// </summary>
internal sealed class FoldedShading : IDisposable
{
    private readonly List<(ConvTranspose2d Layer, Tensor Weight, Tensor? Bias)> layers = [];

    /// <summary>Reads the network.</summary>
    /// <param name="network">Convolutions, each but the last with a norm and a ReLU after it.</param>
    /// <param name="outputs">How many of its channels are wanted.</param>
    internal FoldedShading(ShadingNetwork network, int outputs)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var main = network.Main;
        for (int k = 0; k < main.Count; k += 3)
        {
            var layer = (ConvTranspose2d)main[k];
            if (k + 1 == main.Count)
            {
                layers.Add((layer, layer.Weight[.., ..outputs].Clone().Hold(), null));
                continue;
            }

            var norm = (BatchNorm2d)main[k + 1];
            var slope = norm.Weight! / (norm.RunningVar! + ShadingNetwork.Epsilon).Sqrt();
            layers.Add((layer, (layer.Weight * slope.Reshape([1, -1, 1, 1])).Hold(), (norm.Bias! - (norm.RunningMean! * slope)).Hold()));
        }
    }

    public void Dispose()
    {
        foreach (var (_, weight, bias) in layers)
        {
            weight.Dispose();
            bias?.Dispose();
        }
    }

    internal Tensor Call(Tensor strokes)
    {
        using var scope = new TensorScope();
        var x = strokes.Reshape([-1, strokes.Size(1), 1, 1]);
        foreach (var (layer, weight, bias) in layers)
        {
            x = Functional.ConvTranspose2d(x, weight, bias, layer.Stride, layer.Padding);
            if (bias is not null) x = x.ReluInPlace();
        }

        return scope.Keep(x);
    }
}
