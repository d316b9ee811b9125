using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Adversarial;

/// <summary>
/// The probability of augmentation that keeps a discriminator from memorising: it rises while more real examples than wanted are judged
/// real with certainty, and falls otherwise. 2006.06676 §3 (r_t, the mean of sign(D(real)); target 0.6; 500,000 examples from 0 to 1).
/// </summary>
public sealed class AdaptiveProbability
{
    private double signs;
    private double seen;

    /// <summary>The r_t that is held, in (-1, 1).</summary>
    public double Target { get; init; } = 0.6;

    /// <summary>Examples over which the probability can go from 0 to 1.</summary>
    public double Examples { get; init; } = 500_000;

    /// <summary>Discriminator steps between changes.</summary>
    public int Interval { get; init; } = 4;

    /// <summary>The probability, in [0, 1].</summary>
    public double Value { get; private set; }

    /// <summary>r_t of the last interval: 0 where the discriminator is unsure, 1 where it takes every real example as real.</summary>
    public double Overfitting { get; private set; }

    private int steps;

    /// <summary>Takes in the judgements of one step's real examples.</summary>
    public void Observe(Tensor judgementsOfReal)
    {
        using var scope = new TensorScope();
        signs += judgementsOfReal.Detach().Sign().Sum().Item<double>();
        seen += judgementsOfReal.Elements;
        if (++steps % Interval != 0) return;
        Overfitting = signs / seen;
        Value = Math.Clamp(Value + (Math.Sign(Overfitting - Target) * seen / Examples), 0, 1);
        signs = seen = 0;
    }

    /// <summary>What a checkpoint needs.</summary>
    public TrainingState State() => new(new Dictionary<string, Tensor>(), new Dictionary<string, double>
    {
        ["probability"] = Value,
        ["overfitting"] = Overfitting,
        ["signs"] = signs,
        ["seen"] = seen,
        ["steps"] = steps,
    });

    /// <summary>Takes over a state.</summary>
    /// <exception cref="ArgumentException">It is another's.</exception>
    public void Load(TrainingState state)
    {
        state.Verify(
            nameof(AdaptiveProbability), new Dictionary<string, Tensor?>(), ["probability", "overfitting", "signs", "seen", "steps"]);
        (Value, Overfitting) = (state.Numbers["probability"], state.Numbers["overfitting"]);
        (signs, seen, steps) = (state.Numbers["signs"], state.Numbers["seen"], (int)state.Numbers["steps"]);
    }
}
