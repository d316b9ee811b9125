using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Whether a convolution keeps its map's size.</summary>
public enum MapResize
{
    /// <summary>It does.</summary>
    None,

    /// <summary>It doubles it, with a low-pass filter behind.</summary>
    Double,

    /// <summary>It halves it, with a low-pass filter in front.</summary>
    Halve,
}

/// <summary>
/// A convolution whose weights each example's style scales: <c>(N, inputs, H, W), (N, style) -> (N, outputs, H', W')</c>. 1912.04958 §2.2.
/// Inputs and outputs are scaled instead of the weights, which is the same and needs one convolution for all examples.
/// </summary>
public sealed partial class ModulatedConv2d : Module<Tensor, Tensor, Tensor>
{
    private readonly bool demodulate;
    private readonly MapResize resize;
    private readonly double scale;

    /// <summary>Normal weights; the style scales by 1 at first.</summary>
    /// <param name="inputs">Channels in.</param>
    /// <param name="outputs">Channels out.</param>
    /// <param name="kernel">The side of the kernel, odd.</param>
    /// <param name="styleWidth">Width of the style.</param>
    /// <param name="demodulate">Whether each output's weights are scaled back to unit length.</param>
    /// <param name="resize">Whether the map changes its size.</param>
    /// <param name="blur">The filter's taps where it does.</param>
    public ModulatedConv2d(
        int inputs,
        int outputs,
        int kernel,
        int styleWidth,
        bool demodulate = true,
        MapResize resize = MapResize.None,
        FirTaps? blur = null)
    {
        this.demodulate = demodulate;
        this.resize = resize;
        scale = 1 / Math.Sqrt((double)inputs * kernel * kernel);
        Weight = Init.Normal(Parameter.Empty(1, outputs, inputs, kernel, kernel));
        var taps = blur ?? FirTaps.Binomial;
        Blur = resize switch
        {
            MapResize.Double => FirBlur.AfterDoubling(taps, kernel),
            MapResize.Halve => FirBlur.BeforeHalving(taps, kernel),
            _ => null,
        };
        Modulation = new EqualLinear(styleWidth, inputs, initialBias: 1);
    }

    /// <summary><c>(1, outputs, inputs, kernel, kernel)</c>, at unit variance.</summary>
    public Parameter Weight { get; }

    /// <summary>The low-pass filter; null where the map keeps its size.</summary>
    public FirBlur? Blur { get; }

    /// <summary>From a style to a factor for each input channel.</summary>
    public EqualLinear Modulation { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input, Tensor style)
    {
        var factors = Modulation.Call(style); // (N, inputs)
        var weight = Weight[0] * scale;
        var scaled = input * factors.Unsqueeze(-1).Unsqueeze(-1);
        var output = resize switch
        {
            MapResize.Double => Blur!.Call(Functional.ConvTranspose2d(scaled, weight.Transpose(0, 1), null, [2, 2])),
            MapResize.Halve => Functional.Conv2d(Blur!.Call(scaled), weight, null, [2, 2]),
            _ => Functional.Conv2d(scaled, weight, null, [1, 1], [weight.Size(2) / 2, weight.Size(3) / 2]),
        };
        if (!demodulate) return output;

        var lengths = factors.Square().Matmul(weight.Square().Sum([2, 3]).T()); // (N, outputs)
        return output * (lengths + 1e-8).Rsqrt().Unsqueeze(-1).Unsqueeze(-1);
    }
}
