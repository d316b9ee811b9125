using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>How classes of pixels are learned from few labels.</summary>
[Settings]
public sealed partial record PixelTrainingSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 40, Batch = 2 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        LearningRate = 0.01,
        WeightDecay = 5e-4,
        Schedule = ScheduleKind.Step,
        ClipNorm = 10,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new() { ImageSize = 256 };

    /// <summary>
    /// A run of depth (its best.ckpt), whose encoder and depth are where this begins, and whose depth mixes pictures; without it they are
    /// not mixed.
    /// </summary>
    [FilePath]
    public string? Depth { get; init; }

    /// <summary>What pictures without labels count; 0 for the labelled ones alone.</summary>
    [Within(0)]
    public double UnlabelledWeight { get; init; } = 1;

    /// <summary>What depth counts beside classes.</summary>
    [Within(0)]
    public double DepthWeight { get; init; } = 1;

    /// <summary>The probability from which on a guessed pixel counts as sure.</summary>
    [Within(0, 1)]
    public double Sure { get; init; } = 0.968;

    /// <summary>The encoder's share of the rate.</summary>
    [Within(0, 1, Above = true)]
    public double EncoderRate { get; init; } = 1;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
