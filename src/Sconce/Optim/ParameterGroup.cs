using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Optim;

/// <summary>Tensors that an optimiser treats alike: one learning rate, one weight decay, the same exceptions.</summary>
/// <param name="parameters">Leaves of the tape, usually a module's parameters. They must outlive the optimiser and belong to no
/// scope.</param>
/// <param name="name">For messages and reports.</param>
public sealed class ParameterGroup(IEnumerable<Tensor> parameters, string name = "")
{
    private double? rate;

    /// <summary>For messages and reports.</summary>
    public string Name { get; } = name;

    /// <summary>The tensors, in the order in which the optimiser numbers its state.</summary>
    public IReadOnlyList<Tensor> Parameters { get; } = [.. parameters];

    /// <summary>
    /// The learning rate of the next step. Left out, the optimiser's times <see cref="RateFactor"/>; given, it fixes the factor, so that
    /// schedules keep the ratio between the groups.
    /// </summary>
    /// <exception cref="InvalidOperationException">Read before an optimiser took the group.</exception>
    public double LearningRate
    {
        get => rate
            ?? throw new InvalidOperationException($"the group '{Name}' has no learning rate of its own, and no optimiser took it yet");
        set => rate = value;
    }

    /// <summary>What the optimiser's learning rate is multiplied by for this group.</summary>
    public double RateFactor { get; set; } = 1;

    /// <summary>The weight decay; the optimiser's where null.</summary>
    public double? WeightDecay { get; set; }

    /// <summary>Whether weights decay at all; biases and gains often do not.</summary>
    public bool Decay { get; init; } = true;

    /// <summary>Whether <see cref="AdaptiveGradientClipping"/> clips the group; NFNets leave the classifier's weight out (2102.06171
    /// §4.1).</summary>
    public bool Clip { get; init; } = true;

    /// <summary>Whether <see cref="Lars"/> and <see cref="Larc"/> scale the step by the trust ratio; Barlow Twins leaves vectors
    /// out.</summary>
    public bool Adapt { get; init; } = true;

    /// <summary>The optimiser's weight decay as this group takes it: its own where it has one, 0 where it does not decay.</summary>
    /// <param name="optimizers">The optimiser's.</param>
    public double DecayOr(double optimizers) => Decay ? WeightDecay ?? optimizers : 0;

    internal void Join(double learningRate)
    {
        if (rate is { } own && learningRate > 0) RateFactor = own / learningRate;
        rate ??= learningRate * RateFactor;
    }

    /// <summary>
    /// A module's trainable parameters in two groups: "weights", which decay, and "vectors" (one dimension or none: biases, gains of
    /// norms), which neither decay nor are adapted.
    /// </summary>
    /// <param name="module">Whose.</param>
    /// <param name="isVector">Decides by name and tensor; by the number of dimensions where left out.</param>
    public static ParameterGroup[] WeightsAndVectors(Module module, Func<string, Parameter, bool>? isVector = null)
    {
        isVector ??= (_, parameter) => parameter.Dimensions <= 1;
        var trainable = module.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => isVector(named.Name, named.Parameter), named => named.Parameter);
        return
        [
            new ParameterGroup(trainable[false], "weights"),
            new ParameterGroup(trainable[true], "vectors") { Decay = false, Adapt = false },
        ];
    }
}
