using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>Where each query looks, head by head, without values: <c>queries (N, Q, width), memory (N, width, h, w), mask -> (N, Q, heads,
/// h, w)</c>; 2005.12872 §4.4.</summary>
public sealed partial class MaskAttention : Module<Tensor, Tensor, Tensor?, Tensor>
{
    private readonly int width, heads;

    /// <summary>Glorot-uniform weights, zero biases.</summary>
    public MaskAttention(int width, int heads)
    {
        (this.width, this.heads) = (width, heads);
        QLinear = new Linear(width, width);
        KLinear = new Linear(width, width);
        foreach (var layer in new[] { QLinear, KLinear })
        {
            Init.XavierUniform(layer.Weight);
            Init.Constant(layer.Bias!, 0);
        }
    }

    /// <summary>Of the queries.</summary>
    public Linear QLinear { get; }

    /// <summary>Of the map's cells.</summary>
    public Linear KLinear { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor queries, Tensor memory, Tensor? mask)
    {
        long batch = queries.Size(0), count = queries.Size(1), height = memory.Size(2), columns = memory.Size(3);
        int part = width / heads;
        var q = (QLinear.Call(queries) * Math.Pow(part, -0.5)).View([batch, count, heads, part]).Transpose(1, 2); // (N, heads, Q, d)
        // (N, heads, d, h·w)
        var k = KLinear.Call(memory.Flatten(2).Transpose(1, 2)).View([batch, height * columns, heads, part]).Permute([0, 2, 3, 1]);
        var scores = q.Matmul(k).Transpose(1, 2); // (N, Q, heads, h·w)
        if (mask is not null) scores = scores.MaskedFill(mask.Flatten(1).Unsqueeze(1).Unsqueeze(1), double.NegativeInfinity);
        return scores.Flatten(2).Softmax(-1).View([batch, count, heads, height, columns]);
    }
}

/// <summary>What the mask head reads.</summary>
/// <param name="Source">Projected features, <c>(N, width, h, w)</c>.</param>
/// <param name="Attention"><c>(N, Q, heads, h, w)</c></param>
/// <param name="Maps">The trunk's stages 3, 2 and 1.</param>
public sealed record MaskHeadInput(Tensor Source, Tensor Attention, IReadOnlyList<Tensor> Maps);

/// <summary>Convolutions that bring attention maps up to a quarter of the picture's size, adding the trunk's earlier maps on the way:
/// <c>-> (N·Q, 1, H/4, W/4)</c>; models/segmentation.py <c>MaskHeadSmallConv</c>.</summary>
public sealed partial class MaskHead : Module<MaskHeadInput, Tensor>
{
    /// <summary>He-uniform weights with slope 1, zero biases.</summary>
    /// <param name="inputs">Width and heads together.</param>
    /// <param name="stages">Channels of the trunk's stages 3, 2 and 1.</param>
    /// <param name="width">Of the transformer.</param>
    public MaskHead(int inputs, IReadOnlyList<int> stages, int width)
    {
        int[] widths = [inputs, width / 2, width / 4, width / 8, width / 16];
        Lay1 = Convolution(inputs, inputs, 3);
        Gn1 = new GroupNorm(8, inputs);
        Lay2 = Convolution(inputs, widths[1], 3);
        Gn2 = new GroupNorm(8, widths[1]);
        Lay3 = Convolution(widths[1], widths[2], 3);
        Gn3 = new GroupNorm(8, widths[2]);
        Lay4 = Convolution(widths[2], widths[3], 3);
        Gn4 = new GroupNorm(8, widths[3]);
        Lay5 = Convolution(widths[3], widths[4], 3);
        Gn5 = new GroupNorm(8, widths[4]);
        OutLay = Convolution(widths[4], 1, 3);
        Adapter1 = Convolution(stages[0], widths[1], 1);
        Adapter2 = Convolution(stages[1], widths[2], 1);
        Adapter3 = Convolution(stages[2], widths[3], 1);
    }

    Conv2d Lay1 { get; }

    GroupNorm Gn1 { get; }

    Conv2d Lay2 { get; }

    GroupNorm Gn2 { get; }

    Conv2d Lay3 { get; }

    GroupNorm Gn3 { get; }

    Conv2d Lay4 { get; }

    GroupNorm Gn4 { get; }

    Conv2d Lay5 { get; }

    GroupNorm Gn5 { get; }

    Conv2d OutLay { get; }

    Conv2d Adapter1 { get; }

    Conv2d Adapter2 { get; }

    Conv2d Adapter3 { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(MaskHeadInput input)
    {
        long queries = input.Attention.Size(1);
        var x = Tensor.Cat([input.Source.RepeatInterleave(queries, 0), input.Attention.Flatten(0, 1)], 1); // (N·Q, width + heads, h, w)
        x = Rectified(Rectified(x, Lay1, Gn1), Lay2, Gn2);
        x = Rectified(Joined(x, Adapter1.Call(input.Maps[0]), queries), Lay3, Gn3);
        x = Rectified(Joined(x, Adapter2.Call(input.Maps[1]), queries), Lay4, Gn4);
        x = Rectified(Joined(x, Adapter3.Call(input.Maps[2]), queries), Lay5, Gn5);
        return OutLay.Call(x);
    }

    private static Tensor Rectified(Tensor x, Conv2d convolution, GroupNorm norm) => norm.Call(convolution.Call(x)).ReluInPlace();

    /// <summary>A picture's map is added to the maps of all its queries, brought to its size.</summary>
    private static Tensor Joined(Tensor x, Tensor map, long queries) =>
        map.RepeatInterleave(queries, 0) + Functional.Interpolate(x, [map.Size(2), map.Size(3)]);

    private static Conv2d Convolution(int inputs, int outputs, int side)
    {
        var layer = new Conv2d(inputs, outputs, side, padding: side / 2);
        Init.KaimingUniform(layer.Weight, 1);
        Init.Constant(layer.Bias!, 0);
        return layer;
    }
}

/// <summary>DETR with a mask for each query, for panoptic segmentation; models/segmentation.py <c>DETRsegm</c>.</summary>
public sealed partial class DetrSegmentation : Module<PaddedImages, DetrOutput>
{
    /// <summary>Initial weights.</summary>
    /// <param name="config">Of the detector inside; the trunk has bottlenecks.</param>
    /// <param name="freezeDetector">Whether only the mask parts learn (<c>--frozen_weights</c>).</param>
    public DetrSegmentation(DetrConfig config, bool freezeDetector = false)
    {
        Detr = new DetrModel(config, everyStage: true);
        if (freezeDetector) Detr.RequireGrad(false);
        var transformer = config.Transformer;
        var stages = Detr.Backbone.Trunk.Body.StageWidths;
        BboxAttention = new MaskAttention(transformer.Width, transformer.Heads);
        MaskHead = new MaskHead(transformer.Width + transformer.Heads, [stages[2], stages[1], stages[0]], transformer.Width);
    }

    /// <summary>The detector.</summary>
    public DetrModel Detr { get; }

    /// <summary>Where queries look.</summary>
    public MaskAttention BboxAttention { get; }

    /// <summary>From there to masks.</summary>
    public MaskHead MaskHead { get; }

    /// <inheritdoc/>
    protected override DetrOutput Forward(PaddedImages images)
    {
        var pass = Detr.Run(images);
        var maps = pass.Maps.Maps;
        var attention = BboxAttention.Call(pass.States, pass.Memory, pass.Maps.Mask);
        var masks = MaskHead.Call(new MaskHeadInput(pass.Source, attention, [maps[2], maps[1], maps[0]]));
        return pass.Output with { Masks = masks.Squeeze(1).Unflatten(0, [-1, Detr.Config.Queries]) };
    }
}
