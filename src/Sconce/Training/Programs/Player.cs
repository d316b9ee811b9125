using Sconce.Nn;
using Sconce.Optim;

namespace Sconce.Training;

/// <summary>
/// Who learns: a named optimiser over some of a network's parameters, with its schedule, clipping and average. A classifier has one, an
/// adversarial method two. <see cref="TrainingStep.Update(Player, Func{Torch.Tensor})"/> makes its step.
/// </summary>
/// <param name="name">Its name in checkpoints and logs: <c>generator</c>. No two players of a program have the same.</param>
/// <param name="network">Whose weights it changes; of these the average is taken.</param>
/// <param name="optimizer">Of all or some of the network's parameters. The player frees it.</param>
/// <param name="schedule">The rate of each step of the run, counted from 0, whether the player takes part in it or not.</param>
public sealed class Player(string name, Module network, Optimizer optimizer, LearningRateSchedule schedule) : IDisposable
{
    private readonly double? clipNorm, adaptiveClipping;
    private readonly int every = 1;

    /// <summary>Its name in checkpoints and logs.</summary>
    public string Name { get; } = name.Length > 0 ? name : throw new ArgumentException("a player has a name", nameof(name));

    /// <summary>Whose weights it changes.</summary>
    public Module Network { get; } = network;

    /// <summary>How it changes them.</summary>
    public Optimizer Optimizer { get; } = optimizer;

    /// <summary>The rate of each step of the run.</summary>
    public LearningRateSchedule Schedule { get; } = schedule;

    /// <summary>The largest norm of all its gradients together; null to leave them.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public double? ClipNorm
    {
        get => clipNorm;
        init => clipNorm = value is null or > 0
            ? value : throw new ArgumentOutOfRangeException(nameof(ClipNorm), value, "the largest norm is positive");
    }

    /// <summary>λ of adaptive gradient clipping (2102.06171); null for none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public double? AdaptiveClipping
    {
        get => adaptiveClipping;
        init => adaptiveClipping = value is null or > 0
            ? value : throw new ArgumentOutOfRangeException(nameof(AdaptiveClipping), value, "λ is positive");
    }

    /// <summary>A second set of weights, which is then the one that is evaluated and kept.</summary>
    public WeightAveraging Average { get; init; } = WeightAveraging.None;

    /// <summary>
    /// It takes part in each step whose number is a multiple of this; in the others its updates are passed over, their losses not even
    /// computed. At least 1.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int Every
    {
        get => every;
        init => every = value >= 1 ? value
            : throw new ArgumentOutOfRangeException(nameof(Every), value, "a player takes part in every step at most");
    }

    /// <summary>Frees the optimiser; the network stays.</summary>
    public void Dispose() => Optimizer.Dispose();
}
