using Sconce.Training;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>How a decoder of style transfer learns.</summary>
[Settings]
public sealed partial record AdaInSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 20, Batch = 8 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 1e-4,
        WeightDecay = 0,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <summary>A folder of paintings, whose styles are taken.</summary>
    [FilePath]
    public string? Styles { get; init; }

    /// <summary>
    /// VGG-19 normalised as a checkpoint; the encoder stays as it is there. Without it its numbers are random, which gives colours and
    /// coarse texture alone.
    /// </summary>
    [FilePath]
    public string? Encoder { get; init; }

    /// <summary>The side of the parts of pictures that are learned from, in pixels.</summary>
    [Within(32, 1024)]
    public int Crop { get; init; } = 256;

    /// <summary>What the distance to the exchanged features counts.</summary>
    [Within(0)]
    public double ContentWeight { get; init; } = 1;

    /// <summary>What the distance to the style's statistics counts.</summary>
    [Within(0)]
    public double StyleWeight { get; init; } = 10;

    /// <summary>
    /// The share of photos that are to take their own style, and so learn to stay as they are; the paper has none.
    /// </summary>
    [Within(0, 1)]
    public double OwnStyle { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}
