using Sconce.Nn;
using Sconce.Nn.Backbones;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Cips;

/// <summary>What follows each layer.</summary>
public enum CipsActivation
{
    /// <summary>A leaky ReLU, as in StyleGAN2.</summary>
    LeakyRelu,

    /// <summary>A sine.</summary>
    Sine,

    /// <summary>A leaky ReLU on the even channels, a sine on the odd ones, which are moved behind them.</summary>
    SineAndRelu,
}

/// <summary>Sines of learned linear functions of the coordinates: <c>(N, 2, H, W) -> (N, width, H, W)</c>. 2011.13775 equation 2.</summary>
public sealed partial class LearnedFourierFeatures : Module<Tensor, Tensor>
{
    /// <summary>Frequencies uniform within ±√(9/2).</summary>
    public LearnedFourierFeatures(int width)
    {
        Conv = new Conv2d(2, width, 1);
        double bound = Math.Sqrt(9.0 / 2);
        Init.Uniform(Conv.Weight, -bound, bound);
    }

    /// <summary>Frequencies and phases.</summary>
    [Key("ffm.conv")]
    public Conv2d Conv { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor coordinates) => Conv.Call(coordinates).Sin();
}

/// <summary>
/// A layer of one pixel: a modulated 1x1 convolution, noise, an activation. <c>(N, inputs, H, W), (N, style), noise -> (N, outputs, H,
/// W)</c>; the noise is <c>(1 or N, 1, H, W)</c>, or null for fresh numbers. saic-mdal/CIPS@eadae6e4 model/blocks.py <c>StyledConv</c>.
/// </summary>
public sealed partial class CipsConv(int inputs, int outputs, int styleWidth, CipsActivation activation)
    : Module<Tensor, Tensor, Tensor?, Tensor>
{
    /// <summary><c>(1, outputs, 1, 1)</c>; null where <see cref="Activate"/> holds the bias.</summary>
    public Parameter? Bias { get; } = activation == CipsActivation.LeakyRelu ? null : Parameter.Zeros(1, outputs, 1, 1);

    /// <summary>The convolution.</summary>
    public ModulatedConv2d Conv { get; } = new(inputs, outputs, 1, styleWidth);

    /// <summary>The noise's weight.</summary>
    public NoiseInjection Noise { get; } = new();

    /// <summary>Bias and leaky ReLU; null for the other activations.</summary>
    public BiasedLeakyRelu? Activate { get; } = activation == CipsActivation.LeakyRelu ? new(outputs) : null;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input, Tensor style, Tensor? noise)
    {
        var x = Noise.Call(Conv.Call(input, style), noise);
        if (Activate is { } activate) return activate.Call(x);
        x = x + Bias!;
        if (activation == CipsActivation.Sine) return x.Sin();
        var even = x.Slice(1, 0, null, 2).LeakyRelu(BiasedLeakyRelu.Slope);
        return Tensor.Cat([even, x.Slice(1, 1, null, 2).Sin()], 1) * Math.Sqrt(2);
    }
}

/// <summary>Two layers and a shortcut, whose sum keeps its variance.</summary>
public sealed partial class CipsResBlock(int inputs, int outputs, int styleWidth, CipsActivation activation) : Module
{
    /// <summary>Changes the channels.</summary>
    public CipsConv Conv1 { get; } = new(inputs, outputs, styleWidth, activation);

    /// <summary>Keeps them.</summary>
    public CipsConv Conv2 { get; } = new(outputs, outputs, styleWidth, activation);

    /// <summary>A plain convolution where the channels change.</summary>
    public Sequential? Skip { get; } = inputs == outputs ? null : EqualConv2d.Layer(inputs, outputs, 1, bias: false, activated: false);

    /// <summary><c>(N, inputs, H, W), (N, style), noise twice -> (N, outputs, H, W)</c></summary>
    public Tensor Call(Tensor input, Tensor style, Tensor? noise1, Tensor? noise2)
    {
        using var scope = new TensorScope();
        var x = Conv2.Call(Conv1.Call(input, style, noise1), style, noise2);
        return scope.Keep((x + input.Through(Skip)) / Math.Sqrt(2));
    }
}
