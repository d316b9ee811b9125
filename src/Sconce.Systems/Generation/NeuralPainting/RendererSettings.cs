using Sconce.Training;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>How a renderer learns to imitate the engine.</summary>
[Settings]
public sealed partial record RendererSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Batch = 64, Epochs = 400 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 2e-4,
        WeightDecay = 0,
        WarmUpEpochs = 0,
        Schedule = ScheduleKind.Step,
    };

    /// <summary>Strokes of an epoch, each drawn at random and seen once.</summary>
    [Within(1)]
    public int Strokes { get; init; } = 50_000;

    /// <summary>Strokes that each evaluation asks about, always the same.</summary>
    [Within(1, 100_000)]
    public int Judged { get; init; } = 256;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}
