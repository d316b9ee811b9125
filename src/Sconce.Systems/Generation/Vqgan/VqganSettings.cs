using Sconce.Training;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>What an autoencoder turns into codes.</summary>
public enum CodecKind
{
    /// <summary>Pictures in colour.</summary>
    Photo,

    /// <summary>Grey maps of depth.</summary>
    Depth,

    /// <summary>Grey maps whose values are labels.</summary>
    Segmentation,
}

/// <summary>How a map becomes codes.</summary>
public enum CodecQuantizer
{
    /// <summary>The nearest entry of a codebook that learns by gradients.</summary>
    Nearest,

    /// <summary>The nearest entry of a codebook of running means.</summary>
    Ema,

    /// <summary>An entry that is drawn, by Gumbel noise.</summary>
    Gumbel,
}

/// <summary>How an autoencoder with a codebook is built.</summary>
[Settings]
public sealed partial record CodecSettings
{
    /// <summary>What it turns into codes: photos, depth maps, or maps of labels.</summary>
    public CodecKind Kind { get; init; }

    /// <summary>How many labels there are, of maps of labels.</summary>
    [Within(4, 1024)]
    public int? Labels { get; init; }

    /// <summary>How a map becomes codes.</summary>
    public CodecQuantizer Quantizer { get; init; }

    /// <summary>How many pixels a side one code stands for: 2, 4, 8 or 16.</summary>
    [Within(2, 16)]
    public int Downsampling { get; init; } = 8;

    /// <summary>Entries of the codebook.</summary>
    [Within(2, 65536)]
    public int Codes { get; init; } = 512;

    /// <summary>Numbers of an entry; few keep all entries in use.</summary>
    [Within(1, 1024)]
    public int CodeWidth { get; init; } = 16;

    /// <summary>Channels at full size, a multiple of 32; officially 128.</summary>
    [Within(32, 512)]
    public int Width { get; init; } = 32;

    /// <summary>Residual blocks of a level; officially 2.</summary>
    [Within(1, 8)]
    public int Blocks { get; init; } = 1;

    /// <summary>Channels of what goes in and comes out.</summary>
    internal int Channels => Kind switch { CodecKind.Photo => 3, CodecKind.Depth => 1, _ => Labels ?? 0 };

    /// <summary>The network, for squares of a side.</summary>
    /// <exception cref="SettingsException">The sizes do not go together.</exception>
    internal VqConfig Network(int side)
    {
        const int group = 32; // of a norm
        int[] multipliers = Downsampling switch
        {
            2 => [1, 2],
            4 => [1, 2, 2],
            8 => [1, 1, 2, 4],
            16 => [1, 1, 2, 2, 4],
            _ => throw new SettingsException("downsampling", called => $"{called} {Downsampling}: it is 2, 4, 8 or 16"),
        };
        if (side % Downsampling != 0)
        {
            throw new SettingsException(
                "size", called => $"{called} {side} does not divide by {Downsampling}, the pixels of a code: take a multiple of it");
        }

        if (Width % group != 0) throw new SettingsException("width", called => $"{called} {Width} is no multiple of {group}");
        if (Kind == CodecKind.Segmentation != Labels.HasValue)
        {
            throw new SettingsException("labels", called => Labels is null
                ? $"{called} is missing: how many labels do the maps have?"
                : $"{called}: only maps of labels have them, and this learns {Kind}");
        }

        return new VqConfig
        {
            Autoencoder = new()
            {
                LatentChannels = 2 * Width,
                Resolution = side,
                InputChannels = Channels,
                OutputChannels = Channels,
                Width = Width,
                Multipliers = multipliers,
                Blocks = Blocks,
                AttentionResolutions = [side / Downsampling],
            },
            Codes = Codes,
            CodeWidth = CodeWidth,
            IsAveraged = Quantizer == CodecQuantizer.Ema,
            GumbelKlWeight = Quantizer == CodecQuantizer.Gumbel ? VqVariants.GumbelKlWeight : null,
        };
    }
}

/// <summary>What an autoencoder learns by.</summary>
[Settings]
public sealed partial record CodecLossSettings
{
    /// <summary>The weight of the discriminator beside the balance of gradients; 0 for none. Maps of labels have none.</summary>
    [Within(0)]
    public double Adversarial { get; init; } = 0.8;

    /// <summary>The step from which the discriminator plays; half of the run where left out.</summary>
    [Within(0)]
    [LeftOpen]
    public long? DiscriminatorStart { get; init; }

    /// <summary>Steps over which its weight then rises, while it learns already; a tenth of the run where left out.</summary>
    [Within(0)]
    [LeftOpen]
    public long? DiscriminatorRamp { get; init; }

    /// <summary>Channels of its first layer.</summary>
    [Within(8, 512)]
    public int DiscriminatorWidth { get; init; } = 64;

    /// <summary>Layers of it that halve the picture.</summary>
    [Within(1, 5)]
    public int DiscriminatorLayers { get; init; } = 3;

    /// <summary>A checkpoint of LPIPS on VGG16, which then counts beside differences of pixels.</summary>
    [FilePath]
    public string? Perceptual { get; init; }

    /// <summary>Steps without codes at the beginning, after which the codebook is set from the encoder; a tenth of the run where left out,
    /// at most 500.</summary>
    [Within(0)]
    [LeftOpen]
    public long? Plain { get; init; }

    /// <summary>Steps after which entries that were not used become vectors of the encoder; 0 for never.</summary>
    [Within(0)]
    public int Revive { get; init; } = 100;
}

/// <summary>How VQGAN's first stage is learned.</summary>
[Settings]
public sealed partial record VqganSettings : IPictureSettings
{
    /// <inheritdoc/>
    public RunSettings Run { get; init; } = new() { Epochs = 40, Batch = 8 };

    /// <inheritdoc/>
    public OptimizationSettings Optimization { get; init; } = new()
    {
        Optimizer = OptimizerKind.Adam,
        LearningRate = 5e-4,
        WeightDecay = 0,
        Schedule = ScheduleKind.Constant,
        WarmUpEpochs = 0,
    };

    /// <inheritdoc/>
    public PictureSettings Pictures { get; init; } = new() { ImageSize = 64 };

    /// <summary>How it is built.</summary>
    public CodecSettings Codec { get; init; } = new();

    /// <summary>What it learns by.</summary>
    public CodecLossSettings Loss { get; init; } = new();

    /// <inheritdoc/>
    public ITrainingSettings With(RunSettings run, OptimizationSettings optimization) =>
        this with { Run = run, Optimization = optimization };

    /// <inheritdoc/>
    public IPictureSettings With(PictureSettings pictures) => this with { Pictures = pictures };
}
