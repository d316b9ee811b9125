using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Swagan;

/// <summary>Features of a picture's bands, <c>(N, 12, H, W) -> (N, outputs, H, W)</c>. 2102.06108 §3.</summary>
/// <param name="outputs">Channels.</param>
/// <param name="downsample">
/// The filter with which the bands of the level above are halved first, as pixels; null in the first level.
/// </param>
public sealed partial class FromBands(int outputs, FirTaps? downsample) : Module
{
    /// <summary>The level above as pixels.</summary>
    public InverseHaarTransform? Iwt { get; } = downsample is null ? null : new();

    /// <summary>Halves them.</summary>
    public FirDownsample? Downsample { get; } = downsample is null ? null : new(downsample);

    /// <summary>And takes them back to bands.</summary>
    public HaarTransform? Dwt { get; } = downsample is null ? null : new();

    /// <summary>3x3.</summary>
    public Sequential Conv { get; } = EqualConv2d.Layer(ToBands.Channels, outputs, 3);

    /// <summary>The bands at this level: those of the level above, halved.</summary>
    public Tensor Halve(Tensor bands) => bands.Through(Iwt, Downsample, Dwt);
}

/// <summary>Two convolutions, of which the second halves the map: <c>(N, inputs, H, W) -> (N, outputs, H/2, W/2)</c>.</summary>
public sealed partial class SwaganBlock(int inputs, int outputs, FirTaps blur) : Module<Tensor, Tensor>
{
    /// <summary>Keeps size and channels.</summary>
    public Sequential Conv1 { get; } = EqualConv2d.Layer(inputs, inputs, 3);

    /// <summary>Halves the map.</summary>
    public Sequential Conv2 { get; } = EqualConv2d.Layer(inputs, outputs, 3, halved: true, blur);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input.Through(Conv1, Conv2);
}

/// <summary>
/// SWAGAN's discriminator: the Haar bands of the picture are fed in at every level. <c>(N, 3, size, size) -> (N, 1)</c>, higher for
/// pictures that look real. 2102.06108; rosinality/stylegan2-pytorch@bef283a1 swagan.py.
/// </summary>
public sealed partial class SwaganDiscriminator : Module<Tensor, Tensor>
{
    /// <summary>Builds one.</summary>
    public SwaganDiscriminator(StyleGanConfig config)
    {
        int channels = config.ChannelsAt(config.Size);
        List<FromBands> inputs = [];
        List<SwaganBlock> blocks = [];
        for (int level = config.Levels - 1; level > 2; level--)
        {
            inputs.Add(new FromBands(channels, inputs.Count == 0 ? null : config.Blur));
            int next = config.ChannelsAt(1 << (level - 1));
            blocks.Add(new SwaganBlock(channels, next, config.Blur));
            channels = next;
        }

        int last = config.ChannelsAt(4);
        inputs.Add(new FromBands(last, inputs.Count == 0 ? null : config.Blur));
        FromRgbs = new(inputs);
        Convs = new(blocks);
        Deviation = new MinibatchStdDev(config.DeviationGroup);
        FinalConv = EqualConv2d.Layer(last + 1, last, 3);
        FinalLinear = StyleGan2Discriminator.Judge(last);
    }

    /// <summary>Takes the picture to its bands.</summary>
    public HaarTransform Dwt { get; } = new();

    /// <summary>One a level, and one at 4x4.</summary>
    public ModuleList<FromBands> FromRgbs { get; }

    /// <summary>One a level.</summary>
    public ModuleList<SwaganBlock> Convs { get; }

    /// <summary>How much the batch varies.</summary>
    public MinibatchStdDev Deviation { get; }

    /// <summary>At 4x4.</summary>
    public Sequential FinalConv { get; }

    /// <summary>From the flattened map to one number.</summary>
    public Sequential FinalLinear { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        var bands = Dwt.Call(input);
        var features = FromRgbs[0].Conv.Call(bands);
        for (int level = 0; level < Convs.Count; level++)
        {
            bands = FromRgbs[level + 1].Halve(bands);
            features = FromRgbs[level + 1].Conv.Call(bands) + Convs[level].Call(features);
        }

        return FinalLinear.Call(features.Through(Deviation, FinalConv).Flatten(1));
    }
}
