using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Looks for weights that are no numbers.</summary>
internal static class FiniteWeights
{
    /// <summary>The first tensor of a state dict that holds NaN or infinity; null where all are finite.</summary>
    public static string? FirstFault(Module network)
    {
        foreach (var (name, tensor) in network.StateDict())
        {
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            // A sum of finite numbers overflows only where they are absurd too.
            if (tensor.DType.IsFloatingPoint() && !double.IsFinite(tensor.Sum().Item<double>())) return name;
        }

        return null;
    }
}
