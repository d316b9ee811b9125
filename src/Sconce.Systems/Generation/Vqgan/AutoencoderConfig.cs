namespace Sconce.Systems.Generation.Vqgan;

/// <summary>The convolutional autoencoder around the codebook; the official ImageNet model's values where left out.</summary>
public sealed record AutoencoderConfig
{
    /// <summary>Channels of a place of the map between encoder and decoder.</summary>
    public int LatentChannels { get; init; } = 256;

    /// <summary>
    /// The side of the pictures for which <see cref="AttentionResolutions"/> count; pictures of other sizes pass the same layers.
    /// </summary>
    public int Resolution { get; init; } = 256;

    /// <summary>Channels of the pictures that go in.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Channels of the pictures that come out.</summary>
    public int OutputChannels { get; init; } = 3;

    /// <summary>Channels at full size.</summary>
    public int Width { get; init; } = 128;

    /// <summary>Channels of each level as multiples of <see cref="Width"/>; between two levels the map is halved.</summary>
    public IReadOnlyList<int> Multipliers { get; init; } = [1, 1, 2, 2, 4];

    /// <summary>Residual blocks of a level; the decoder has one more.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>The sides of maps at which each residual block is followed by attention.</summary>
    public IReadOnlyList<int> AttentionResolutions { get; init; } = [16];

    /// <summary>Dropout within residual blocks.</summary>
    public double Dropout { get; init; }

    /// <summary>Whether the encoder answers with twice as many channels: a mean and a log variance each.</summary>
    public bool DoubleLatent { get; init; }

    /// <summary>Plain convolutions in place of residual blocks and norms, two for each halving: what the claim trains. The blocks' numbers
    /// then say nothing.</summary>
    internal bool IsPlain { get; init; }

    /// <summary>How many pixels a side one code stands for.</summary>
    public int Downsampling => 1 << (Multipliers.Count - 1);

    /// <summary>Channels of a level, from 0 at full size.</summary>
    internal int ChannelsAt(int level) => Width * Multipliers[level];

    /// <summary>Whether attention follows the residual blocks of a level.</summary>
    internal bool AttendsAt(int level) => AttentionResolutions.Contains(Resolution >> level);
}
