using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.LabelSmoothing;

/// <summary>How a student learns from a teacher.</summary>
[Settings]
public sealed partial record DistillationSettings : IClassifierSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new();

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new();

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <inheritdoc/>
    public PictureAugmentationSettings Augmentation { get; init; } = new();

    /// <inheritdoc/>
    public MixingSettings Mixing { get; init; } = new();

    /// <inheritdoc/>
    public LabelSettings Labels { get; init; } = new();

    /// <inheritdoc/>
    public SamplingSettings Sampling { get; init; } = new();

    /// <inheritdoc/>
    public OutputSettings Outputs { get; init; } = new();

    /// <summary>The teacher: a run's folder, or a checkpoint whose network is named beside it.</summary>
    [FilePath]
    public string? Teacher { get; init; }

    /// <summary>The network of the teacher's checkpoint.</summary>
    public string? TeacherNetwork { get; init; }

    /// <summary>What both networks' logits are divided by.</summary>
    [Within(0, Above = true)]
    public double Temperature { get; init; } = 2;

    /// <summary>The teacher's share in the loss; the labels have the rest.</summary>
    [Within(0, 1)]
    public double TeacherShare { get; init; } = 1;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
