using Sconce.Training;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>How the transformer over codes is built.</summary>
[Settings]
public sealed partial record GptSettings
{
    /// <summary>What stands before the codes: start for nothing, class for the folder's classes, picture for the codes of another picture
    /// (a depth map, a map of labels), coordinates for the place of the crop.</summary>
    [Named("condition")]
    public CodeCondition Kind { get; init; }

    /// <summary>Blocks; officially 24.</summary>
    [Within(1, 96)]
    public int Layers { get; init; } = 6;

    /// <summary>Attention heads; officially 16.</summary>
    [Within(1, 96)]
    public int Heads { get; init; } = 8;

    /// <summary>Numbers of a token; officially 1,024.</summary>
    [Within(8, 8192)]
    public int Channels { get; init; } = 256;

    /// <summary>Dropout of embeddings, attention weights and branches.</summary>
    [Within(0, 1, Below = true)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>The probability that training shows a code as it is, instead of a random one.</summary>
    [Within(0, 1)]
    public double Keep { get; init; } = 1;

    /// <summary>In which order codes are drawn; only row by row can larger pictures be drawn.</summary>
    public CodeOrder Order { get; init; }
}

/// <summary>How VQGAN's second stage is learned.</summary>
[Settings]
public sealed partial record VqganGptSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 40, Batch = 16 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 5e-4,
        WeightDecay = 0.01,
        ClipNorm = 1,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>The first stage: the folder of its run, or its checkpoint. It is kept in this run's checkpoints, as it is.</summary>
    [FilePath]
    public string? FirstStage { get; init; }

    /// <summary>The first stage of the condition, where that is a picture.</summary>
    [FilePath]
    public string? ConditionStage { get; init; }

    /// <summary>Crops of each picture that is not square, or of coordinates.</summary>
    [Within(1, 1000)]
    public int Crops { get; init; } = 1;

    /// <summary>The transformer.</summary>
    public GptSettings Transformer { get; init; } = new();

    /// <summary>The mark of the first stage's codebook, so that a run which goes on refuses another one; found by itself.</summary>
    public string? Codebook { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
