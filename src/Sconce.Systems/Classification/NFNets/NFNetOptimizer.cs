using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>
/// SGD with Nesterov momentum and adaptive gradient clipping as NFNets are trained with it. A step clips, adds the decay, then moves:
/// <c>g = clip(g) + decay · w; v = 0.9 v + g; w −= rate · (g + 0.9 v)</c>. deepmind-research@68a1754 nfnets/optim.py SGD_AGC.
/// </summary>
public sealed class NFNetOptimizer : IDisposable
{
    private readonly AdaptiveGradientClipping? clipping;

    /// <summary>An optimiser of a network's parameters.</summary>
    /// <param name="network">A network whose classifier is <paramref name="classifier"/>.</param>
    /// <param name="learningRate">0.1 · batch / 256 at the peak, officially.</param>
    /// <param name="clipping">λ: 0.01 for batches of 4096, up to 0.16 for small ones; null to clip nothing.</param>
    /// <param name="weightDecay">Added to the clipped gradient; officially 2e-5.</param>
    /// <param name="momentum">Nesterov's.</param>
    /// <param name="classifier">The name of the last linear layer.</param>
    public NFNetOptimizer(Module network, double learningRate, double? clipping = 0.01, double weightDecay = 2e-5, double momentum = 0.9,
        string classifier = "head.fc")
        : this(Groups(network, classifier), learningRate, clipping, weightDecay, momentum)
    {
    }

    /// <summary>The same for groups made by hand.</summary>
    /// <param name="groups">See <see cref="Groups"/>.</param>
    /// <param name="learningRate">Of every group.</param>
    /// <param name="clipping">λ; null to clip nothing.</param>
    /// <param name="weightDecay">For groups that decay.</param>
    /// <param name="momentum">Nesterov's.</param>
    /// <param name="eps">The least norm of a unit that counts: it is what lets gains that start at 0 move.</param>
    public NFNetOptimizer(IEnumerable<ParameterGroup> groups, double learningRate, double? clipping = 0.01, double weightDecay = 2e-5,
        double momentum = 0.9, double eps = 1e-3)
    {
        Sgd = new Sgd(groups, learningRate, momentum, weightDecay: weightDecay, nesterov: true);
        if (clipping is { } lambda) this.clipping = new AdaptiveGradientClipping(lambda, eps);
    }

    /// <summary>The optimiser below, for schedules and checkpoints.</summary>
    public Sgd Sgd { get; }

    /// <summary>
    /// The three official groups: gains and biases (the classifier's too) are clipped but not decayed, the classifier's weight is decayed
    /// but not clipped, all other weights are both. deepmind-research@68a1754 nfnets/experiment_nfnets.py _make_opt.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="classifier">The name of its last linear layer.</param>
    public static ParameterGroup[] Groups(Module network, string classifier = "head.fc")
    {
        var kinds = network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => Kind(named.Name), named => (Tensor)named.Parameter);
        return
        [
            new ParameterGroup(kinds["gains and biases"], "gains and biases") { Decay = false },
            new ParameterGroup(kinds["classifier"], "classifier") { Clip = false },
            new ParameterGroup(kinds["weights"], "weights"),
        ];

        string Kind(string name)
        {
            string own = name[(name.LastIndexOf('.') + 1)..];
            if (own.Contains("gain", StringComparison.Ordinal) || own.Contains("bias", StringComparison.Ordinal)) return "gains and biases";
            return name == classifier + ".weight" ? "classifier" : "weights";
        }
    }

    /// <summary>Forgets every gradient.</summary>
    public void ZeroGrad() => Sgd.ZeroGrad();

    /// <summary>Clips the gradients in place, then steps.</summary>
    public void Step()
    {
        clipping?.Clip(Sgd);
        Sgd.Step();
    }

    /// <summary>Frees the momentum; the parameters stay.</summary>
    public void Dispose() => Sgd.Dispose();
}
