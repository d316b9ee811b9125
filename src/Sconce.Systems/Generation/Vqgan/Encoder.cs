using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>From a picture to a small map of vectors: <c>(N, InputChannels, H, W) -> (N, LatentChannels, H/f, W/f)</c>.</summary>
public sealed partial class Encoder : Module<Tensor, Tensor>
{
    /// <summary>Builds it.</summary>
    public Encoder(AutoencoderConfig config)
    {
        if (config.IsPlain)
        {
            Plain = PlainAutoencoder.Encoder(config);
            return;
        }

        int last = config.Multipliers.Count - 1;
        ConvIn = new Conv2d(config.InputChannels, config.Width, 3, 1, 1);
        Down = new(Enumerable.Range(0, last + 1).Select(level => Level(config, level, level < last)));
        Mid = new AutoencoderMiddle(config.ChannelsAt(last), config.Dropout);
        NormOut = AutoencoderLayers.Norm(config.ChannelsAt(last));
        ConvOut = new Conv2d(config.ChannelsAt(last), config.LatentChannels * (config.DoubleLatent ? 2 : 1), 3, 1, 1);
    }

    internal Sequential? Plain { get; }

    private Conv2d? ConvIn { get; }

    private ModuleList<AutoencoderLevel>? Down { get; }

    private AutoencoderMiddle? Mid { get; }

    private GroupNorm? NormOut { get; }

    private Conv2d? ConvOut { get; }

    private Silu Swish { get; } = new();

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) =>
        Plain is { } plain ? plain.Call(input) : input.Through([ConvIn, .. Down!, Mid, NormOut, Swish, ConvOut]);

    private static AutoencoderLevel Level(AutoencoderConfig config, int level, bool halves)
    {
        int inputs = level == 0 ? config.Width : config.ChannelsAt(level - 1), outputs = config.ChannelsAt(level);
        var blocks = Enumerable.Range(0, config.Blocks)
            .Select(k => new AutoencoderBlock(k == 0 ? inputs : outputs, outputs, config.Dropout));
        var attention = Enumerable.Range(0, config.AttendsAt(level) ? config.Blocks : 0).Select(_ => new SpatialAttention(outputs));
        return new AutoencoderLevel(blocks, attention, halves ? new Downsampling(outputs) : null, null);
    }
}
