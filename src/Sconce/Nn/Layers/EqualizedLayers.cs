using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Each item divided by its root mean square over the channels; <c>(N, C, …) -> (N, C, …)</c>. 1710.10196 §4.2.</summary>
public sealed class PixelNorm(double eps = 1e-8) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input * (input.Square().Mean([1], keepdim: true) + eps).Rsqrt();
}

/// <summary>
/// A bias for each channel, then <c>√2 · leaky_relu(x, 0.2)</c>, which keeps the variance; <c>(N, C, …) -> (N, C, …)</c>.
/// StyleGAN2's <c>fused_leaky_relu</c>.
/// </summary>
public sealed partial class BiasedLeakyRelu(int channels, bool bias = true) : Module<Tensor, Tensor>
{
    /// <summary>Below zero.</summary>
    public const double Slope = 0.2;

    /// <summary><c>(C)</c>, zero at first.</summary>
    public Parameter? Bias { get; } = bias ? Parameter.Zeros(channels) : null;

    /// <summary>The activation with another tensor as bias <c>(C)</c>.</summary>
    public static Tensor Apply(Tensor input, Tensor? bias)
    {
        using var scope = new TensorScope();
        long[] shape = [1, -1, .. Enumerable.Repeat(1L, input.Dimensions - 2)];
        var biased = bias is null ? input : input + bias.Reshape(shape);
        return scope.Keep(biased.LeakyRelu(Slope) * Math.Sqrt(2));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Apply(input, Bias);
}

/// <summary>
/// A linear layer at an equalised rate: weights are stored at unit variance over <paramref name="rate"/> and scaled by
/// <c>rate / √inputs</c> when they are used, so that Adam moves all layers alike. <c>(…, inputs) -> (…, outputs)</c>; 1710.10196 §4.1.
/// </summary>
/// <param name="inputs">Width of the input.</param>
/// <param name="outputs">Width of the output.</param>
/// <param name="bias">Whether there is one; it is multiplied by the rate as well.</param>
/// <param name="initialBias">Its first value.</param>
/// <param name="rate">How much slower than the others the layer learns (<c>lr_mul</c>).</param>
/// <param name="activated">Whether <see cref="BiasedLeakyRelu"/> follows.</param>
public sealed partial class EqualLinear(
    int inputs, int outputs, bool bias = true, double initialBias = 0, double rate = 1, bool activated = false) : Module<Tensor, Tensor>
{
    private readonly double scale = rate / Math.Sqrt(inputs);

    /// <summary><c>(outputs, inputs)</c>, as stored.</summary>
    public Parameter Weight { get; } = Init.Normal(Parameter.Empty(outputs, inputs), 1 / rate);

    /// <summary><c>(outputs)</c>, as stored.</summary>
    public Parameter? Bias { get; } = bias ? Parameter.Full(initialBias, outputs) : null;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input)
    {
        var offset = Bias is { } stored && rate != 1 ? stored * rate : Bias;
        return activated
            ? BiasedLeakyRelu.Apply(Functional.Linear(input, Weight * scale), offset)
            : Functional.Linear(input, Weight * scale, offset);
    }
}

/// <summary>A convolution at an equalised rate; see <see cref="EqualLinear"/>. <c>(N, inputs, H, W) -> (N, outputs, H', W')</c></summary>
public sealed partial class EqualConv2d(int inputs, int outputs, int kernel, int stride = 1, int padding = 0, bool bias = true)
    : Module<Tensor, Tensor>
{
    private readonly double scale = 1 / Math.Sqrt((double)inputs * kernel * kernel);

    /// <summary><c>(outputs, inputs, kernel, kernel)</c>, at unit variance.</summary>
    public Parameter Weight { get; } = Init.Normal(Parameter.Empty(outputs, inputs, kernel, kernel));

    /// <summary><c>(outputs)</c></summary>
    public Parameter? Bias { get; } = bias ? Parameter.Zeros(outputs) : null;

    /// <summary>
    /// StyleGAN2's <c>ConvLayer</c> under the keys 0, 1, 2: a <see cref="FirBlur"/> where it halves the map, the convolution, and
    /// <see cref="BiasedLeakyRelu"/>.
    /// </summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">The side of the convolution's kernel, odd.</param>
    /// <param name="halved">Whether the map is halved, behind a low-pass filter.</param>
    /// <param name="blur">The low-pass filter's taps.</param>
    /// <param name="bias">Whether there is one.</param>
    /// <param name="activated">Whether the activation follows, which then holds the bias.</param>
    public static Sequential Layer(
        int inputs, int outputs, int kernel, bool halved = false, FirTaps? blur = null, bool bias = true, bool activated = true)
    {
        var layer = new Sequential();
        if (halved) layer.Add(FirBlur.BeforeHalving(blur ?? FirTaps.Binomial, kernel));
        layer.Add(new EqualConv2d(inputs, outputs, kernel, halved ? 2 : 1, halved ? 0 : kernel / 2, bias && !activated));
        if (activated) layer.Add(new BiasedLeakyRelu(outputs, bias));
        return layer;
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Functional.Conv2d(input, Weight * scale, Bias, [stride, stride], [padding, padding]);
}
