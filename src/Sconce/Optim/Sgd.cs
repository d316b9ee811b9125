using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>
/// Stochastic gradient descent as <c>torch.optim.SGD</c> has it: <c>d = g + decay·p; v = momentum·v + (1 − dampening)·d; p −= rate·v</c>,
/// or with Nesterov <c>p −= rate·(d + momentum·v)</c>. The first v is d itself.
/// </summary>
public class Sgd : Optimizer
{
    private const string Velocity = "momentum_buffer";
    private double momentum;

    /// <summary>All parameters alike.</summary>
    public Sgd(IEnumerable<Tensor> parameters, double learningRate, double momentum = 0, double dampening = 0, bool nesterov = false,
        double weightDecay = 0)
        : this([new ParameterGroup(parameters)], learningRate, momentum, dampening, nesterov, weightDecay)
    {
    }

    /// <summary>Groups.</summary>
    /// <param name="groups">Tensors and their exceptions.</param>
    /// <param name="learningRate">For groups without their own.</param>
    /// <param name="momentum">In [0, 1).</param>
    /// <param name="dampening">What the new gradient's share in the velocity is lessened by.</param>
    /// <param name="nesterov">The look-ahead form; needs momentum and no dampening.</param>
    /// <param name="weightDecay">L2, for groups that decay.</param>
    public Sgd(IEnumerable<ParameterGroup> groups, double learningRate, double momentum = 0, double dampening = 0, bool nesterov = false,
        double weightDecay = 0)
        : base(groups, learningRate)
    {
        if (nesterov && (momentum <= 0 || dampening != 0))
            throw new ArgumentException("SGD: Nesterov's form needs a momentum and no dampening");
        this.momentum = Fraction(momentum, nameof(momentum));
        Dampening = dampening;
        Nesterov = nesterov;
        WeightDecay = NotNegative(weightDecay, nameof(weightDecay));
    }

    /// <summary>The share of the velocity that stays; may be changed between steps.</summary>
    public double Momentum
    {
        get => momentum;
        set => momentum = Fraction(value, nameof(value));
    }

    /// <summary>What the new gradient's share in the velocity is lessened by.</summary>
    public double Dampening { get; }

    /// <summary>Whether the step looks ahead.</summary>
    public bool Nesterov { get; }

    /// <summary>L2 weight decay of groups without their own.</summary>
    public double WeightDecay { get; set; }

    /// <inheritdoc/>
    protected internal override ReadOnlySpan<string> StateNames => new[] { Velocity };

    /// <summary>What momentum gathers: here gradients with weight decay.</summary>
    private protected virtual Tensor[] Directions(ParameterGroup group, UpdateBatch batch) => batch.Decayed(group.DecayOr(WeightDecay));

    /// <inheritdoc/>
    protected sealed override void Update(ParameterGroup group, UpdateBatch batch)
    {
        var directions = Directions(group, batch);
        if (momentum != 0)
        {
            var velocities = Advance(batch, directions);
            directions = Nesterov ? Tensor.ForeachAdd(directions, velocities, momentum) : velocities;
        }

        Tensor.ForeachAddInPlace(batch.Parameters, directions, -group.LearningRate);
    }

    private Tensor[] Advance(UpdateBatch batch, Tensor[] directions)
    {
        var fresh = Enumerable.Range(0, directions.Length).Where(k => !batch.Remembers(k, Velocity)).ToHashSet();
        foreach (int k in fresh) batch.Remember(k, Velocity, directions[k].Clone());
        var velocities = batch.Remembered(Velocity);
        if (fresh.Count == directions.Length) return velocities;
        Tensor[] moving = fresh.Count == 0 ? velocities : [.. velocities.Where((_, k) => !fresh.Contains(k))];
        Tensor[] pushes = fresh.Count == 0 ? directions : [.. directions.Where((_, k) => !fresh.Contains(k))];
        Tensor.ForeachMulInPlace(moving, momentum);
        Tensor.ForeachAddInPlace(moving, pushes, 1 - Dampening);
        return velocities;
    }
}
