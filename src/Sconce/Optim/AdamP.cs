using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>
/// Adam whose steps leave the length of scale-invariant weights alone; 2006.08217 algorithm 3, clovaai/AdamP@146287b adamp/adamp.py. Weight
/// decay is apart from the gradient, and weaker where a step was projected.
/// </summary>
/// <param name="groups">Tensors and their exceptions; vectors are never projected.</param>
/// <param name="learningRate">For groups without their own.</param>
/// <param name="beta1">In [0, 1): what the mean keeps.</param>
/// <param name="beta2">In [0, 1): what the mean square keeps.</param>
/// <param name="eps">Added to the root.</param>
/// <param name="weightDecay">Of groups that decay; multiplied by the learning rate.</param>
/// <param name="delta">The threshold of the cosine, times the root of a filter's numbers.</param>
/// <param name="decayRatio">The share of the decay that is left where a step was projected.</param>
/// <param name="nesterov">The look-ahead form.</param>
public sealed class AdamP(
    IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
    double weightDecay = 0, double delta = 0.1, double decayRatio = 0.1, bool nesterov = false)
    : Optimizer(groups, learningRate)
{
    private const string Mean = "exp_avg", Square = "exp_avg_sq";
    private readonly double beta1 = Fraction(beta1, nameof(beta1)), beta2 = Fraction(beta2, nameof(beta2)),
        eps = NotNegative(eps, nameof(eps));
    private readonly double delta = NotNegative(delta, nameof(delta)), decayRatio = NotNegative(decayRatio, nameof(decayRatio));

    /// <summary>All parameters alike.</summary>
    public AdamP(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double weightDecay = 0, bool nesterov = false)
        : this([new ParameterGroup(parameters)], learningRate, weightDecay: weightDecay, nesterov: nesterov)
    {
    }

    /// <summary>Weight decay of groups without their own.</summary>
    public double WeightDecay { get; set; } = NotNegative(weightDecay, nameof(weightDecay));

    /// <inheritdoc/>
    protected internal override ReadOnlySpan<string> StateNames => new[] { Mean, Square };

    /// <inheritdoc/>
    protected override void Update(ParameterGroup group, UpdateBatch batch)
    {
        double rate = group.LearningRate, decay = group.DecayOr(WeightDecay);
        var means = batch.Remembered(Mean);
        var squares = batch.Remembered(Square);
        Tensor.ForeachMulInPlace(means, beta1);
        Tensor.ForeachAddInPlace(means, batch.Gradients, 1 - beta1);
        Tensor.ForeachMulInPlace(squares, beta2);
        Tensor.ForeachAddcmulInPlace(squares, batch.Gradients, batch.Gradients, 1 - beta2);
        for (int k = 0; k < means.Length; k++)
        {
            using var scope = new TensorScope();
            var (weight, gradient, step) = (batch.Parameters[k], batch.Gradients[k], batch.Steps(k));
            var denominator = (squares[k].Sqrt() / Math.Sqrt(1 - Math.Pow(beta2, step))) + eps;
            var numerator = nesterov ? (means[k] * beta1) + (gradient * (1 - beta1)) : means[k];
            var (change, projected) = WeightProjection.Of(weight, gradient, numerator / denominator, delta, eps);
            if (decay > 0) weight.MulInPlace(1 - (rate * decay * (projected ? decayRatio : 1)));
            weight.AddInPlace(change, -rate / (1 - Math.Pow(beta1, step)));
        }
    }
}
