using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>
/// Adam as <c>torch.optim.Adam</c> has it: <c>m = β₁m + (1 − β₁)g; v = β₂v + (1 − β₂)g²; p −= rate · m̂ / (√v̂ + ε)</c>, with both
/// averages corrected for their start at zero, and L2 weight decay. 1412.6980, algorithm 1; AMSGrad: 1904.09237.
/// </summary>
public class Adam : Optimizer
{
    private const string Mean = "exp_avg", Square = "exp_avg_sq", Largest = "max_exp_avg_sq";
    private const long Part = 1 << 15;
    private readonly bool decoupled;

    /// <summary>All parameters alike.</summary>
    public Adam(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
        double weightDecay = 0, bool amsGrad = false)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, eps, weightDecay, amsGrad)
    {
    }

    /// <summary>Groups.</summary>
    /// <param name="groups">Tensors and their exceptions.</param>
    /// <param name="learningRate">For groups without their own.</param>
    /// <param name="beta1">In [0, 1): what the mean keeps.</param>
    /// <param name="beta2">In [0, 1): what the mean square keeps.</param>
    /// <param name="eps">Added to the root.</param>
    /// <param name="weightDecay">L2, for groups that decay.</param>
    /// <param name="amsGrad">Divides by the largest mean square so far.</param>
    public Adam(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
        double weightDecay = 0, bool amsGrad = false)
        : this(groups, learningRate, beta1, beta2, eps, weightDecay, amsGrad, decoupled: false)
    {
    }

    private protected Adam(IEnumerable<ParameterGroup> groups, double learningRate, double beta1, double beta2, double eps,
        double weightDecay, bool amsGrad, bool decoupled)
        : base(groups, learningRate)
    {
        Beta1 = Fraction(beta1, nameof(beta1));
        Beta2 = Fraction(beta2, nameof(beta2));
        Eps = NotNegative(eps, nameof(eps));
        WeightDecay = NotNegative(weightDecay, nameof(weightDecay));
        AmsGrad = amsGrad;
        this.decoupled = decoupled;
    }

    /// <summary>What the mean of the gradients keeps.</summary>
    public double Beta1 { get; }

    /// <summary>What the mean of their squares keeps.</summary>
    public double Beta2 { get; }

    /// <summary>Added to the root.</summary>
    public double Eps { get; }

    /// <summary>Weight decay of groups without their own.</summary>
    public double WeightDecay { get; set; }

    /// <summary>Whether the largest mean square so far divides.</summary>
    public bool AmsGrad { get; }

    /// <inheritdoc/>
    protected internal override ReadOnlySpan<string> StateNames => AmsGrad ? new[] { Mean, Square, Largest } : new[] { Mean, Square };

    /// <inheritdoc/>
    protected sealed override void Update(ParameterGroup group, UpdateBatch batch)
    {
        var means = batch.Remembered(Mean);
        var squares = batch.Remembered(Square);
        var largest = AmsGrad ? batch.Remembered(Largest) : null;
        Scalar[] roots = batch.PerStep(step => Math.Sqrt(1 - Math.Pow(Beta2, step))),
            rates = batch.PerStep(step => -group.LearningRate / (1 - Math.Pow(Beta1, step)));
        Tensor[][] all = [batch.Parameters, batch.Gradients, means, squares, .. largest is null ? (Tensor[][])[] : [largest]];
        if (!all.All(tensors => tensors is [{ Elements: > Part, IsContiguous: true, Device.Type: DeviceType.Cpu }]))
        {
            Apply(group, batch.Parameters, batch.Gradients, means, squares, largest, roots, rates);
            return;
        }

        // A large tensor bit by bit, each of which stays in the cache from the first operator to the last.
        Tensor[] lines = [.. all.Select(tensors => tensors[0].Detach().View([-1]))];
        for (long start = 0; start < lines[0].Elements; start += Part)
        {
            using var scope = new TensorScope();
            long length = Math.Min(Part, lines[0].Elements - start);
            Tensor[][] parts = [.. lines.Select(line => new[] { line.Narrow(0, start, length) })];
            Apply(group, parts[0], parts[1], parts[2], parts[3], AmsGrad ? parts[4] : null, roots, rates);
        }
    }

    private void Apply(ParameterGroup group, Tensor[] parameters, Tensor[] gradients, Tensor[] means, Tensor[] squares, Tensor[]? largest,
        Scalar[] roots, Scalar[] rates)
    {
        double decay = group.DecayOr(WeightDecay);
        if (decoupled && decay != 0) Tensor.ForeachMulInPlace(parameters, 1 - (group.LearningRate * decay));
        if (!decoupled && decay != 0) gradients = Tensor.ForeachAdd(gradients, parameters, decay);
        Tensor.ForeachMulInPlace(means, Beta1);
        Tensor.ForeachAddInPlace(means, gradients, 1 - Beta1);
        Tensor.ForeachMulInPlace(squares, Beta2);
        Tensor.ForeachAddcmulInPlace(squares, gradients, gradients, 1 - Beta2);
        if (largest is not null)
        {
            Tensor.ForeachMaximumInPlace(largest, squares);
            squares = largest;
        }

        var lengths = Tensor.ForeachSqrt(squares);
        Tensor.ForeachDivInPlace(lengths, roots);
        Tensor.ForeachAddInPlace(lengths, Eps);
        Tensor.ForeachAddcdivInPlace(parameters, means, lengths, rates);
    }
}

/// <summary>Adam with weight decay apart from the gradient, as <c>torch.optim.AdamW</c> has it: <c>p *= 1 − rate·decay</c> before each
/// step. 1711.05101.</summary>
public sealed class AdamW : Adam
{
    /// <summary>All parameters alike.</summary>
    public AdamW(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8,
        double weightDecay = 1e-2, bool amsGrad = false)
        : this([new ParameterGroup(parameters)], learningRate, beta1, beta2, eps, weightDecay, amsGrad)
    {
    }

    /// <summary>Groups.</summary>
    /// <param name="groups">Tensors and their exceptions.</param>
    /// <param name="learningRate">For groups without their own.</param>
    /// <param name="beta1">In [0, 1): what the mean keeps.</param>
    /// <param name="beta2">In [0, 1): what the mean square keeps.</param>
    /// <param name="eps">Added to the root.</param>
    /// <param name="weightDecay">Of groups that decay; multiplied by the learning rate.</param>
    /// <param name="amsGrad">Divides by the largest mean square so far.</param>
    public AdamW(IEnumerable<ParameterGroup> groups, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double eps = 1e-8, double weightDecay = 1e-2, bool amsGrad = false)
        : base(groups, learningRate, beta1, beta2, eps, weightDecay, amsGrad, decoupled: true)
    {
    }
}
