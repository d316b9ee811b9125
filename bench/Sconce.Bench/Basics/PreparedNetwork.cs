using Sconce.Nn;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Basics;

/// <summary>A network's weights, an input and the eager answer, written for both sides.</summary>
internal static class PreparedNetwork
{
    internal static Measured Write(string name, int batch, string folder)
    {
        TorchRuntime.ManualSeed(7);
        using var scope = new TensorScope();
        using var network = Networks.Create(name);
        network.Eval();
        string weights = Path.Combine(folder, name + ".pth");
        if (!File.Exists(weights))
        {
            // A gain of zero, as residual branches begin with, would leave them out of the comparison.
            foreach (var (_, parameter) in network.NamedParameters()
                .Where(named => named.Name.EndsWith("skipinit_gain", StringComparison.Ordinal)
                    || named.Name.EndsWith("bn3.weight", StringComparison.Ordinal)))
            {
                Init.Constant(parameter, 0.5);
            }

            ModelWeights.Save(network, weights);
        }

        ModelWeights.Load(network, weights);
        var x = Tensor.Randn([batch, .. Networks.InputShape(name)]);
        Worker.Save(Path.Combine(folder, $"{name}-{batch}-in.npy"), x);
        using var inference = Gradients.Inference();
        Worker.Save(Path.Combine(folder, $"{name}-{batch}-out.npy"), network.Call(x));
        return new Measured { Seconds = 1e-9 };
    }
}
