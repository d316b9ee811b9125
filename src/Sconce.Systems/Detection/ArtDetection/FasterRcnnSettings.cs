using Sconce.Training;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>How a Faster R-CNN learns objects.</summary>
[Settings]
public sealed partial record FasterRcnnSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 10, Batch = 4 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        LearningRate = 0.005,
        WeightDecay = 5e-4,
        Schedule = ScheduleKind.Step,
        WarmUpEpochs = 0.5,
        ClipNorm = 10,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>A checkpoint of the trunk as a classifier (torchvision's keys) to start from.</summary>
    [FilePath]
    public string? Trunk { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
