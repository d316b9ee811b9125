using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.ReLabel;

/// <summary>How a classifier learns from an annotator's maps.</summary>
[Settings]
public sealed partial record ReLabelSettings : IClassifierSettings
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

    /// <summary>Who makes the maps: a run's folder, or a checkpoint whose network is named beside it, of the data's classes.</summary>
    [FilePath]
    public string? Annotator { get; init; }

    /// <summary>The network of the annotator's checkpoint.</summary>
    public string? AnnotatorNetwork { get; init; }

    /// <summary>The side to which the annotator sees whole pictures resized; its own where left out.</summary>
    [Within(8, 4096)]
    [LeftOpen]
    public int? AnnotatorSize { get; init; }

    /// <summary>
    /// Where the maps are kept, or lie already as the published ones do (CLASS/NAME.pt); a folder in the run's where left out.
    /// </summary>
    [FilePath]
    [LeftOpen]
    public string? Maps { get; init; }

    /// <summary>Classes kept a cell of a map.</summary>
    [Within(1, 1000)]
    public int Top { get; init; } = LabelMaps.PublishedTop;

    /// <summary>The least share of a picture that a crop shows; else 0.08 for photographs, 0.35 for small pictures.</summary>
    [Within(0, 1, Above = true)]
    [LeftOpen]
    public double? LeastArea { get; init; }

    /// <summary>Epochs at the end whose pictures are neither mixed nor erased.</summary>
    [Within(0)]
    public int UnmixedEpochs { get; init; } = ReLabelTraining.EpochsWithoutCutMix;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
