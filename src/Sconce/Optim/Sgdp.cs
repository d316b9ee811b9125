using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>
/// SGD with momentum whose steps leave the length of scale-invariant weights alone; 2006.08217 algorithm 2, clovaai/AdamP@146287b
/// adamp/sgdp.py. Its decay is apart from the gradient, divided by <c>1 - momentum</c>, and weaker where a step was projected.
/// </summary>
/// <param name="groups">Tensors and their exceptions; vectors are never projected.</param>
/// <param name="learningRate">For groups without their own.</param>
/// <param name="momentum">In [0, 1).</param>
/// <param name="dampening">What the new gradient's share in the velocity is lessened by, the first too.</param>
/// <param name="nesterov">The look-ahead form.</param>
/// <param name="weightDecay">Of groups that decay; multiplied by the learning rate.</param>
/// <param name="delta">The threshold of the cosine, times the root of a filter's numbers.</param>
/// <param name="decayRatio">The share of the decay that is left where a step was projected.</param>
/// <param name="eps">Against division by zero.</param>
public sealed class Sgdp(
    IEnumerable<ParameterGroup> groups, double learningRate, double momentum = 0, double dampening = 0, bool nesterov = false,
    double weightDecay = 0, double delta = 0.1, double decayRatio = 0.1, double eps = 1e-8)
    : Optimizer(groups, learningRate)
{
    private const string Velocity = "momentum";
    private readonly double momentum = Fraction(momentum, nameof(momentum)), eps = NotNegative(eps, nameof(eps));
    private readonly double delta = NotNegative(delta, nameof(delta)), decayRatio = NotNegative(decayRatio, nameof(decayRatio));

    /// <summary>Weight decay of groups without their own.</summary>
    public double WeightDecay { get; set; } = NotNegative(weightDecay, nameof(weightDecay));

    /// <inheritdoc/>
    protected internal override ReadOnlySpan<string> StateNames => new[] { Velocity };

    /// <inheritdoc/>
    protected override void Update(ParameterGroup group, UpdateBatch batch)
    {
        double rate = group.LearningRate, decay = group.DecayOr(WeightDecay);
        var velocities = batch.Remembered(Velocity);
        Tensor.ForeachMulInPlace(velocities, momentum);
        Tensor.ForeachAddInPlace(velocities, batch.Gradients, 1 - dampening);
        for (int k = 0; k < velocities.Length; k++)
        {
            using var scope = new TensorScope();
            var (weight, gradient) = (batch.Parameters[k], batch.Gradients[k]);
            var direction = nesterov ? gradient + (velocities[k] * momentum) : velocities[k];
            var (change, projected) = WeightProjection.Of(weight, gradient, direction, delta, eps);
            if (decay > 0) weight.MulInPlace(1 - (rate * decay * (projected ? decayRatio : 1) / (1 - momentum)));
            weight.AddInPlace(change, -rate);
        }
    }
}
