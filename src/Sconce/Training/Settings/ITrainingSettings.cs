namespace Sconce.Training;

/// <summary>A method's settings: what all have, and in their own groups and properties what the method has.</summary>
public interface ITrainingSettings
{
    /// <summary>Data, length, batches, seed, threads.</summary>
    RunSettings Run { get; }

    /// <summary>Optimiser, rate, clipping, average.</summary>
    OptimizationSettings Optimization { get; }

    /// <summary>The same with other groups.</summary>
    ITrainingSettings With(RunSettings run, OptimizationSettings optimization);
}

/// <summary>The settings of a method of pictures.</summary>
public interface IPictureSettings : ITrainingSettings
{
    /// <summary>How it sees them.</summary>
    PictureSettings Pictures { get; }

    /// <summary>A folder of pictures that a person decided on, a subfolder a label; null for none, or for a method that takes
    /// none.</summary>
    string? Decisions => null;

    /// <summary>The same with another group.</summary>
    IPictureSettings With(PictureSettings pictures);
}

/// <summary>The settings of a method that ends with a classifier; what one has no group for, it does not do.</summary>
public interface IClassifierSettings : IPictureSettings
{
    /// <summary>What is done to pictures beside crop and flip.</summary>
    PictureAugmentationSettings Augmentation => new();

    /// <summary>How pictures are mixed.</summary>
    MixingSettings Mixing => new();

    /// <summary>What the plain loss makes of labels.</summary>
    LabelSettings Labels => new();

    /// <summary>Which examples an epoch has.</summary>
    SamplingSettings Sampling => new();

    /// <summary>What is kept beside the weights.</summary>
    OutputSettings Outputs => new();

    /// <inheritdoc/>
    string? IPictureSettings.Decisions => Sampling.Decisions;
}

/// <summary>A classifier that learns its labels.</summary>
[Settings]
public sealed partial record ClassifierSettings : IClassifierSettings
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

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
