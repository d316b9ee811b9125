using Sconce.Nn;

namespace Sconce.Systems.Video.TimeSformer;

/// <summary>Which tokens look at which; 2102.05095 §3.2, figure 2.</summary>
public enum SpaceTimeAttention
{
    /// <summary>Each patch at its own place in all frames, then at all patches of its own frame.</summary>
    Divided,

    /// <summary>All at all.</summary>
    Joint,

    /// <summary>Each frame for itself; frames are averaged at the end.</summary>
    SpaceOnly,
}

/// <summary>Dimensions of a TimeSformer; names in parentheses are the official ones (facebookresearch/TimeSformer@a5ef29a
/// timesformer/models/vit.py).</summary>
/// <param name="Width">Of the tokens (<c>embed_dim</c>).</param>
/// <param name="Depth">Blocks.</param>
/// <param name="Heads">Of each attention (<c>num_heads</c>).</param>
public sealed record TimeSformerConfig(int Width, int Depth, int Heads)
{
    /// <summary>Sides of the frames, in pixels (<c>img_size</c>).</summary>
    public Extent2 ImageSize { get; init; } = 224;

    /// <summary>Sides of a patch, in pixels (<c>patch_size</c>).</summary>
    public Extent2 PatchSize { get; init; } = 16;

    /// <summary>Channels of the frames (<c>in_chans</c>).</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Outputs; 0 for features (<c>num_classes</c>).</summary>
    public int Classes { get; init; } = 400;

    /// <summary>Frames of a clip (<c>num_frames</c>).</summary>
    public int Frames { get; init; } = 8;

    /// <summary>Which tokens look at which (<c>attention_type</c>).</summary>
    public SpaceTimeAttention Attention { get; init; } = SpaceTimeAttention.Divided;

    /// <summary>The MLP's hidden width as a multiple of the tokens' (<c>mlp_ratio</c>).</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>Biases of queries, keys and values (<c>qkv_bias</c>).</summary>
    public bool QkvBias { get; init; } = true;

    /// <summary>What products of queries and keys are multiplied by (<c>qk_scale</c>); null for the head's width to the power of
    /// -½.</summary>
    public double? Scale { get; init; }

    /// <summary>Dropout of tokens, projections and MLPs (<c>drop_rate</c>).</summary>
    public double Dropout { get; init; }

    /// <summary>Dropout of attention weights (<c>attn_drop_rate</c>).</summary>
    public double AttentionDropout { get; init; }

    /// <summary>The rate of stochastic depth in the last block, rising from 0 (<c>drop_path_rate</c>).</summary>
    public double DropPath { get; init; } = 0.1;

    /// <summary>The constant of the layer norms.</summary>
    public double NormEps { get; init; } = 1e-6;

    /// <summary>Refuses what cannot be built.</summary>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    internal void Validate()
    {
        if (Width < 1 || Depth < 0 || Heads < 1 || Classes < 0 || InputChannels < 1 || Frames < 1 || !(MlpRatio > 0))
        {
            throw new ArgumentException($"timesformer: width {Width}, depth {Depth}, {Heads} heads, {Classes} classes, {InputChannels} "
                + $"channels, {Frames} frames, MLP ratio {MlpRatio} make no network");
        }

        if (PatchSize.Height < 1 || PatchSize.Width < 1 || ImageSize.Height < PatchSize.Height || ImageSize.Width < PatchSize.Width)
        {
            throw new ArgumentException($"timesformer: frames of {ImageSize.Height}x{ImageSize.Width} pixels hold no patch of "
                + $"{PatchSize.Height}x{PatchSize.Width}");
        }
    }
}
