using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Trecs;

/// <summary>
/// Two convolutions, each after a norm that the map of labels scales and an activation, and a shortcut around them:
/// <c>(N, inputs, H, W), map -> (N, outputs, H, W)</c>. 1903.07291 figure 4; models/networks/architecture.py <c>SPADEResnetBlock</c>.
/// </summary>
internal sealed partial class SpadeBlock : Module<Tensor, Tensor, Tensor>
{
    internal SpadeBlock(int inputs, int outputs, SpadeConfig config)
    {
        int middle = Math.Min(inputs, outputs);
        Conv0 = Convolution(inputs, middle, 3);
        Conv1 = Convolution(middle, outputs, 3);
        ConvS = inputs == outputs ? null : Convolution(inputs, outputs, 1);
        Norm0 = new(inputs, config);
        Norm1 = new(middle, config);
        NormS = inputs == outputs ? null : new(inputs, config);

        Module<Tensor, Tensor> Convolution(int from, int to, int kernel)
        {
            var layer = new Conv2d(from, to, kernel, 1, kernel / 2, bias: kernel > 1); // the shortcut has no offsets
            return config.Spectral ? new SpectralNorm(layer) : layer;
        }
    }

    [Key("conv_0")]
    internal Module<Tensor, Tensor> Conv0 { get; }

    [Key("conv_1")]
    internal Module<Tensor, Tensor> Conv1 { get; }

    [Key("conv_s")]
    internal Module<Tensor, Tensor>? ConvS { get; }

    [Key("norm_0")]
    internal SpatiallyAdaptiveNorm Norm0 { get; }

    [Key("norm_1")]
    internal SpatiallyAdaptiveNorm Norm1 { get; }

    [Key("norm_s")]
    internal SpatiallyAdaptiveNorm? NormS { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor map)
    {
        var shortcut = ConvS is { } convolution ? convolution.Call(NormS!.Call(x, map)) : x;
        var inner = Conv0.Call(Norm0.Call(x, map).LeakyRelu(0.2));
        return shortcut + Conv1.Call(Norm1.Call(inner, map).LeakyRelu(0.2));
    }
}

/// <summary>
/// A norm without gains of its own, scaled and shifted pixel by pixel by what the map of labels says: <c>norm(x) · (1 + γ) + β</c>.
/// 1903.07291 equation 1; models/networks/normalization.py <c>SPADE</c>.
/// </summary>
internal sealed partial class SpatiallyAdaptiveNorm : Module<Tensor, Tensor, Tensor>
{
    private const int Hidden = 128;

    internal SpatiallyAdaptiveNorm(int channels, SpadeConfig config)
    {
        int padding = config.Kernel / 2;
        ParamFreeNorm = config.Norm == SpadeNorm.Batch ? new BatchNorm2d(channels, affine: false) : new InstanceNorm2d(channels);
        MlpShared = new(new Conv2d(config.Labels, Hidden, config.Kernel, 1, padding), new Relu(inPlace: true));
        MlpGamma = new Conv2d(Hidden, channels, config.Kernel, 1, padding);
        MlpBeta = new Conv2d(Hidden, channels, config.Kernel, 1, padding);
    }

    internal Module<Tensor, Tensor> ParamFreeNorm { get; }

    internal Sequential MlpShared { get; }

    internal Conv2d MlpGamma { get; }

    internal Conv2d MlpBeta { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor map)
    {
        var seen = MlpShared.Call(Functional.Interpolate(map, x.Shape[2..], Interpolation.Nearest));
        return (ParamFreeNorm.Call(x) * (MlpGamma.Call(seen) + 1)) + MlpBeta.Call(seen);
    }
}
