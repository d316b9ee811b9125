using Sconce.Training;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>How depth is learned from clips.</summary>
[Settings]
public sealed partial record DepthTrainingSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 20, Batch = 4 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 1e-4,
        WeightDecay = 0,
        Schedule = ScheduleKind.Step,
        WarmUpEpochs = 0,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new() { ImageSize = 192 };

    /// <summary>Frames between two that are compared; by the camera's motion where left out.</summary>
    [Within(1, 100)]
    [LeftOpen]
    public int? Gap { get; init; }

    /// <summary>The focal length as a share of the width, where no intrinsics.txt lies beside the frames.</summary>
    [Within(0, 10, Above = true)]
    public double Focal { get; init; } = 0.58;

    /// <summary>The weight of the disparity's unevenness.</summary>
    [Within(0)]
    public double Smoothness { get; init; } = 1e-3;

    /// <summary>Frames a second to which clips are brought; their own where left out.</summary>
    [Within(0, 240, Above = true)]
    [LeftOpen]
    public double? Rate { get; init; }

    /// <summary>A checkpoint of the encoder as a classifier (torchvision's keys) to start from.</summary>
    [FilePath]
    public string? Trunk { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
