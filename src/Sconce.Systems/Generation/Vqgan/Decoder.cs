using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>
/// From a small map of vectors to a picture: <c>(N, LatentChannels, h, w) -> (N, OutputChannels, h·f, w·f)</c>, not bounded.
/// </summary>
public sealed partial class Decoder : Module<Tensor, Tensor>
{
    /// <summary>Builds it.</summary>
    public Decoder(AutoencoderConfig config)
    {
        if (config.IsPlain)
        {
            Plain = PlainAutoencoder.Decoder(config);
            return;
        }

        int last = config.Multipliers.Count - 1;
        ConvIn = new Conv2d(config.LatentChannels, config.ChannelsAt(last), 3, 1, 1);
        Mid = new AutoencoderMiddle(config.ChannelsAt(last), config.Dropout);
        Up = new(Enumerable.Range(0, last + 1).Select(level => Level(config, level, Math.Min(level + 1, last))));
        NormOut = AutoencoderLayers.Norm(config.ChannelsAt(0));
        ConvOut = new Conv2d(config.ChannelsAt(0), config.OutputChannels, 3, 1, 1);
    }

    /// <summary>The weight by whose gradients the adversarial loss is balanced, <c>(OutputChannels, C, 3, 3)</c>.</summary>
    public Parameter LastWeight => ConvOut?.Weight ?? throw new InvalidOperationException("a plain decoder is trained without a judge");

    internal Sequential? Plain { get; }

    private Conv2d? ConvIn { get; }

    private AutoencoderMiddle? Mid { get; }

    private ModuleList<AutoencoderLevel>? Up { get; }

    private GroupNorm? NormOut { get; }

    private Conv2d? ConvOut { get; }

    private Silu Swish { get; } = new();

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) =>
        Plain is { } plain ? plain.Call(input) : input.Through([ConvIn, Mid, .. Up!.Reverse(), NormOut, Swish, ConvOut]);

    private static AutoencoderLevel Level(AutoencoderConfig config, int level, int before)
    {
        int inputs = config.ChannelsAt(before), outputs = config.ChannelsAt(level), count = config.Blocks + 1;
        var blocks = Enumerable.Range(0, count).Select(k => new AutoencoderBlock(k == 0 ? inputs : outputs, outputs, config.Dropout));
        var attention = Enumerable.Range(0, config.AttendsAt(level) ? count : 0).Select(_ => new SpatialAttention(outputs));
        return new AutoencoderLevel(blocks, attention, null, level > 0 ? new Upsampling(outputs) : null);
    }
}
