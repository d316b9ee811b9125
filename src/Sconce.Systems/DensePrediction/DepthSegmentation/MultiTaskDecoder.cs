using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>How two decoders meet.</summary>
public sealed record MultiTaskConfig
{
    /// <summary>After which map they exchange features: 5 to 8 are the decoders' stages 4 to 1.</summary>
    public int ExchangeLayer { get; init; } = 7;

    /// <summary>Which map the last classifier reads: one behind the exchange, or 0 to 4 of the encoder.</summary>
    public int FinalLayer { get; init; } = 9;

    /// <summary>The encoder's largest map's side over the side at which classes are told.</summary>
    public int OutputStride { get; init; } = 1;

    /// <summary>Whether classes are told before the exchange too.</summary>
    public bool HasSideOutput { get; init; } = true;
}

/// <summary>
/// Prediction and distillation: a decoder for depth and one for classes, which half-way tell each other what they see through gates.
/// 2012.10782 §3.1, 1805.04409; lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029
/// models/joint_segmentation_depth_decoder.py <c>PAD</c>.
/// </summary>
public sealed partial class MultiTaskDecoder : Module
{
    private readonly MultiTaskConfig config;
    private readonly int firstStage, exchange;

    /// <summary>PyTorch's default initial weights, gates at ½.</summary>
    /// <param name="encoderWidths">Channels of the encoder's five maps.</param>
    /// <param name="decoder">Both decoders.</param>
    /// <param name="classes">How many are told apart.</param>
    /// <param name="config">Where they meet.</param>
    /// <exception cref="ArgumentException">Layers where they cannot.</exception>
    public MultiTaskDecoder(IReadOnlyList<int> encoderWidths, DepthDecoderConfig decoder, int classes, MultiTaskConfig config)
    {
        this.config = config;
        firstStage = decoder.FirstStage;
        exchange = SegmentationDecoder.LastLayer - config.ExchangeLayer;
        int final = SegmentationDecoder.LastLayer - config.FinalLayer;
        if (exchange < 1 || exchange > firstStage || final < 0 || (final >= exchange && config.FinalLayer > 4))
        {
            throw new ArgumentException(
                $"multi-task decoder: an exchange after layer {config.ExchangeLayer} and a classifier of layer {config.FinalLayer}: "
                + "the exchange comes after 5 to 8, and the classifier reads a later layer, up to 9, or one of the encoder, 0 to 4");
        }

        int shared = decoder.Widths[exchange];
        DepthDec = new DepthDecoder(encoderWidths, decoder);
        SegDec = new DepthDecoder(encoderWidths, decoder); // its heads of disparities are in checkpoints but never run
        SaDepth = new GatedConv(shared);
        SaSeg = new GatedConv(shared);
        SegIntermediateHead = config.HasSideOutput ? new Sequential(new Conv2d(shared, classes, 1)) : null;
        int last = config.FinalLayer <= 4 ? encoderWidths[config.FinalLayer] : decoder.Widths[final];
        SegFinalHead = new Sequential(new Conv2d(last, classes, 1));
    }

    DepthDecoder DepthDec { get; }

    DepthDecoder SegDec { get; }

    GatedConv SaDepth { get; }

    GatedConv SaSeg { get; }

    Sequential? SegIntermediateHead { get; }

    Sequential SegFinalHead { get; }

    /// <summary>What learns from depths: the rest learns from classes.</summary>
    public IEnumerable<Parameter> DepthParameters => DepthDec.Parameters().Concat(SaSeg.Parameters());

    /// <summary>What learns from classes, and what a mean teacher follows.</summary>
    public IEnumerable<Parameter> SegmentationParameters =>
        SegDec.Parameters().Concat(SaDepth.Parameters()).Concat(SegFinalHead.Parameters()).Concat(SegIntermediateHead?.Parameters() ?? []);

    /// <summary>Depth and classes.</summary>
    /// <param name="encoded">The encoder's five maps.</param>
    public DepthSegmentationOutput Predict(IReadOnlyList<Tensor> encoded)
    {
        using var scope = new TensorScope();
        var depth = DepthDec.Decode(encoded, encoded[^1], firstStage, exchange, withDisparities: true);
        var classes = SegDec.Decode(encoded, encoded[^1], firstStage, exchange, withDisparities: false);
        Tensor ofDepth = depth.Maps[exchange]!, ofClasses = classes.Maps[exchange]!;
        var side = SegIntermediateHead?.Call(ofClasses);

        var depthAfter = DepthDec.Decode(encoded, ofDepth + SaSeg.Call(ofClasses), exchange - 1, 0, withDisparities: true);
        var classesAfter = SegDec.Decode(encoded, ofClasses + SaDepth.Call(ofDepth), exchange - 1, 0, withDisparities: false);
        int layer = config.FinalLayer;
        var final = SegFinalHead.Call(layer <= 4 ? encoded[layer] : classesAfter.Maps[SegmentationDecoder.LastLayer - layer]!);
        if (config.OutputStride != 1)
        {
            final = Sized(final);
            side = side is null ? null : Sized(side);
        }

        var disparities = depth.Disparities.Zip(depthAfter.Disparities, (before, after) => after ?? before);
        return scope.Keep(new DepthSegmentationOutput { Disparities = [.. disparities], Semantics = final, SideSemantics = side });

        Tensor Sized(Tensor logits) =>
            Functional.Interpolate(logits, [encoded[0].Size(2), encoded[0].Size(3)], Interpolation.Bilinear);
    }
}
