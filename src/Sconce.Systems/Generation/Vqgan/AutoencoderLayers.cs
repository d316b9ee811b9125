using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>What encoder and decoder are made of. CompVis/taming-transformers@3ba01b2 diffusionmodules/model.py.</summary>
internal static class AutoencoderLayers
{
    /// <summary>Normalises 32 groups of channels.</summary>
    internal static GroupNorm Norm(int channels) => new(32, channels, 1e-6);
}

/// <summary>Twice norm, swish and 3x3 convolution, beside a shortcut. <c>(N, inputs, H, W) -> (N, outputs, H, W)</c>.</summary>
internal sealed partial class AutoencoderBlock(int inputs, int outputs, double dropout) : Module<Tensor, Tensor>
{
    public GroupNorm Norm1 { get; } = AutoencoderLayers.Norm(inputs);

    public Conv2d Conv1 { get; } = new(inputs, outputs, 3, 1, 1);

    public GroupNorm Norm2 { get; } = AutoencoderLayers.Norm(outputs);

    public Dropout Dropout { get; } = new(dropout);

    public Conv2d Conv2 { get; } = new(outputs, outputs, 3, 1, 1);

    [Key("nin_shortcut")]
    public Conv2d? Shortcut { get; } = inputs == outputs ? null : new Conv2d(inputs, outputs, 1);

    private Silu Swish { get; } = new();

    protected override Tensor Forward(Tensor x) =>
        x.Through(Shortcut) + x.Through(Norm1, Swish, Conv1, Norm2, Swish, Dropout, Conv2);
}

/// <summary>Attention of one head among all places of the map. <c>(N, C, H, W) -> (N, C, H, W)</c>.</summary>
internal sealed partial class SpatialAttention(int channels) : Module<Tensor, Tensor>
{
    public GroupNorm Norm { get; } = AutoencoderLayers.Norm(channels);

    [Key("q")]
    public Conv2d Query { get; } = new(channels, channels, 1);

    [Key("k")]
    public Conv2d KeyOf { get; } = new(channels, channels, 1);

    [Key("v")]
    public Conv2d Value { get; } = new(channels, channels, 1);

    public Conv2d ProjOut { get; } = new(channels, channels, 1);

    protected override Tensor Forward(Tensor x)
    {
        var normal = Norm.Call(x);
        Tensor q = Query.Call(normal).Flatten(2), k = KeyOf.Call(normal).Flatten(2), v = Value.Call(normal).Flatten(2); // (N, C, HW)
        var weights = (q.Transpose(1, 2).Bmm(k) * (1 / Math.Sqrt(channels))).Softmax(-1); // (N, HW, HW)
        return x + ProjOut.Call(v.Bmm(weights.Transpose(1, 2)).ViewAs(x));
    }
}

/// <summary>Halves a map: the zeros for the 3x3 convolution stand right and below only.</summary>
internal sealed partial class Downsampling(int channels) : Module<Tensor, Tensor>
{
    public Conv2d Conv { get; } = new(channels, channels, 3, 2);

    protected override Tensor Forward(Tensor x) => Conv.Call(Functional.Pad(x, [0, 1, 0, 1]));
}

/// <summary>Doubles a map: nearest neighbours, then a 3x3 convolution.</summary>
internal sealed partial class Upsampling(int channels) : Module<Tensor, Tensor>
{
    public Conv2d Conv { get; } = new(channels, channels, 3, 1, 1);

    protected override Tensor Forward(Tensor x) => Functional.InterpolateBy(x, 2).Then(Conv);
}

/// <summary>The layers of one size: residual blocks, each with attention or none, and then a change of size or none.</summary>
internal sealed partial class AutoencoderLevel(
    IEnumerable<AutoencoderBlock> blocks, IEnumerable<SpatialAttention> attention, Downsampling? downsample, Upsampling? upsample)
    : Module<Tensor, Tensor>
{
    public ModuleList<AutoencoderBlock> Block { get; } = new(blocks);

    [Key("attn")]
    public ModuleList<SpatialAttention> Attention { get; } = new(attention);

    public Downsampling? Downsample { get; } = downsample;

    public Upsampling? Upsample { get; } = upsample;

    protected override Tensor Forward(Tensor x)
    {
        for (int k = 0; k < Block.Count; k++) x = x.Through(Block[k], k < Attention.Count ? Attention[k] : null);
        return x.Through(Downsample, Upsample);
    }
}

/// <summary>The layers at the smallest size, in the encoder's end and the decoder's beginning.</summary>
internal sealed partial class AutoencoderMiddle(int channels, double dropout) : Module<Tensor, Tensor>
{
    [Key("block_1")]
    public AutoencoderBlock Block1 { get; } = new(channels, channels, dropout);

    [Key("attn_1")]
    public SpatialAttention Attention { get; } = new(channels);

    [Key("block_2")]
    public AutoencoderBlock Block2 { get; } = new(channels, channels, dropout);

    protected override Tensor Forward(Tensor x) => x.Through(Block1, Attention, Block2);
}
