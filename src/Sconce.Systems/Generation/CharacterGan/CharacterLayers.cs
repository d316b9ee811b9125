using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>
/// Two convolutions around which the input passes: <c>(N, width, H, W) -> (N, width, H, W)</c>; networks.py <c>ResnetBlock</c>.
/// </summary>
internal sealed partial class CharacterBlock(int width, PaddingMode padding, CharacterNorm norm) : Module<Tensor, Tensor>
{
    internal Sequential ConvBlock { get; } = Layers(width, padding, norm);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => input + ConvBlock.Call(input);

    /// <summary>Officially padding is a layer of its own, and counts in the keys.</summary>
    private static Sequential Layers(int width, PaddingMode padding, CharacterNorm norm)
    {
        var layers = new Sequential();
        AddConvolution();
        layers.Add(new Relu(true));
        AddConvolution();
        return layers;

        void AddConvolution()
        {
            if (padding != PaddingMode.Zeros) layers.Add(padding == PaddingMode.Reflect ? new ReflectionPad2d(1) : new ReplicationPad2d(1));
            layers.Add(new Conv2d(width, width, 3, 1, padding == PaddingMode.Zeros ? 1 : 0));
            layers.Add(CharacterLayers.Norm(norm, width));
        }
    }
}

/// <summary>
/// Scales and shifts each layer's features by what the keypoints of all layers say, so that a limb knows what hides it:
/// <c>f · (1 + γ) + β</c>. 2102.03141 §3.2; networks.py <c>ScaleFeatures</c>, whose norm without parameters goes unused.
/// </summary>
/// <param name="width">Channels of the features.</param>
/// <param name="layers">Depth layers.</param>
/// <param name="inputs">Channels of a layer's map.</param>
/// <param name="hidden">Channels between.</param>
public sealed partial class AdaptiveScaling(int width, int layers = 3, int inputs = 3, int hidden = 64)
    : Module<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>, IReadOnlyList<Tensor>>
{
    internal Sequential MlpShared { get; } = new(new Conv2d(layers * inputs, hidden, 3, 1, 1), new Relu(true));

    internal ModuleList<Conv2d> Gammas { get; } = new(Enumerable.Range(0, layers).Select(_ => new Conv2d(hidden, width, 3, 1, 1)));

    internal ModuleList<Conv2d> Betas { get; } = new(Enumerable.Range(0, layers).Select(_ => new Conv2d(hidden, width, 3, 1, 1)));

    /// <inheritdoc/>
    protected override IReadOnlyList<Tensor> Forward(IReadOnlyList<Tensor> features, IReadOnlyList<Tensor> keypoints)
    {
        var maps = Functional.Interpolate(Tensor.Cat([.. keypoints], 1), features[0].Shape[2..], Interpolation.Nearest);
        var seen = MlpShared.Call(maps);
        return [.. features.Select((feature, k) => (feature * (Gammas[k].Call(seen) + 1)) + Betas[k].Call(seen))];
    }
}

internal static class CharacterLayers
{
    internal static Module<Tensor, Tensor> Norm(CharacterNorm norm, int channels) =>
        norm == CharacterNorm.Instance ? new InstanceNorm2d(channels) : new BatchNorm2d(channels);

    /// <summary>
    /// N(0, 0.02) for weights of convolutions, N(1, 0.02) for gains of batch norms; biases stay. networks.py <c>weights_init</c>.
    /// </summary>
    internal static void DrawInitialWeights(Module network)
    {
        foreach (var (_, module) in network.NamedModules())
        {
            if (module is Convolution convolution) Init.Normal(convolution.Weight, 0.02);
            else if (module is BatchNorm { Weight: { } gains }) Init.Normal(gains, 0.02, 1);
        }
    }
}
