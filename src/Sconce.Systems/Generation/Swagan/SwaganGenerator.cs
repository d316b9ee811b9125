using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Swagan;

/// <summary>
/// The four Haar bands of a picture from features, added to those of the level below, which are doubled as pixels:
/// <c>(N, inputs, H, W), (N, style), (N, 12, H/2, W/2) or null -> (N, 12, H, W)</c>. 2102.06108 §3.
/// </summary>
public sealed partial class ToBands(int inputs, int styleWidth, FirTaps? upsample) : Module<Tensor, Tensor, Tensor?, Tensor>
{
    /// <summary>Bands times colours.</summary>
    public const int Channels = 12;

    /// <summary><c>(1, 12, 1, 1)</c></summary>
    public Parameter Bias { get; } = Parameter.Zeros(1, Channels, 1, 1);

    /// <summary>The level below as pixels; null in the first level.</summary>
    public InverseHaarTransform? Iwt { get; } = upsample is null ? null : new();

    /// <summary>Doubles them.</summary>
    public FirUpsample? Upsample { get; } = upsample is null ? null : new(upsample);

    /// <summary>And takes them back to bands.</summary>
    public HaarTransform? Dwt { get; } = upsample is null ? null : new();

    /// <summary>Not demodulated.</summary>
    public ModulatedConv2d Conv { get; } = new(inputs, Channels, 1, styleWidth, demodulate: false);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input, Tensor style, Tensor? below)
    {
        var bands = Conv.Call(input, style) + Bias;
        return below is null ? bands : bands + below.Through(Iwt, Upsample, Dwt);
    }
}

/// <summary>
/// SWAGAN's generator: StyleGAN2's, whose levels speak in Haar bands of pictures twice as large, so that its convolutions end at half the
/// size. <c>z (N, style) -> (N, 3, size, size)</c>. 2102.06108; rosinality/stylegan2-pytorch@bef283a1 swagan.py, which differs from the
/// authors' TensorFlow code in the scale of the transform and in the width of two kernels.
/// </summary>
public sealed partial class SwaganGenerator(StyleGanConfig config)
    : StyleGenerator(config, config.Levels - 1, (channels, above) => new ToBands(channels, config.StyleWidth, above ? config.Blur : null))
{
    /// <summary>The last bands as a picture.</summary>
    public InverseHaarTransform Iwt { get; } = new();

    /// <inheritdoc/>
    protected override Tensor ToPicture(Tensor output) => Iwt.Call(output);
}
