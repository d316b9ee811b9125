using Sconce.Training;

namespace Sconce.Systems.TrainingMethods.LabelSmoothing;

/// <summary>What is corrected for wrong labels; 1609.03683.</summary>
public enum NoiseCorrection
{
    /// <summary>The network's answers are made as noisy as the labels.</summary>
    Forward,

    /// <summary>The loss is made unbiased.</summary>
    Backward,
}

/// <summary>How a classifier learns from labels of which a share is wrong.</summary>
[Settings]
public sealed partial record NoiseCorrectionSettings : IClassifierSettings
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
    public SamplingSettings Sampling { get; init; } = new();

    /// <inheritdoc/>
    public OutputSettings Outputs { get; init; } = new();

    /// <summary>The share of labels that were drawn anew, the right one among them.</summary>
    [Within(0, 1, Below = true)]
    public double Noise { get; init; } = 0.2;

    /// <summary>
    /// What is corrected. Forward: the network's answers are made as noisy as the labels. Backward: the loss is made unbiased, and may be
    /// negative (clip the gradients).
    /// </summary>
    public NoiseCorrection Correction { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
