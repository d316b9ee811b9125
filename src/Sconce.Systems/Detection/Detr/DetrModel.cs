using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>One decoder layer's answer.</summary>
/// <param name="Logits"><c>(N, queries, classes + 1)</c>, the last column for "no object".</param>
/// <param name="Boxes"><c>(N, queries, 4)</c>: centre x, centre y, width, height as shares of the picture without its padding, in (0,
/// 1).</param>
public record DetrPrediction(Tensor Logits, Tensor Boxes);

/// <summary>The last decoder layer's answer, with the earlier ones' and masks where the network gives them.</summary>
/// <param name="Logits"><c>(N, queries, classes + 1)</c></param>
/// <param name="Boxes"><c>(N, queries, 4)</c></param>
public sealed record DetrOutput(Tensor Logits, Tensor Boxes) : DetrPrediction(Logits, Boxes), ITensorContainer
{
    /// <summary>The answers of the decoder layers before the last.</summary>
    public IReadOnlyList<DetrPrediction> Earlier { get; init; } = [];

    /// <summary>Mask logits of each query, <c>(N, queries, H/4, W/4)</c>; null in networks without masks.</summary>
    public Tensor? Masks { get; init; }

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors =>
        new[] { Logits, Boxes, Masks }.OfType<Tensor>().Concat(Earlier.SelectMany(answer => new[] { answer.Logits, answer.Boxes }));
}

/// <summary>
/// Detection as direct set prediction: pictures to a fixed set of classes and boxes, without anchors and without suppression. 2005.12872,
/// facebookresearch/detr@29901c51 models/detr.py <c>DETR</c>.
/// </summary>
public sealed partial class DetrModel : Module<PaddedImages, DetrOutput>
{
    /// <summary>Initial weights as the official code has them, but for the trunk, which it takes from ImageNet.</summary>
    /// <param name="config">The official ResNet-50 where left out.</param>
    public DetrModel(DetrConfig? config = null)
        : this(config ?? new DetrConfig(), everyStage: false)
    {
    }

    internal DetrModel(DetrConfig config, bool everyStage)
    {
        Config = config;
        int width = config.Transformer.Width;
        Transformer = new DetrTransformer(config.Transformer);
        ClassEmbed = new Linear(width, config.Classes + 1);
        BboxEmbed = new BoxMlp(width, width, 4, 3);
        QueryEmbed = new Embedding(config.Queries, width);
        Backbone = new PositionedBackbone(config, everyStage);
        InputProj = new Conv2d(Backbone.Trunk.Body.Width, width, 1);
    }

    /// <summary>What it was built from.</summary>
    public DetrConfig Config { get; }

    /// <summary>Encoder and decoder.</summary>
    public DetrTransformer Transformer { get; }

    /// <summary>Classes of each query, shared by all layers.</summary>
    public Linear ClassEmbed { get; }

    /// <summary>Boxes of each query before the sigmoid, shared by all layers.</summary>
    public BoxMlp BboxEmbed { get; }

    /// <summary>The queries' positions <c>(queries, width)</c>.</summary>
    public Embedding QueryEmbed { get; }

    /// <summary>1×1, from the trunk's channels to the width.</summary>
    public Conv2d InputProj { get; }

    /// <summary>Convolutions and positions.</summary>
    public PositionedBackbone Backbone { get; }

    /// <inheritdoc/>
    protected override DetrOutput Forward(PaddedImages images) => Run(images).Output;

    /// <summary>The answer with what a mask head reads; belongs to the caller's scope.</summary>
    internal DetrPass Run(PaddedImages images)
    {
        var maps = Backbone.Call(images);
        var source = InputProj.Call(maps.Last);
        // (layers, N, Q, width)
        var (states, memory) = Transformer.Call(new TransformerInput(source, maps.Mask, QueryEmbed.Weight, maps.Positions));
        var last = states[^1];
        var output = new DetrOutput(ClassEmbed.Call(last), BboxEmbed.Call(last).Sigmoid());
        if (Config.Auxiliary && states.Size(0) > 1)
        {
            var earlier = states[..^1];
            var logits = ClassEmbed.Call(earlier).Unbind(0);
            var boxes = BboxEmbed.Call(earlier).Sigmoid().Unbind(0);
            output = output with { Earlier = [.. logits.Zip(boxes, (classes, box) => new DetrPrediction(classes, box))] };
        }

        return new DetrPass(output, last, memory, source, maps);
    }
}

/// <summary>One run of the network with its inner parts.</summary>
/// <param name="Output">The answer.</param>
/// <param name="States">Of the last decoder layer, <c>(N, Q, width)</c>.</param>
/// <param name="Memory">The encoder's map, <c>(N, width, h, w)</c>.</param>
/// <param name="Source">What the encoder read, <c>(N, width, h, w)</c>.</param>
/// <param name="Maps">Of the backbone.</param>
internal sealed record DetrPass(DetrOutput Output, Tensor States, Tensor Memory, Tensor Source, BackboneMaps Maps);
