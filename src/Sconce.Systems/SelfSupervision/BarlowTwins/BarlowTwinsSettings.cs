using Sconce.Training;

namespace Sconce.Systems.SelfSupervision.BarlowTwins;

/// <summary>How an encoder learns from two views.</summary>
[Settings]
public sealed partial record BarlowTwinsSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 100, Watched = "loss" };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new() { Optimizer = OptimizerKind.Lars, WeightDecay = 1e-6 };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>
    /// Sizes of the projector's layers; else 8192,8192,8192 for barlow_twins_resnet50, 2048,2048,2048 for others, 512,512,512 for small
    /// pictures.
    /// </summary>
    [Within(1, 65536)]
    [LeftOpen]
    public IReadOnlyList<int>? Projector { get; init; }

    /// <summary>What repeated components count in the loss.</summary>
    [Within(0)]
    public double RedundancyWeight { get; init; } = BarlowTwinsLoss.OfficialRedundancyWeight;

    /// <summary>
    /// The least share of a picture that a view shows; else 0.08 for photographs, 0.2 for small pictures, which are not blurred either.
    /// </summary>
    [Within(0, 1, Above = true)]
    [LeftOpen]
    public double? LeastArea { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
