using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>Adds noise times one learned weight, which is zero at first. <c>(N, C, H, W), (1 or N, 1, H, W) -> (N, C, H, W)</c></summary>
public sealed partial class NoiseInjection : Module<Tensor, Tensor?, Tensor>
{
    /// <summary><c>(1)</c></summary>
    public Parameter Weight { get; } = Parameter.Zeros(1);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input, Tensor? noise) => input + (Weight * (noise ?? Fresh(input)));

    private static Tensor Fresh(Tensor input) =>
        Tensor.Randn([input.Size(0), 1, input.Size(2), input.Size(3)], dtype: input.DType, device: input.Device);
}

/// <summary>
/// A modulated convolution, noise, an activation: <c>(N, inputs, H, W), (N, style), noise -> (N, outputs, H', W')</c>; the noise is
/// <c>(1 or N, 1, H', W')</c>, or null for fresh normal numbers. 1912.04958 figure 2c.
/// </summary>
public sealed partial class StyledConv(
    int inputs, int outputs, int kernel, int styleWidth, MapResize resize = MapResize.None, FirTaps? blur = null)
    : Module<Tensor, Tensor, Tensor?, Tensor>
{
    /// <summary>The convolution.</summary>
    public ModulatedConv2d Conv { get; } = new(inputs, outputs, kernel, styleWidth, resize: resize, blur: blur);

    /// <summary>The noise's weight.</summary>
    public NoiseInjection Noise { get; } = new();

    /// <summary>Bias and activation.</summary>
    public BiasedLeakyRelu Activate { get; } = new(outputs);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input, Tensor style, Tensor? noise) =>
        Activate.Call(Noise.Call(Conv.Call(input, style), noise));
}

/// <summary>
/// Colours from features, added to those of the level below: <c>(N, inputs, H, W), (N, style), (N, 3, H/2, W/2) or null ->
/// (N, 3, H, W)</c>. 1912.04958 §4.1 (the output skips).
/// </summary>
public sealed partial class ToRgb(int inputs, int styleWidth, FirTaps? upsample, int colours = 3) : Module<Tensor, Tensor, Tensor?, Tensor>
{
    /// <summary><c>(1, colours, 1, 1)</c></summary>
    public Parameter Bias { get; } = Parameter.Zeros(1, colours, 1, 1);

    /// <summary>Doubles the level below; null in the first level, and where maps keep their size.</summary>
    public FirUpsample? Upsample { get; } = upsample is null ? null : new(upsample);

    /// <summary>Not demodulated.</summary>
    public ModulatedConv2d Conv { get; } = new(inputs, colours, 1, styleWidth, demodulate: false);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input, Tensor style, Tensor? below)
    {
        var colours = Conv.Call(input, style) + Bias;
        return below is null ? colours : colours + (Upsample?.Call(below) ?? below);
    }
}

/// <summary>The learned map that synthesis begins with.</summary>
public sealed partial class ConstantInput(int channels, int side = 4) : Module
{
    /// <summary><c>(1, C, side, side)</c></summary>
    public Parameter Input { get; } = Init.Normal(Parameter.Empty(1, channels, side, side));

    /// <summary>One for each example: <c>(count, C, side, side)</c>.</summary>
    public Tensor For(long count) => Input.Expand([count, -1, -1, -1]);
}

/// <summary>The mapping network, z to w: <c>(N, style) -> (N, style)</c>, under the keys 1, 2 … as official checkpoints have it.</summary>
public static class MappingNetwork
{
    /// <summary>A pixel norm and equalised layers with activations.</summary>
    public static Sequential Create(int width, int layers, double rate) =>
        new([new PixelNorm(), .. Enumerable.Range(0, layers).Select(_ => new EqualLinear(width, width, rate: rate, activated: true))]);
}
