using Sconce.Training;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>How mattes are learned.</summary>
[Settings]
public sealed partial record ModNetTrainingSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 40, Batch = 16 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        LearningRate = 0.01,
        WeightDecay = 0,
        Schedule = ScheduleKind.Step,
        WarmUpEpochs = 0,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new() { ImageSize = 512 };

    /// <summary>The weight of the coarse person in the loss.</summary>
    [Within(0)]
    public double Semantic { get; init; } = 10;

    /// <summary>The weight of the boundary in the loss.</summary>
    [Within(0)]
    public double Detail { get; init; } = 10;

    /// <summary>By how many pixels the trimap's unknown band is widened on each side; a sixty-fourth of the size where left out.</summary>
    [Within(0, 256)]
    [LeftOpen]
    public int? Band { get; init; }

    /// <summary>The share of pictures that are seen closer, so that faces which fill a picture are known.</summary>
    [Within(0, 1)]
    public double CloseUps { get; init; } = 0.5;

    /// <summary>A checkpoint of the encoder alone (MobileNetV2, torchvision's keys) to start from.</summary>
    [FilePath]
    public string? Trunk { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}

/// <summary>How a trained network is adapted to pictures without mattes.</summary>
[Settings]
public sealed partial record SocSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 10, Batch = 1 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 1e-5,
        WeightDecay = 0,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new() { ImageSize = 512 };

    /// <summary>The weight of the agreement of coarse person and matte.</summary>
    [Within(0)]
    public double Semantic { get; init; } = 100;

    /// <summary>The weight of the boundary's distance to that of the network as it was before the epoch.</summary>
    [Within(0)]
    public double Detail { get; init; } = 1;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
