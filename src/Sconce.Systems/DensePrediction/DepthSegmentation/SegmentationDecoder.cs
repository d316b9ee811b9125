using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>How a segmentation reads a decoder.</summary>
public sealed record SegmentationHeadConfig
{
    /// <summary>Which maps it reads: 0 to 4 are the encoder's, 5 to 9 the decoder's stages 4 to 0.</summary>
    public IReadOnlyList<int> Layers { get; init; } = [9];

    /// <summary>To how many channels each of them is brought.</summary>
    public int LayerWidth { get; init; } = 64;

    /// <summary>Channels between; where <see cref="HasInner"/> is false, as many as come in.</summary>
    public int InnerWidth { get; init; } = 64;

    /// <summary>Whether a 3x3 convolution, norm and dropout stand before the classifier.</summary>
    public bool HasInner { get; init; } = true;

    /// <summary>The rate of that dropout.</summary>
    public double InnerDropout { get; init; } = 0.1;

    /// <summary>The rate of dropout of what comes in.</summary>
    public double LayerDropout { get; init; }

    /// <summary>The last map's side over the side at which classes are told.</summary>
    public int OutputStride { get; init; } = 1;
}

/// <summary>
/// A depth decoder's body whose maps a segmentation reads, so that it can begin with the weights that learned depth. 2012.10782 §3.1;
/// lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029 models/joint_segmentation_depth_decoder.py <c>JointSegDepthDecoder</c>.
/// </summary>
public sealed partial class SegmentationDecoder : Module
{
    internal const int LastLayer = 9;

    private readonly SegmentationHeadConfig config;

    /// <summary>PyTorch's default initial weights.</summary>
    /// <param name="encoderWidths">Channels of the encoder's five maps.</param>
    /// <param name="decoder">Its body.</param>
    /// <param name="classes">How many it tells apart.</param>
    /// <param name="config">Its head.</param>
    /// <exception cref="ArgumentException">Widths or layers that do not fit.</exception>
    public SegmentationDecoder(IReadOnlyList<int> encoderWidths, DepthDecoderConfig decoder, int classes, SegmentationHeadConfig config)
    {
        this.config = config;
        if (config.Layers.Count == 0 || config.Layers.Any(layer => layer is < 0 or > LastLayer))
        {
            throw new ArgumentException($"segmentation: layers 0 to {LastLayer} can be read, not '{string.Join(", ", config.Layers)}'");
        }

        int joined = config.Layers.Count * config.LayerWidth;
        if (!config.HasInner && config.InnerWidth != joined)
        {
            throw new ArgumentException(
                $"segmentation: without an inner convolution the classifier reads {joined} channels, not {config.InnerWidth}");
        }

        UnetDec = new DepthDecoder(encoderWidths, decoder);
        foreach (int layer in config.Layers)
        {
            int width = layer <= 4 ? encoderWidths[layer] : decoder.Widths[LastLayer - layer];
            Project.Add($"seg{layer}", new Sequential(new Conv2d(width, config.LayerWidth, 1, bias: false)));
        }

        Head = new Sequential(config.LayerDropout > 0 ? new Dropout(config.LayerDropout) : new Identity());
        IReadOnlyList<Module<Tensor, Tensor>> inner = config.HasInner
            ?
            [
                new Conv2d(joined, config.InnerWidth, 3, padding: 1, bias: false), new BatchNorm2d(config.InnerWidth), new Relu(),
                new Dropout(config.InnerDropout),
            ]
            : [new Identity()];
        foreach (var module in inner) Head.Add(module);
        Head.Add(new Conv2d(config.InnerWidth, classes, 1));
    }

    DepthDecoder UnetDec { get; }

    ModuleDictionary<Sequential> Project { get; } = new();

    Sequential Head { get; }

    /// <summary>Logits of the classes.</summary>
    /// <param name="encoded">The encoder's five maps.</param>
    /// <returns><c>(N, classes, H, W)</c>, of the picture's size where the decoder's last map has it.</returns>
    public Tensor Logits(IReadOnlyList<Tensor> encoded)
    {
        using var scope = new TensorScope();
        var decoded = UnetDec.Decode(encoded, withDisparities: false).Maps;
        long height = decoded[0]!.Size(2), width = decoded[0]!.Size(3);
        long[] size = [height / config.OutputStride, width / config.OutputStride];
        var read = config.Layers.Select(layer => Functional.Interpolate(
            Project[$"seg{layer}"].Call(layer <= 4 ? encoded[layer] : decoded[LastLayer - layer]!), size, Interpolation.Bilinear));
        var logits = Head.Call(Tensor.Cat([.. read], 1));
        return scope.Keep(config.OutputStride == 1 ? logits : Functional.Interpolate(logits, [height, width], Interpolation.Bilinear));
    }
}
