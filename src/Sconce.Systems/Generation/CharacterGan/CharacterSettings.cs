using Sconce.Training;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>How a character is learned from a few pictures.</summary>
[Settings]
public sealed partial record CharacterSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Batch = 5, Epochs = 160 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 2e-4,
        WeightDecay = 0,
        WarmUpEpochs = 0,
        Schedule = ScheduleKind.Linear,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>How far a grid of three by three points is moved at most, as a share of the sides; 0 bends no picture.</summary>
    [Within(0, 0.5)]
    public double Warp { get; init; } = 0.1;

    /// <summary>Whether half of the pictures are mirrored.</summary>
    public bool Mirror { get; init; } = true;

    /// <summary>Passes over the pictures that count as one epoch.</summary>
    [Within(1)]
    public int Passes { get; init; } = 50;

    /// <summary>What a judge that learns too counts in the loss; 0 for none.</summary>
    [Within(0)]
    public double Judge { get; init; } = 1;

    /// <summary>What the likeness in the judge's features counts.</summary>
    [Within(0)]
    public double Features { get; init; } = 10;

    /// <summary>VGG-19's weights, for likeness in its features.</summary>
    [FilePath]
    public string? Vgg { get; init; }

    /// <summary>What that likeness counts.</summary>
    [Within(0)]
    public double Perceptual { get; init; } = 10;

    /// <summary>What the likeness of pixels counts; else 0 with VGG's weights and 10 without, as the paper has no such term.</summary>
    [Within(0)]
    [LeftOpen]
    public double? Pixels { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
