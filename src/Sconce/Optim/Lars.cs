using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>
/// Layer-wise adaptive rates as Barlow Twins' official code has them (facebookresearch/barlowtwins main.py): <c>d = g + decay·p;
/// d *= η·|p| / |d|; v = momentum·v + d; p −= rate·v</c>. The ratio is 1 where a norm is zero; groups with
/// <see cref="ParameterGroup.Adapt"/> off take no ratio (see <see cref="ParameterGroup.WeightsAndVectors"/>). 1708.03888.
/// </summary>
/// <param name="groups">Tensors and their exceptions.</param>
/// <param name="learningRate">For groups without their own.</param>
/// <param name="momentum">In [0, 1).</param>
/// <param name="weightDecay">For groups that decay; it counts in <c>|d|</c>.</param>
/// <param name="eta">The trust coefficient.</param>
public sealed class Lars(IEnumerable<ParameterGroup> groups, double learningRate, double momentum = 0.9, double weightDecay = 0,
    double eta = 0.001)
    : Sgd(groups, learningRate, momentum, weightDecay: weightDecay)
{
    /// <summary>The trust coefficient.</summary>
    public double Eta => eta;

    /// <inheritdoc/>
    private protected override Tensor[] Directions(ParameterGroup group, UpdateBatch batch)
    {
        var directions = base.Directions(group, batch);
        if (!group.Adapt) return directions;
        var weightNorms = Tensor.Stack(Tensor.ForeachNorm(batch.Parameters, 2)); // (parameters)
        var directionNorms = Tensor.Stack(Tensor.ForeachNorm(directions, 2));
        var ratios = Functional.Where((weightNorms > 0) & (directionNorms > 0), weightNorms * eta / directionNorms, 1);
        return Tensor.ForeachMul(directions, ratios.Unbind());
    }
}

/// <summary>
/// Layer-wise rates as NVIDIA apex' LARC over SGD has them, which SwAV uses: <c>q = η·|p| / (|g| + decay·|p| + ε)</c>, clipped to
/// <c>min(q / rate, 1)</c> where asked, <c>d = (g + decay·p)·q</c>, then SGD without decay. Where a norm is zero the gradient is left as it
/// is.
/// </summary>
/// <param name="groups">Tensors and their exceptions.</param>
/// <param name="learningRate">For groups without their own.</param>
/// <param name="momentum">In [0, 1).</param>
/// <param name="weightDecay">For groups that decay.</param>
/// <param name="trustCoefficient">η; SwAV's is 0.001, apex' default 0.02.</param>
/// <param name="clip">Whether the adaptive rate is only an upper bound of the step's rate.</param>
/// <param name="eps">Against division by zero.</param>
/// <param name="nesterov">SGD's look-ahead form.</param>
public sealed class Larc(IEnumerable<ParameterGroup> groups, double learningRate, double momentum = 0.9, double weightDecay = 0,
    double trustCoefficient = 0.001, bool clip = false, double eps = 1e-8, bool nesterov = false)
    : Sgd(groups, learningRate, momentum, nesterov: nesterov, weightDecay: weightDecay)
{
    /// <summary>The trust coefficient η.</summary>
    public double TrustCoefficient => trustCoefficient;

    /// <inheritdoc/>
    private protected override Tensor[] Directions(ParameterGroup group, UpdateBatch batch)
    {
        double decay = group.DecayOr(WeightDecay);
        if (!group.Adapt) return batch.Decayed(decay);
        var weightNorms = Tensor.Stack(Tensor.ForeachNorm(batch.Parameters, 2)); // (parameters)
        var gradientNorms = Tensor.Stack(Tensor.ForeachNorm(batch.Gradients, 2));
        var ratios = weightNorms * trustCoefficient / (gradientNorms + (weightNorms * decay) + eps);
        if (clip) ratios = (ratios / group.LearningRate).ClampMax(1);
        var applies = (weightNorms > 0) & (gradientNorms > 0);
        var directions = Tensor.ForeachMul(batch.Gradients, Functional.Where(applies, ratios, 1).Unbind());
        if (decay != 0) Tensor.ForeachAddInPlace(directions, Tensor.ForeachMul(batch.Parameters, (ratios * decay * applies).Unbind()));
        return directions;
    }
}
