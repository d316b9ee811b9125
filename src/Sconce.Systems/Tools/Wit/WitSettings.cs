using Sconce.Training;

namespace Sconce.Systems.Tools.Wit;

/// <summary>What of a row goes with its picture.</summary>
public enum WitText
{
    /// <summary>The caption alone.</summary>
    Caption,

    /// <summary>The page's title behind it.</summary>
    Title,

    /// <summary>Title, page and section behind it.</summary>
    Context,
}

/// <summary>How a dual encoder learns pairs of pictures and texts.</summary>
[Settings]
public sealed partial record WitSettings : ITrainingSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 10, Batch = 96 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 1e-3,
        WeightDecay = 0.05,
        WarmUpEpochs = 0,
    };

    /// <summary>
    /// The folder of the pictures, by the last part of their addresses; what was downloaded lies there too. Of one's own captions that of
    /// the file where left out.
    /// </summary>
    [FilePath]
    public string? Pictures { get; init; }

    /// <summary>Whether pictures that are not in the folder are downloaded into it, one after the other.</summary>
    public bool Download { get; init; }

    /// <summary>What of a row goes with its picture.</summary>
    public WitText Text { get; init; } = WitText.Context;

    /// <summary>Languages that are learnt, by Wikipedia's codes; all where left out.</summary>
    public IReadOnlyList<string> Languages { get; init; } = [];

    /// <summary>The side of pictures in pixels.</summary>
    [Within(16, 512)]
    public int Side { get; init; } = 64;

    /// <summary>Words of a text that are read.</summary>
    [Within(4, 1024)]
    public int Length { get; init; } = 64;

    /// <summary>Pairs at most, the table's first.</summary>
    [Within(2, 100_000_000)]
    public int Most { get; init; } = 100_000;

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };
}
