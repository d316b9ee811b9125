using Sconce.Training;

namespace Sconce.Systems.Video.FaceVid2Vid;

/// <summary>How a talking head is learned from clips of faces; the weights of the losses are the re-implementation's.</summary>
[Settings]
public sealed partial record FaceSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 50, Batch = 8 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 2e-4,
        WeightDecay = 0,
        Schedule = ScheduleKind.Step,
        WarmUpEpochs = 0,
    };

    /// <summary>The face in all clips: left, top, right, bottom in pixels, with some room about it; else the middle square.</summary>
    [Within(0)]
    public IReadOnlyList<int> Box { get; init; } = [];

    /// <summary>Frames a second to which clips are brought; their own where left out.</summary>
    [Within(0, 240, Above = true)]
    [LeftOpen]
    public double? Rate { get; init; }

    /// <summary>How much brightness, contrast, saturation and hue are changed, of both frames of a pair alike.</summary>
    [Within(0, 0.5)]
    public double Jitter { get; init; } = 0.1;

    /// <summary>VGG-19's weights, for likeness in its features.</summary>
    [FilePath]
    public string? Vgg { get; init; }

    /// <summary>What that likeness counts, over a pyramid of sizes.</summary>
    [Within(0)]
    public double Perceptual { get; init; } = 10;

    /// <summary>
    /// Hopenet's weights, which say how heads are turned; without them angles are learned with all the rest, and zero is where the network
    /// finds it.
    /// </summary>
    [FilePath]
    public string? Hopenet { get; init; }

    /// <summary>What each degree off that pose counts.</summary>
    [Within(0)]
    public double HeadPose { get; init; } = 20;

    /// <summary>What the difference of the painted frame's pixels counts, over a pyramid of sizes; else 0 with VGG's weights and 10
    /// without, as the paper has no such term.</summary>
    [Within(0)]
    [LeftOpen]
    public double? Difference { get; init; }

    /// <summary>What the judge's opinion counts; 0 for no judge.</summary>
    [Within(0)]
    public double Judge { get; init; } = 1;

    /// <summary>What the judge's features count.</summary>
    [Within(0)]
    public double Matching { get; init; } = 10;

    /// <summary>What keypoints of a bent frame count.</summary>
    [Within(0)]
    public double Equivariance { get; init; } = 10;

    /// <summary>What the spread of keypoints counts.</summary>
    [Within(0)]
    public double Spread { get; init; } = 10;

    /// <summary>What the size of expressions counts.</summary>
    [Within(0)]
    public double Expression { get; init; } = 5;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}
