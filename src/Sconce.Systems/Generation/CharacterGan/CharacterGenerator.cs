using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.CharacterGan;

/// <summary>
/// Draws a character from the maps of its keypoints, one for each depth layer: <c>layers x (N, 3, H, W) -> (N, 3 or 4, H, W)</c>, all in
/// [-1, 1]. One encoder sees every layer by itself; the decoder sees all of them. 2102.03141 §3.1; networks.py <c>GlobalGenerator</c>.
/// </summary>
public sealed partial class CharacterGenerator : Module<IReadOnlyList<Tensor>, Tensor>
{
    private readonly CharacterConfig config;

    /// <summary>Draws its first weights as the official code does.</summary>
    /// <param name="config">Its shape.</param>
    public CharacterGenerator(CharacterConfig config)
    {
        this.config = config;
        KeypointModel = Encoder(config);
        ScaleFeatures = config.AdaptiveScaling ? new AdaptiveScaling(config.Deepest, config.Layers, config.Inputs) : null;
        UpsampleModel = Decoder(config);
        CharacterLayers.DrawInitialWeights(this);
    }

    /// <summary>Depth layers.</summary>
    internal int Layers => config.Layers;

    /// <summary>Channels of the judge's first maps; officially twice the generator's.</summary>
    internal int JudgeWidth => 2 * config.Width;

    /// <summary>A layer's map to its features.</summary>
    public Sequential KeypointModel { get; }

    /// <summary>Tells each layer of the others.</summary>
    public AdaptiveScaling? ScaleFeatures { get; }

    /// <summary>All layers' features to the picture.</summary>
    public Sequential UpsampleModel { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(IReadOnlyList<Tensor> layers)
    {
        if (layers.Count != config.Layers) throw new TorchException(
            $"CharacterGAN: {layers.Count} layers of keypoints; it takes {config.Layers}");
        var encoded = KeypointModel.Call(Tensor.Cat([.. layers], 0)); // (layers·N, deepest, h, w): the batch holds the layers
        IReadOnlyList<Tensor> features = encoded.Unflatten(0, [layers.Count, -1]).Unbind(0);
        if (ScaleFeatures is { } scaling) features = scaling.Call(features, layers);
        var picture = UpsampleModel.Call(Tensor.Cat([.. features], 1));
        var size = layers[0].Shape[2..];
        return picture.Shape[2..].SequenceEqual(size) ? picture : Functional.Interpolate(picture, size, Interpolation.Nearest);
    }

    private static Sequential Encoder(CharacterConfig config)
    {
        var encoder = new Sequential
        {
            new ReflectionPad2d(3),
            new Conv2d(config.Inputs, config.Width, 7),
            CharacterLayers.Norm(config.Norm, config.Width),
            new Relu(true),
        };
        for (int k = 0; k < config.Halvings; k++)
        {
            int width = config.Width << k;
            encoder.Add(new Conv2d(width, 2 * width, 3, 2, 1));
            encoder.Add(CharacterLayers.Norm(config.Norm, 2 * width));
            encoder.Add(new Relu(true));
        }

        for (int k = 0; k < config.Blocks; k++) encoder.Add(new CharacterBlock(config.Deepest, config.Padding, config.Norm));
        return encoder;
    }

    private static Sequential Decoder(CharacterConfig config)
    {
        var decoder = new Sequential();
        for (int k = config.Halvings; k > 0; k--)
        {
            int width = config.Width << (k - 1), inputs = k == config.Halvings ? config.Layers * 2 * width : 2 * width;
            decoder.Add(new ConvTranspose2d(inputs, width, 3, 2, 1, 1));
            decoder.Add(CharacterLayers.Norm(config.Norm, width));
            decoder.Add(new Relu(true));
        }

        decoder.Add(new ReflectionPad2d(3));
        decoder.Add(new Conv2d(config.Width, config.Outputs, 7));
        decoder.Add(new Tanh());
        return decoder;
    }
}
