using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>
/// What is known of a system: the derivative of its state by a law whose few coefficients are learnt. Incomplete laws leave a term out; the
/// coefficient of that term stays in the state dict and gets no gradient.
/// </summary>
public abstract partial class PhysicalLaw : Module<Tensor, Tensor>
{
    /// <summary>The coefficients' names and values, in the law's own units.</summary>
    public abstract IReadOnlyList<(string Name, Tensor Value)> Coefficients { get; }
}
