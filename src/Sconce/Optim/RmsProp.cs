using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>Whose RMSProp.</summary>
public enum RmsPropForm
{
    /// <summary><c>torch.optim.RMSprop</c>: the mean square starts at 0, ε is added to the root.</summary>
    PyTorch,

    /// <summary>TensorFlow's, as timm's <c>RMSpropTF</c>: the mean square starts at 1, ε stands inside the root, the learning rate inside
    /// the momentum.</summary>
    TensorFlow,
}

/// <summary>
/// Divides gradients by a running root mean square: <c>s = αs + (1 − α)g²; p −= rate · g / (√s + ε)</c>; with momentum the quotients
/// are gathered first; centred, the variance takes the place of the mean square.
/// </summary>
public sealed class RmsProp : Optimizer
{
    private const string Square = "square_avg", Mean = "grad_avg", Velocity = "momentum_buffer";

    /// <summary>All parameters alike.</summary>
    public RmsProp(IEnumerable<Tensor> parameters, double learningRate = 1e-2, double alpha = 0.99, double eps = 1e-8,
        double weightDecay = 0, double momentum = 0, bool centered = false, RmsPropForm form = RmsPropForm.PyTorch)
        : this([new ParameterGroup(parameters)], learningRate, alpha, eps, weightDecay, momentum, centered, form)
    {
    }

    /// <summary>Groups.</summary>
    /// <param name="groups">Tensors and their exceptions.</param>
    /// <param name="learningRate">For groups without their own.</param>
    /// <param name="alpha">What the mean square keeps.</param>
    /// <param name="eps">Against division by zero; where it stands depends on <paramref name="form"/>.</param>
    /// <param name="weightDecay">L2, for groups that decay.</param>
    /// <param name="momentum">In [0, 1).</param>
    /// <param name="centered">Divides by the standard deviation instead.</param>
    /// <param name="form">PyTorch's or TensorFlow's.</param>
    public RmsProp(IEnumerable<ParameterGroup> groups, double learningRate = 1e-2, double alpha = 0.99, double eps = 1e-8,
        double weightDecay = 0, double momentum = 0, bool centered = false, RmsPropForm form = RmsPropForm.PyTorch)
        : base(groups, learningRate)
    {
        Alpha = Fraction(alpha, nameof(alpha));
        Eps = NotNegative(eps, nameof(eps));
        WeightDecay = NotNegative(weightDecay, nameof(weightDecay));
        Momentum = Fraction(momentum, nameof(momentum));
        Centered = centered;
        Form = form;
    }

    /// <summary>What the mean square keeps.</summary>
    public double Alpha { get; }

    /// <summary>Against division by zero.</summary>
    public double Eps { get; }

    /// <summary>L2 weight decay of groups without their own.</summary>
    public double WeightDecay { get; set; }

    /// <summary>The share of the velocity that stays.</summary>
    public double Momentum { get; }

    /// <summary>Whether the standard deviation divides.</summary>
    public bool Centered { get; }

    /// <summary>PyTorch's or TensorFlow's.</summary>
    public RmsPropForm Form { get; }

    /// <inheritdoc/>
    protected internal override ReadOnlySpan<string> StateNames => new[] { Square, Mean, Velocity };

    /// <inheritdoc/>
    protected override void Update(ParameterGroup group, UpdateBatch batch)
    {
        bool tensorFlow = Form == RmsPropForm.TensorFlow;
        var gradients = batch.Decayed(group.DecayOr(WeightDecay));
        var squares = batch.Remembered(Square, tensorFlow ? 1 : 0);
        Tensor.ForeachMulInPlace(squares, Alpha);
        Tensor.ForeachAddcmulInPlace(squares, gradients, gradients, 1 - Alpha);
        var roots = tensorFlow ? Tensor.ForeachAdd(Variances(batch, gradients, squares), Eps)
            : Tensor.ForeachSqrt(Variances(batch, gradients, squares));
        if (tensorFlow) Tensor.ForeachSqrtInPlace(roots);
        else Tensor.ForeachAddInPlace(roots, Eps);
        if (Momentum == 0)
        {
            Tensor.ForeachAddcdivInPlace(batch.Parameters, gradients, roots, -group.LearningRate);
            return;
        }

        var velocities = batch.Remembered(Velocity);
        Tensor.ForeachMulInPlace(velocities, Momentum);
        Tensor.ForeachAddcdivInPlace(velocities, gradients, roots, tensorFlow ? group.LearningRate : 1);
        Tensor.ForeachAddInPlace(batch.Parameters, velocities, tensorFlow ? -1 : -group.LearningRate);
    }

    private Tensor[] Variances(UpdateBatch batch, Tensor[] gradients, Tensor[] squares)
    {
        if (!Centered) return squares;
        var means = batch.Remembered(Mean);
        Tensor.ForeachMulInPlace(means, Alpha);
        Tensor.ForeachAddInPlace(means, gradients, 1 - Alpha);
        return Tensor.ForeachAddcmul(squares, means, means, -1);
    }
}
