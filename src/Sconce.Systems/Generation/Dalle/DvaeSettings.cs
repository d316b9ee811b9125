using Sconce.Training;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>How a dVAE is built.</summary>
[Settings]
public sealed partial record DvaeCodecSettings
{
    /// <summary>How many pixels a side one code stands for: 2, 4 or 8; officially 8.</summary>
    [Within(2, 8)]
    public int Downsampling { get; init; } = 8;

    /// <summary>Codes that there are; officially 8,192.</summary>
    [Within(2, 65536)]
    public int Codes { get; init; } = 512;

    /// <summary>Channels of a code in the decoder; officially 128.</summary>
    [Within(1, 1024)]
    public int CodeWidth { get; init; } = 64;

    /// <summary>Channels at full size, a multiple of 4; officially 256.</summary>
    [Within(8, 512)]
    public int Width { get; init; } = 32;

    /// <summary>Blocks of a group; officially 2.</summary>
    [Within(1, 4)]
    public int Blocks { get; init; } = 1;

    /// <summary>The network, for squares of a side. Branches count in full, which trains at once where few blocks are.</summary>
    /// <exception cref="SettingsException">The sizes do not go together.</exception>
    internal DvaeConfig Network(int side)
    {
        if (!int.IsPow2(Downsampling)) throw new SettingsException("downsampling", called => $"{called} {Downsampling}: it is 2, 4 or 8");
        if (Width % 4 != 0) throw new SettingsException("width", called => $"{called} {Width} is no multiple of 4");
        if (side % Downsampling != 0)
        {
            throw new SettingsException(
                "size", called => $"{called} {side} does not divide by {Downsampling}, the pixels of a code: take a multiple of it");
        }

        int groups = int.Log2(Downsampling) + 1;
        return new() { Width = Width, Blocks = Blocks, Groups = groups, Codes = Codes, CodeWidth = CodeWidth, Gain = 1 };
    }
}

/// <summary>What a dVAE learns by.</summary>
[Settings]
public sealed partial record DvaeLossSettings
{
    /// <summary>How soft codes are at first; at three quarters of the run they are as hard as 1/16.</summary>
    [Within(0, 10, Above = true)]
    public double Softness { get; init; } = 1;

    /// <summary>How much equal use of all codes counts in the end, risen to in the first half of the run; officially 6.6.</summary>
    [Within(0)]
    public double Beta { get; init; } = 1;

    /// <summary>Steps at the beginning by squared differences alone, the first third of them without chance; a quarter of the run where
    /// left out, at most 400. Without them small networks stay grey for long.</summary>
    [Within(0)]
    [LeftOpen]
    public long? Plain { get; init; }

    /// <summary>How much squared differences count beside the likelihood afterwards; officially 0.</summary>
    [Within(0)]
    public double Squares { get; init; } = 10;
}

/// <summary>How DALL·E's first stage is learned.</summary>
[Settings]
public sealed partial record DvaeSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 40, Batch = 16 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.AdamW,
        LearningRate = 2e-3,
        WeightDecay = 1e-4,
        WarmUpEpochs = 0,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new() { ImageSize = 64 };

    /// <summary>How it is built.</summary>
    public DvaeCodecSettings Codec { get; init; } = new();

    /// <summary>What it learns by.</summary>
    public DvaeLossSettings Loss { get; init; } = new();

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
