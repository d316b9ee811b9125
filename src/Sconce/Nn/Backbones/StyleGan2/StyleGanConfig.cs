using System.Numerics;

namespace Sconce.Nn.Backbones;

/// <summary>The sizes of a StyleGAN2 or of a network built of its parts.</summary>
/// <param name="Size">The side of its pictures, a power of two.</param>
public sealed record StyleGanConfig(int Size)
{
    /// <summary>The width of the latent z and of the style w.</summary>
    public int StyleWidth { get; init; } = 512;

    /// <summary>Layers of the mapping from z to w.</summary>
    public int MappingLayers { get; init; } = 8;

    /// <summary>How much slower the mapping learns.</summary>
    public double MappingRate { get; init; } = 0.01;

    /// <summary>2 for config-f, 1 for the narrower networks: multiplies the channels of maps of 64 pixels and more.</summary>
    public int ChannelMultiplier { get; init; } = 2;

    /// <summary>Channels of each map's side; null for the official table.</summary>
    public IReadOnlyDictionary<int, int>? Channels { get; init; }

    /// <summary>The low-pass filter around every change of size.</summary>
    public FirTaps Blur { get; init; } = FirTaps.Binomial;

    /// <summary>Examples a group of the discriminator's deviation.</summary>
    public int DeviationGroup { get; init; } = 4;

    /// <summary>Channels of the discriminator's input: 3 for pictures, 5 for pictures with coordinates.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>3x3 convolutions at full size before the discriminator's first residual block (CIPS' <c>n_first_layers</c>).</summary>
    public int FirstLayers { get; init; }

    /// <summary>log2 of the size.</summary>
    /// <exception cref="ArgumentException">The size is no power of two from 8 on.</exception>
    public int Levels => Size >= 8 && BitOperations.IsPow2(Size)
        ? BitOperations.Log2((uint)Size)
        : throw new ArgumentException($"StyleGAN2: pictures of {Size} pixels; the side is a power of two, from 8 on");

    /// <summary>Channels of maps of that side.</summary>
    /// <exception cref="ArgumentException">The table does not say.</exception>
    public int ChannelsAt(int side)
    {
        if (Channels is null) return side <= 32 ? 512 : 256 * ChannelMultiplier * 64 / side;
        return Channels.TryGetValue(side, out int count)
            ? count
            : throw new ArgumentException(
                $"StyleGAN2: the table of channels has none for maps of {side} pixels: it has {string.Join(", ", Channels.Keys)}");
    }
}
