using Sconce.Training;

namespace Sconce.Systems.Control.Driving;

/// <summary>The roads that a policy learns on and is judged on.</summary>
[Settings]
public sealed partial record RoadSettings
{
    /// <summary>How winding roads are: 0 straight, 1 most.</summary>
    [Within(0, 1)]
    public double Curviness { get; init; } = 0.03;

    /// <summary>Unseen roads that are driven after each epoch, from starts beside the centre line.</summary>
    [Within(1, 10_000)]
    public int Drives { get; init; } = 24;

    /// <summary>Steps of such a drive, a tenth of a second each.</summary>
    [Within(1, 100_000)]
    public int DriveSteps { get; init; } = 100;
}

/// <summary>How driving is learnt from an expert.</summary>
[Settings]
public sealed partial record ImitationSettings : IDrivingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 6, Batch = 64 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 1e-3,
        WeightDecay = 0,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <inheritdoc/>
    public RoadSettings Roads { get; init; } = new();

    /// <summary>Drives of the expert from the lane's centre; with dagger a run begins with half of them.</summary>
    [Within(2, 100_000)]
    public int Demonstrations { get; init; } = 16;

    /// <summary>Steps of a demonstration, each a picture with the expert's steering.</summary>
    [Within(1, 100_000)]
    public int Length { get; init; } = 100;

    /// <summary>Updates in an epoch.</summary>
    [Within(1, 1_000_000)]
    public int Updates { get; init; } = 300;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}

/// <summary>How driving is learnt from reward alone, or made better by it.</summary>
[Settings]
public sealed partial record DdpgSettings : IDrivingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 10, Batch = 64 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 1e-4,
        WeightDecay = 0,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <inheritdoc/>
    public RoadSettings Roads { get; init; } = new();

    /// <summary>Updates in an epoch; a step of every car for each.</summary>
    [Within(1, 1_000_000)]
    public int Updates { get; init; } = 500;

    /// <summary>Cars side by side.</summary>
    [Within(1, 10_000)]
    public int Cars { get; init; } = 8;

    /// <summary>Steps that are remembered; all are in every checkpoint.</summary>
    [Within(100, 1_000_000)]
    public int Replay { get; init; } = 20_000;

    /// <summary>Steps driven before the first update.</summary>
    [Within(1, 1_000_000)]
    public int LearnAfter { get; init; } = 500;

    /// <summary>Deviation of the noise on the steering.</summary>
    [Within(0, 1)]
    public double Noise { get; init; } = 0.1;

    /// <summary>γ, what the next step's return is worth.</summary>
    [Within(0, 1)]
    public double Discount { get; init; } = 0.95;

    /// <summary>The critic's rate, in those of the policy.</summary>
    [Within(0, 10_000, Above = true)]
    public double CriticFactor { get; init; } = 10;

    /// <summary>
    /// Updates of the critic alone at first, so that a policy that can drive is not led astray by one that knows
    /// nothing.
    /// </summary>
    [Within(0, 1_000_000)]
    public int CriticFirst { get; init; } = 200;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}

/// <summary>The settings of all ways of learning to drive.</summary>
public interface IDrivingSettings : ITrainingSettings
{
    /// <summary>The roads.</summary>
    RoadSettings Roads { get; }
}
