using Sconce.Torch;

namespace Sconce.Training;

/// <summary>How a <see cref="Trainer{TBatch}"/> goes about it.</summary>
public sealed record TrainerOptions
{
    /// <summary>Passes over the data, at least 1; not asked where <see cref="Steps"/> is given.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>
    /// The run's length in steps, at least 1, whatever that is in epochs; null for <see cref="Epochs"/>. Evaluations and samples come at
    /// the ends of epochs and of the run.
    /// </summary>
    public long? Steps { get; init; }

    /// <summary>Batches whose gradients make one step, at least 1: a larger batch than memory holds. An epoch's last step may have
    /// fewer.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Whether forward passes run in bfloat16 where that is safe (autocast); weights and gradients stay in float32.</summary>
    public bool BFloat16 { get; init; }

    /// <summary>Where the networks are.</summary>
    public Device Device { get; init; } = Device.Cpu;

    /// <summary>
    /// The figure of the evaluations that says which weights are best, in its own direction. Of equals the one of the lower <c>loss</c>,
    /// where there is such a figure.
    /// </summary>
    public string Watched { get; init; } = "accuracy";

    /// <summary>Evaluations without a new best after which the run ends early; null for never.</summary>
    public int? Patience { get; init; }

    /// <summary>What counts as better by at least so much.</summary>
    public double MinImprovement { get; init; }

    /// <summary>Epochs between evaluations, at least 1; the end of the run is always evaluated.</summary>
    public int EvaluateEvery { get; init; } = 1;

    /// <summary>Steps between checkpoints inside an epoch; null for only by time. One is always written at the end of an epoch, and when
    /// the run is cancelled.</summary>
    public int? SaveEvery { get; init; }

    /// <summary>Time between checkpoints inside an epoch.</summary>
    public TimeSpan SaveInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The seed of dropout and other numbers drawn while training; a resumed run goes on with its own.</summary>
    public ulong Seed { get; init; }

    /// <summary>A forward pass in the precision that is asked for.</summary>
    internal Tensor InPrecision(Func<Tensor> forward)
    {
        if (!BFloat16) return forward();
        using var lower = Gradients.Autocast(DType.BFloat16, Device.Type);
        return forward();
    }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Epochs, 1);
        if (Steps is < 1) throw new ArgumentOutOfRangeException(nameof(Steps), Steps, "a run has one step at least");
        ArgumentOutOfRangeException.ThrowIfLessThan(Accumulation, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(EvaluateEvery, 1);
        if (Patience is < 1) throw new ArgumentOutOfRangeException(nameof(Patience), Patience, "one evaluation at least has to be worse");
        if (SaveEvery is < 1)
            throw new ArgumentOutOfRangeException(nameof(SaveEvery), SaveEvery, "one step at least lies between two checkpoints");
    }
}
