using Sconce.Training;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>How the transformer over captions and codes is built.</summary>
[Settings]
public sealed partial record DalleSizeSettings
{
    /// <summary>Blocks; officially 64.</summary>
    [Within(1, 96)]
    public int Layers { get; init; } = 6;

    /// <summary>Attention heads; officially 62.</summary>
    [Within(1, 96)]
    public int Heads { get; init; } = 8;

    /// <summary>Numbers of a token; officially 3,968.</summary>
    [Within(8, 8192)]
    public int Channels { get; init; } = 256;

    /// <summary>Tokens of a caption; officially 256. Longer ones are cut.</summary>
    [Within(1, 1024)]
    public int TextLength { get; init; } = 32;

    /// <summary>The side of the neighbourhood that the last layer sees, odd; officially 11.</summary>
    [Within(1, 63)]
    public int Kernel { get; init; } = 5;

    /// <summary>The network.</summary>
    /// <param name="codec">The autoencoder.</param>
    /// <param name="side">Of the pictures in pixels.</param>
    /// <param name="words">Tokens of the vocabulary.</param>
    /// <exception cref="SettingsException">The sizes do not go together.</exception>
    internal DalleConfig Network(DvaeConfig codec, int side, int words)
    {
        if (Channels % Heads != 0)
            throw new SettingsException("channels", called => $"{called} {Channels} does not divide by {Heads} heads: take a "
                + "multiple of them");
        if (Kernel % 2 == 0) throw new SettingsException("kernel", called => $"{called} {Kernel} has no middle: take an odd number");
        return new()
        {
            Layers = Layers,
            Width = Channels,
            Heads = Heads,
            TextVocabulary = words + TextLength,
            TextLength = TextLength,
            Codes = codec.Codes,
            Grid = side / codec.Downsampling,
            Kernel = Kernel,
        };
    }
}

/// <summary>How DALL·E's second stage is learned.</summary>
[Settings]
public sealed partial record DalleSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 40, Batch = 16 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 4.5e-4,
        WeightDecay = 4.5e-2,
        ClipNorm = 4,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new();

    /// <summary>The first stage: the folder of its run, or its checkpoint. It is kept in this run's checkpoints, as it is.</summary>
    [FilePath]
    public string? FirstStage { get; init; }

    /// <summary>The folder of the pictures that a list of captions names; the list's own where left out.</summary>
    [FilePath]
    public string? Folder { get; init; }

    /// <summary>Tokens of the vocabulary that is learned from the captions; officially 16,384.</summary>
    [Within(515, 65536)]
    public int Vocabulary { get; init; } = 2048;

    /// <summary>Leave out each merge of letters with this chance while captions are learned, such as 0.1: they are then not so soon
    /// known by heart, and rare words are known by their parts. Captions that are asked about keep all.</summary>
    [Within(0, 1, Below = true)]
    public double MergeDropout { get; init; }

    /// <summary>Refuse captions that are longer than the transformer reads, instead of cutting them.</summary>
    public bool Strict { get; init; }

    /// <summary>The transformer.</summary>
    public DalleSizeSettings Transformer { get; init; } = new();

    /// <summary>The mark of the first stage's weights, so that a run which goes on refuses another one; found by itself.</summary>
    public string? Codebook { get; init; }

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
