using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>What counts as one unit of a tensor.</summary>
public enum ClippingUnit
{
    /// <summary>The official rule: rows of a matrix, filters of a kernel; a tensor that squeezes to one dimension or none (a bias, a gain
    /// of any shape, a scalar) is one unit.</summary>
    Official,

    /// <summary>timm's: everything with two dimensions or more by its first one, so that a gain of shape <c>(O, 1, 1, 1)</c> is clipped
    /// number by number.</summary>
    FirstDimension,
}

/// <summary>
/// Adaptive gradient clipping: the gradient of a unit (a row, a filter) is scaled down where its norm exceeds <c>λ · max(|w|, ε)</c>, w
/// being the unit's weights. 2102.06171 §4; google-deepmind/deepmind-research nfnets/optim.py. Clip first, then let the optimiser step.
/// </summary>
/// <param name="clipping">λ: 0.01 for batches of 4096, up to 0.16 for small ones.</param>
/// <param name="eps">ε: lets weights that are zero move.</param>
/// <param name="unit">What counts as one unit.</param>
public sealed class AdaptiveGradientClipping(double clipping = 0.01, double eps = 1e-3, ClippingUnit unit = ClippingUnit.Official)
{
    private const double Smallest = 1e-6; // The least divisor, as the official code has it.

    /// <summary>Clips the gradients of the optimiser's groups, but those with <see cref="ParameterGroup.Clip"/> off.</summary>
    public void Clip(Optimizer optimizer) => Clip(optimizer.Groups.Where(group => group.Clip).SelectMany(group => group.Parameters));

    /// <summary>Clips the gradients of those parameters that have one, in place.</summary>
    public void Clip(IEnumerable<Tensor> parameters)
    {
        using var noGrad = Gradients.Off();
        foreach (var parameter in parameters)
        {
            using var scope = new TensorScope();
            if (parameter.Grad is { } gradient) gradient.MulInPlace(Factors(parameter, gradient));
        }
    }

    /// <summary>The clipped gradient, as a new tensor.</summary>
    /// <param name="weight">Linear weights <c>(out, in)</c>, kernels <c>(out, in, …)</c>, or anything else.</param>
    /// <param name="gradient">Of the same shape.</param>
    public Tensor Clipped(Tensor weight, Tensor gradient)
    {
        using var scope = new TensorScope();
        return scope.Keep(gradient * Factors(weight, gradient));
    }

    /// <summary>The norm of each unit, broadcastable to the tensor: <c>(out, 1, …)</c>, or no dimensions where the whole is one
    /// unit.</summary>
    public Tensor UnitNorms(Tensor tensor)
    {
        int wide = 0;
        foreach (long size in tensor.Shape) wide += size != 1 ? 1 : 0;
        bool whole = tensor.Dimensions <= 1 || (unit == ClippingUnit.Official && wide <= 1);
        if (whole) return tensor.LinalgVectorNorm(2);
        long[] inner = [.. Enumerable.Range(1, tensor.Dimensions - 1)];
        return tensor.LinalgVectorNorm(2, inner, keepdim: true);
    }

    private Tensor Factors(Tensor weight, Tensor gradient)
    {
        var most = UnitNorms(weight).ClampMin(eps) * clipping;
        var norms = UnitNorms(gradient);
        return Functional.Where(norms > most, most / norms.ClampMin(Smallest), 1);
    }
}
