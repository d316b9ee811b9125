using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>
/// Adam's direction with decoupled decay, scaled layer by layer to the weights' norm:
/// <c>d = m̂ / (√v̂ + ε) + decay · p; p −= rate · |p| / |d| · d</c>; the ratio is 1 where a norm is zero, and for groups with
/// <see cref="ParameterGroup.Adapt"/> off. 1904.00962, as optax' <c>lamb</c> has it.
/// </summary>
public sealed class Lamb : Optimizer
{
    private const string Mean = "exp_avg", Square = "exp_avg_sq";

    /// <summary>Groups.</summary>
    /// <param name="groups">Tensors and their exceptions.</param>
    /// <param name="learningRate">For groups without their own.</param>
    /// <param name="beta1">In [0, 1): what the mean keeps.</param>
    /// <param name="beta2">In [0, 1): what the mean square keeps.</param>
    /// <param name="eps">Added to the root.</param>
    /// <param name="weightDecay">For groups that decay; it counts in <c>|d|</c>.</param>
    public Lamb(IEnumerable<ParameterGroup> groups, double learningRate, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-6,
        double weightDecay = 0)
        : base(groups, learningRate)
    {
        Beta1 = Fraction(beta1, nameof(beta1));
        Beta2 = Fraction(beta2, nameof(beta2));
        Eps = NotNegative(eps, nameof(eps));
        WeightDecay = NotNegative(weightDecay, nameof(weightDecay));
    }

    /// <summary>What the mean of the gradients keeps.</summary>
    public double Beta1 { get; }

    /// <summary>What the mean of their squares keeps.</summary>
    public double Beta2 { get; }

    /// <summary>Added to the root.</summary>
    public double Eps { get; }

    /// <summary>Weight decay of groups without their own.</summary>
    public double WeightDecay { get; set; }

    /// <inheritdoc/>
    protected internal override ReadOnlySpan<string> StateNames => new[] { Mean, Square };

    /// <inheritdoc/>
    protected override void Update(ParameterGroup group, UpdateBatch batch)
    {
        Tensor[] means = batch.Remembered(Mean), squares = batch.Remembered(Square);
        Tensor.ForeachMulInPlace(means, Beta1);
        Tensor.ForeachAddInPlace(means, batch.Gradients, 1 - Beta1);
        Tensor.ForeachMulInPlace(squares, Beta2);
        Tensor.ForeachAddcmulInPlace(squares, batch.Gradients, batch.Gradients, 1 - Beta2);
        var roots = Tensor.ForeachSqrt(squares);
        Tensor.ForeachDivInPlace(roots, batch.PerStep(step => Math.Sqrt(1 - Math.Pow(Beta2, step))));
        Tensor.ForeachAddInPlace(roots, Eps);
        var directions = Tensor.ForeachDiv(means, roots);
        Tensor.ForeachDivInPlace(directions, batch.PerStep(step => 1 - Math.Pow(Beta1, step)));
        double decay = group.DecayOr(WeightDecay);
        if (decay != 0) Tensor.ForeachAddInPlace(directions, batch.Parameters, decay);
        if (group.Adapt)
        {
            var weightNorms = Tensor.Stack(Tensor.ForeachNorm(batch.Parameters, 2)); // (parameters)
            var directionNorms = Tensor.Stack(Tensor.ForeachNorm(directions, 2));
            directions = Tensor.ForeachMul(directions,
                Functional.Where((weightNorms > 0) & (directionNorms > 0), weightNorms / directionNorms, 1).Unbind());
        }

        Tensor.ForeachAddInPlace(batch.Parameters, directions, -group.LearningRate);
    }
}
