using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>
/// The projection of AdamP and SGDP: where a weight's gradient stands upright on the weight, as it does before a normalisation, the step's
/// part along the weight is taken out, since it would only make the weight longer; 2006.08217 equation 8 and algorithms 2 and 3,
/// clovaai/AdamP@146287b adamp/adamp.py <c>_projection</c>.
/// </summary>
internal static class WeightProjection
{
    /// <summary>The step without its part along the weight, and whether there was a reason to take it out.</summary>
    /// <param name="weight">Of any shape.</param>
    /// <param name="gradient">Of the weight.</param>
    /// <param name="step">What would be subtracted.</param>
    /// <param name="delta">The cosine, times the root of the numbers, below which a gradient counts as upright.</param>
    /// <param name="eps">Against division by zero.</param>
    public static (Tensor Step, bool Projected) Of(Tensor weight, Tensor gradient, Tensor step, double delta, double eps)
    {
        if (weight.Dimensions <= 1) return (step, false);
        foreach (long rows in (long[])[weight.Size(0), 1]) // filter by filter, then the layer as a whole
        {
            var (w, g, s) = (weight.Reshape([rows, -1]), gradient.Reshape([rows, -1]), step.Reshape([rows, -1]));
            var lengths = w.Norm(2, [1]); // (rows)
            // torch's cosine_similarity: the product of the squared lengths is at least eps squared.
            var cosines = (w * g).Sum([1]).Abs() / (w.Square().Sum([1]) * g.Square().Sum([1])).ClampMin(eps * eps).Sqrt();
            if (!(cosines.Max().Item<double>() < delta / Math.Sqrt(w.Size(1)))) continue;
            var direction = w / (lengths + eps).Unsqueeze(1);
            return ((s - (direction * (direction * s).Sum([1], keepdim: true))).Reshape(weight.Shape), true);
        }

        return (step, false);
    }
}
