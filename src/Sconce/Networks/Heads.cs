using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Networks;

/// <summary>Other heads for trained networks.</summary>
public static class Heads
{
    /// <summary>A network with everything of a trained one but its head (<see cref="IHasClasses.Head"/>), which is new and begins
    /// untrained.</summary>
    /// <param name="variant">What the trained network is.</param>
    /// <param name="trained">The trained network; its tensors are copied, and it stays as it is.</param>
    /// <param name="classes">Outputs of the new head; 0 for features without one, where the network knows that.</param>
    /// <param name="imageSize">The side of the pictures that <paramref name="trained"/> was built for, where it is not the official
    /// one.</param>
    /// <exception cref="UsageException">The network has no head, or the trained one is none of the variant's.</exception>
    public static Module ReplaceHead(this ModelVariant variant, Module trained, int classes, int? imageSize = null)
    {
        if (variant.Find<IHasClasses>() is not { Head: { Length: > 0 } head })
            throw new UsageException($"{variant.Name} has no head to be replaced");
        var module = variant.Create(new ModelOptions(classes, imageSize));
        try
        {
            var numbers = trained.StateDict().ToDictionary(entry => entry.Name, entry => entry.Tensor, StringComparer.Ordinal);
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            foreach (var (name, tensor) in module.StateDict().Where(entry => !IsHead(entry.Name, head)))
            {
                if (!numbers.TryGetValue(name, out var number) || !number.Shape.SequenceEqual(tensor.Shape))
                {
                    string difference = number is null ? $"it has no '{name}'"
                        : $"its '{name}' is {Shape(number)} instead of {Shape(tensor)}";
                    throw new UsageException($"the trained network is no {variant.Name}: {difference}");
                }

                tensor.CopyInPlace(number);
            }

            return module;
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.Shape.ToArray())}]";

    private static bool IsHead(string name, string head) => name == head || name.StartsWith(head + ".", StringComparison.Ordinal);
}
