using Sconce.Training;

namespace Sconce.Systems.Control.Loon;

/// <summary>How remembered steps are drawn to learn from.</summary>
public enum ReplayDraw
{
    /// <summary>Each as often as every other.</summary>
    Even,

    /// <summary>Those with a large loss more often.</summary>
    Prioritised,
}

/// <summary>How a balloon's pilot learns; what is left open is as the paper has it, or for the small world as its claim has.</summary>
[Settings]
public sealed partial record LoonSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 20, Batch = 32 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        WeightDecay = 0,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <summary>Updates in an epoch, after which the pilot flies unseen worlds.</summary>
    [Within(1, 1_000_000)]
    public int Updates { get; init; } = 1000;

    /// <summary>Worlds flown side by side: so many steps are flown for each update.</summary>
    [Within(1, 1024)]
    public int Worlds { get; init; } = 4;

    /// <summary>
    /// Steps that are remembered, all worlds together; one of the stratosphere is 4.4 kB, and all are in every checkpoint.
    /// </summary>
    [Within(100, 2_000_000)]
    public int Replay { get; init; } = 50_000;

    /// <summary>How remembered steps are drawn; else by their losses, as the paper's agent does, and evenly in the small world.</summary>
    [LeftOpen]
    public ReplayDraw? Draw { get; init; }

    /// <summary>Steps flown before the first update.</summary>
    [Within(1, 1_000_000)]
    public int LearnAfter { get; init; } = 500;

    /// <summary>γ, what the next step's return is worth; else 0.993, in the small world 0.97.</summary>
    [Within(0, 1)]
    [LeftOpen]
    public double? Discount { get; init; }

    /// <summary>Rewards that are summed before the network's word for the rest is taken; else 5, in the small world 1.</summary>
    [Within(1, 100)]
    [LeftOpen]
    public int? Returns { get; init; }

    /// <summary>Updates after which the target network becomes the network.</summary>
    [Within(1, 1_000_000)]
    public int TargetEvery { get; init; } = 100;

    /// <summary>The share of episodes in which a random walk relieves the pilot for 2 hours after each 4, in the stratosphere.</summary>
    [Within(0, 1)]
    public double Exploring { get; init; } = 0.8;

    /// <summary>Unseen worlds that are flown after each epoch.</summary>
    [Within(1, 10_000)]
    public int Flights { get; init; } = 8;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}
