using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation;

/// <summary>Claims train parts; what they keep is a network that holds them.</summary>
internal static class ModuleCopies
{
    /// <summary>Puts the numbers of a module into one that is built alike.</summary>
    /// <exception cref="ArgumentException">It is built otherwise.</exception>
    internal static void CopyTo(this Module from, Module to)
    {
        using var noGrad = Gradients.Off();
        var (source, target) = (from.StateDict(), to.StateDict());
        if (source.Count != target.Count) throw new ArgumentException("the modules are built unlike", nameof(to));
        foreach (var (own, other) in target.Zip(source)) own.Tensor.CopyInPlace(other.Tensor);
    }
}
