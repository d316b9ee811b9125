using Sconce.Training;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>How tagger, dual encoder and painter are learned.</summary>
[Settings]
public sealed partial record TrecsSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Batch = 32, Epochs = 20 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 2e-3,
        WeightDecay = 0,
        WarmUpEpochs = 0,
        Schedule = ScheduleKind.Constant,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>Scenes that are made where no data are named.</summary>
    [Within(10, 100_000)]
    public int Made { get; init; } = 800;

    /// <summary>The painter's rate; the judge of its pictures takes four times as much.</summary>
    [Within(0, Above = true)]
    public double PainterRate { get; init; } = 5e-4;

    /// <summary>What the likeness of pixels counts in the painter's loss.</summary>
    [Within(0)]
    public double Pixels { get; init; } = 10;

    /// <summary>What the likeness in the judge's features counts.</summary>
    [Within(0)]
    public double Features { get; init; } = 10;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
