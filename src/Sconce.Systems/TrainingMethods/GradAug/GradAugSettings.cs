using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.GradAug;

/// <summary>How a classifier learns with its sub-networks.</summary>
[Settings]
public sealed partial record GradAugSettings : IClassifierSettings
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

    /// <summary>Sub-networks a step.</summary>
    [Within(1, 16)]
    public int SubNetworks { get; init; } = 3;

    /// <summary>The width of the narrowest sub-network, which is in every step; else 0.9 for photographs, 0.8 for small pictures.</summary>
    [Within(0, 1, Above = true, Below = true)]
    [LeftOpen]
    public double? MinWidth { get; init; }

    /// <summary>
    /// The sides to which sub-networks see pictures resized; else 4 to 7 sevenths of the size for photographs, 6 to 8 eighths for small
    /// pictures.
    /// </summary>
    [Within(8, 4096)]
    [LeftOpen]
    public IReadOnlyList<int>? Resolutions { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
