using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>
/// Two convolutions and a linear shortcut, which halve the map; the sum keeps its variance. <c>(N, inputs, H, W) -> (N, outputs, H/2,
/// W/2)</c>
/// </summary>
public sealed partial class StyleResBlock(int inputs, int outputs, FirTaps? blur = null) : Module<Tensor, Tensor>
{
    /// <summary>Keeps size and channels.</summary>
    public Sequential Conv1 { get; } = EqualConv2d.Layer(inputs, inputs, 3);

    /// <summary>Halves the map.</summary>
    public Sequential Conv2 { get; } = EqualConv2d.Layer(inputs, outputs, 3, halved: true, blur);

    /// <summary>Halves it too, without bias and activation.</summary>
    public Sequential Skip { get; } = EqualConv2d.Layer(inputs, outputs, 1, halved: true, blur, bias: false, activated: false);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => (input.Through(Conv1, Conv2) + Skip.Call(input)) / Math.Sqrt(2);
}

/// <summary>
/// StyleGAN2's discriminator: <c>(N, inputs, size, size) -> (N, 1)</c>, higher for pictures that look real. 1912.04958 §4.1;
/// rosinality/stylegan2-pytorch@bef283a1 model.py. CIPS' is the same with coordinates and further first layers (saic-mdal/CIPS@eadae6e4).
/// </summary>
public sealed partial class StyleGan2Discriminator : Module<Tensor, Tensor>
{
    /// <summary>Builds one.</summary>
    public StyleGan2Discriminator(StyleGanConfig config)
    {
        int channels = config.ChannelsAt(config.Size);
        Convs = new Sequential { EqualConv2d.Layer(config.InputChannels, channels, 1) };
        for (int layer = 0; layer < config.FirstLayers; layer++) Convs.Add(EqualConv2d.Layer(channels, channels, 3));
        for (int level = config.Levels; level > 2; level--)
        {
            int next = config.ChannelsAt(1 << (level - 1));
            Convs.Add(new StyleResBlock(channels, next, config.Blur));
            channels = next;
        }

        Deviation = new MinibatchStdDev(config.DeviationGroup);
        FinalConv = EqualConv2d.Layer(channels + 1, config.ChannelsAt(4), 3);
        FinalLinear = Judge(config.ChannelsAt(4));
    }

    /// <summary>From the picture down to 4x4.</summary>
    public Sequential Convs { get; }

    /// <summary>How much the batch varies.</summary>
    public MinibatchStdDev Deviation { get; }

    /// <summary>At 4x4.</summary>
    public Sequential FinalConv { get; }

    /// <summary>From the flattened map to one number.</summary>
    public Sequential FinalLinear { get; }

    /// <summary>The last two layers: <c>(N, 16·channels) -> (N, 1)</c>.</summary>
    public static Sequential Judge(int channels) =>
        new(new EqualLinear(channels * 16, channels, activated: true), new EqualLinear(channels, 1));

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => FinalLinear.Call(input.Through(Convs, Deviation, FinalConv).Flatten(1));
}
