using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>
/// A pre-norm block over a class token and patches in time: <c>(N, 1 + patches·frames, width)</c> with time fastest, and the number of
/// frames, to the same shape; 2102.05095 equations 4 to 9, keys as in timesformer/models/vit.py@a5ef29a. Without divided attention it is
/// ViT's block.
/// </summary>
public sealed partial class TimeSformerBlock : Module<Tensor, int, Tensor>
{
    /// <summary>PyTorch's default initial numbers.</summary>
    /// <param name="width">Of the tokens.</param>
    /// <param name="heads">Of each attention.</param>
    /// <param name="attention">Which tokens look at which.</param>
    /// <param name="options">ViT's where left out.</param>
    /// <exception cref="ArgumentException">The width does not divide by the heads.</exception>
    public TimeSformerBlock(int width, int heads, SpaceTimeAttention attention, BlockOptions? options = null)
    {
        options ??= new BlockOptions();
        Norm1 = new LayerNorm(width, options.NormEps);
        Attention = new Attention(width, heads, options.Attention);
        if (attention == SpaceTimeAttention.Divided)
        {
            TemporalNorm1 = new LayerNorm(width, options.NormEps);
            TemporalAttention = new Attention(width, heads, options.Attention);
            TemporalFc = new Linear(width, width);
        }

        Norm2 = new LayerNorm(width, options.NormEps);
        Mlp = new Mlp(width, (int)(width * options.MlpRatio), dropout: options.Dropout);
        DropPath = new DropPath(options.DropPath);
    }

    /// <summary>Before attention in space, or the only one.</summary>
    public LayerNorm Norm1 { get; }

    /// <summary>In space, or the only one.</summary>
    [Key("attn")]
    public Attention Attention { get; }

    /// <summary>Before attention in time; null where it is not divided.</summary>
    public LayerNorm? TemporalNorm1 { get; }

    /// <summary>In time; null where it is not divided.</summary>
    [Key("temporal_attn")]
    public Attention? TemporalAttention { get; }

    /// <summary>After attention in time; null where it is not divided.</summary>
    public Linear? TemporalFc { get; }

    /// <summary>Before the MLP.</summary>
    public LayerNorm Norm2 { get; }

    /// <summary>Each token for itself.</summary>
    public Mlp Mlp { get; }

    private DropPath DropPath { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, int frames)
    {
        var z = TemporalAttention is null ? x + DropPath.Call(Attention.Call(Norm1.Call(x))) : Divided(x, frames);
        return z + DropPath.Call(Mlp.Call(Norm2.Call(z)));
    }

    private Tensor Divided(Tensor x, int frames)
    {
        using var scope = new TensorScope();
        if (x.Dimensions != 3 || frames < 1 || (x.Size(1) - 1) % frames != 0 || x.Size(1) <= frames)
        {
            throw new TorchException($"divided attention: tokens of shape [{string.Join(", ", x.Shape.ToArray())}] are no class token and "
                + $"whole patches of {frames} frames: (N, 1 + patches·frames, width) is expected");
        }

        long batch = x.Size(0), places = (x.Size(1) - 1) / frames, width = x.Size(2);
        Tensor token = x[.., ..1], patches = x[.., 1..];

        // In time: each place by itself; the class token takes no part.
        var time = patches.Reshape([batch * places, frames, width]);
        var seen = TemporalFc!.Call(DropPath.Call(TemporalAttention!.Call(TemporalNorm1!.Call(time))));
        patches = patches + seen.Reshape([batch, places * frames, width]);

        // In space: each frame by itself, with a copy of the class token, whose answers are averaged.
        var copies = token.Expand([batch, frames, width]).Reshape([batch * frames, 1, width]);
        var space = patches.Reshape([batch, places, frames, width]).Transpose(1, 2).Reshape([batch * frames, places, width]);
        seen = DropPath.Call(Attention.Call(Norm1.Call(Tensor.Cat([copies, space], 1)))); // (N·frames, 1 + places, width)
        token = token + seen[.., 0].Reshape([batch, frames, width]).Mean([1], keepdim: true);
        patches = patches + seen[.., 1..].Reshape([batch, frames, places, width]).Transpose(1, 2).Reshape([batch, places * frames, width]);
        return scope.Keep(Tensor.Cat([token, patches], 1));
    }
}
