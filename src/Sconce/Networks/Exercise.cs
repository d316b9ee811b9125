using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Networks;

/// <summary>How a network is run once, for counting operations: said by those that do not map one tensor to another.</summary>
/// <param name="Run">Calls the network on as many examples of the right kind as it is told.</param>
public sealed record Exercise(Action<Module, int> Run) : Capability
{
    /// <summary>How a variant's networks are run: as it says, else on noise of its <see cref="TensorInput"/>; null where neither is
    /// known.</summary>
    /// <param name="variant">Whose.</param>
    public static Exercise? Of(ModelVariant variant)
    {
        ArgumentNullException.ThrowIfNull(variant);
        return variant.Find<Exercise>() ?? (variant.Find<TensorInput>() is { } input
            ? new Exercise((module, batch) => RunOnNoise(variant, module, [batch, .. input.Shape])) : null);
    }

    private static void RunOnNoise(ModelVariant variant, Module module, long[] shape)
    {
        if (module is not Module<Tensor, Tensor> network)
            throw new InvalidOperationException($"{variant.Name} does not say how it is run on an example");
        using var scope = new TensorScope();
        network.Call(Tensor.Randn(shape));
    }
}
