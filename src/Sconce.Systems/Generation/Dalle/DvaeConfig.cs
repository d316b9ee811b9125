namespace Sconce.Systems.Generation.Dalle;

/// <summary>The discrete autoencoder; the official values where left out.</summary>
public sealed record DvaeConfig
{
    /// <summary>Channels of the outermost group; each further one has twice as many.</summary>
    public int Width { get; init; } = 256;

    /// <summary>Blocks of a group.</summary>
    public int Blocks { get; init; } = 2;

    /// <summary>Groups; between two of them the map is halved or doubled.</summary>
    public int Groups { get; init; } = 4;

    /// <summary>Codes that there are.</summary>
    public int Codes { get; init; } = 8192;

    /// <summary>Channels of a code in the decoder: its codebook's width.</summary>
    public int CodeWidth { get; init; } = 128;

    /// <summary>Channels of the pictures.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>What each block's branch is multiplied by; 1 over the square of the number of blocks where left out.</summary>
    public double? Gain { get; init; }

    /// <summary>How many pixels a side one code stands for.</summary>
    public int Downsampling => 1 << (Groups - 1);

    internal double BranchGain => Gain ?? 1.0 / (Groups * Blocks * Groups * Blocks);
}
