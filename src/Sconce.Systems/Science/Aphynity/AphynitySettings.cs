using Sconce.Training;

namespace Sconce.Systems.Science.Aphynity;

/// <summary>How a law and its correction learn.</summary>
[Settings]
public sealed partial record AphynitySettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 100, Batch = 64, Validation = 0.2 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        WeightDecay = 0,
        WarmUpEpochs = 0,
        LearningRate = 2e-3,
    };

    /// <summary>States of a stretch that is integrated in training.</summary>
    [Within(2, 10_000)]
    public int Window { get; init; } = 6;

    /// <summary>What the law's coefficients learn faster than the network.</summary>
    [Within(0, 1000)]
    public double LawFactor { get; init; } = 5;

    /// <summary>
    /// Whether the correction is held as small as the fit allows; else the fit alone counts, and the law's coefficients may be anything.
    /// </summary>
    public bool LeastCorrection { get; init; } = true;

    /// <summary>τ₂: what the fit's weight gains every five steps for each unit of its loss.</summary>
    [Within(0)]
    public double Growth { get; init; } = 20;

    /// <summary>Seconds between two states; the data's own where it is left open.</summary>
    [Within(0, 1e9, Above = true)]
    [LeftOpen]
    public double? Interval { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}
