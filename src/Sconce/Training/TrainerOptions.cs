using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Which second set of weights a run keeps, to evaluate and to ship.</summary>
public enum Averaging
{
    /// <summary>None.</summary>
    None,

    /// <summary>An exponential moving average of every step.</summary>
    Exponential,

    /// <summary>The plain mean of the epochs from <see cref="TrainerOptions.AverageFrom"/> on (1803.05407).</summary>
    Stochastic,
}

/// <summary>How a <see cref="Trainer{TBatch}"/> goes about it.</summary>
public sealed record TrainerOptions
{
    /// <summary>Passes over the data, at least 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Batches whose gradients make one step, at least 1: a larger batch than memory holds. An epoch's last step may have fewer.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>The largest norm of all gradients together; null to leave them.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>λ of adaptive gradient clipping (2102.06171); null for none.</summary>
    public double? AdaptiveClipping { get; init; }

    /// <summary>Whether the forward pass runs in bfloat16 where that is safe (autocast); weights and gradients stay in float32.</summary>
    public bool BFloat16 { get; init; }

    /// <summary>Where the network is.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>A second set of weights.</summary>
    public Averaging Averaging { get; init; }

    /// <summary>What the exponential average keeps at each step, in [0, 1); it warms up as <c>(1 + t) / (10 + t)</c>.</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>The first epoch (from 0) whose end counts in the stochastic average; null for the last quarter.</summary>
    public int? AverageFrom { get; init; }

    /// <summary>The figure of the evaluations that says which weights are best.</summary>
    public string Watched { get; init; } = "accuracy";

    /// <summary>Whether more of it is better.</summary>
    public bool HigherIsBetter { get; init; } = true;

    /// <summary>Evaluations without a new best after which the run ends early; null for never.</summary>
    public int? Patience { get; init; }

    /// <summary>What counts as better by at least so much.</summary>
    public double MinImprovement { get; init; }

    /// <summary>Epochs between evaluations, at least 1; the last epoch is always evaluated.</summary>
    public int EvaluateEvery { get; init; } = 1;

    /// <summary>Steps between checkpoints inside an epoch; null for only by time. One is always written at the end of an epoch, and when the run is cancelled.</summary>
    public int? SaveEvery { get; init; }

    /// <summary>Time between checkpoints inside an epoch.</summary>
    public TimeSpan SaveInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The seed of dropout and other numbers drawn while training; a resumed run goes on with its own.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Accumulation, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(EvaluateEvery, 1);
        if (Patience is < 1) throw new ArgumentOutOfRangeException(nameof(Patience), Patience, "one evaluation at least has to be worse");
        if (SaveEvery is < 1) throw new ArgumentOutOfRangeException(nameof(SaveEvery), SaveEvery, "one step at least lies between two checkpoints");
        if (ClipNorm is { } norm && !(norm > 0)) throw new ArgumentOutOfRangeException(nameof(ClipNorm), norm, "the largest norm is positive");
        if (AdaptiveClipping is { } lambda && !(lambda > 0)) throw new ArgumentOutOfRangeException(nameof(AdaptiveClipping), lambda, "λ is positive");
        if (AverageDecay is not (>= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(AverageDecay), AverageDecay, "it must lie in [0, 1)");
    }
}
