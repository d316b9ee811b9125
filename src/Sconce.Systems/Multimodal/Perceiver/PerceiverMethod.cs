using Sconce.Data;
using Sconce.Networks;
using Sconce.Training;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>How a Perceiver learns sounds or points.</summary>
[Settings]
public sealed partial record PerceiverSettings : IFileSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 30, Batch = 16 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } =
        new() { Optimizer = OptimizerKind.AdamW, LearningRate = 1e-3, WeightDecay = 0.05, ClipNorm = PerceiverTraining.ClipNorm };

    /// <inheritdoc/>
    public LabelSettings Labels { get; init; } = new();

    /// <inheritdoc/>
    public SamplingSettings Sampling { get; init; } = new();

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}

/// <summary><c>sconce train perceiver_small_audio --data sounds/</c>: a folder of sounds or point clouds, a subfolder a class.</summary>
public sealed class PerceiverMethod : FileClassifierMethod
{
    /// <inheritdoc/>
    public override string Name => "perceiver";

    /// <inheritdoc/>
    public override string Purpose => "sounds, or point clouds (.npy, .ply, .xyz), are told apart: a folder with a subfolder a class";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<PerceiverSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("perceiver_small_audio --data sounds/ --out run7", "sounds: WAV and all else that ffmpeg reads"),
        ("perceiver_small_points --data scans/ --out run8", "points in space"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant is not null && PerceiverVariants.FormOf(variant.Name) is not null;

    /// <inheritdoc/>
    public override FileForm FormOf(ModelVariant variant, int? size, ITrainingSettings? settings)
    {
        ArgumentNullException.ThrowIfNull(variant);
        return PerceiverVariants.FormOf(variant.Name)
            ?? throw new UsageException(
                $"{variant.Name} reads neither sounds nor points: the method {Name} trains Perceivers that do; those of pictures are "
                    + "plain classifiers");
    }
}
