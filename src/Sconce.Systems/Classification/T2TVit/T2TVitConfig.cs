namespace Sconce.Systems.Classification.T2TVit;

/// <summary>What stands between two soft splits.</summary>
public enum TokenLayer
{
    /// <summary>Attention by positive random features, linear in the tokens (2009.14794): the models without <c>_t</c>.</summary>
    Performer,

    /// <summary>Softmax attention: the <c>_t</c> models.</summary>
    Transformer,
}

/// <summary>Which of the paper's architectures the backbone borrows from; 2101.11986 §3.2.</summary>
public enum T2TBackbone
{
    /// <summary>Deep and narrow, ViT's own blocks: what the paper settles on.</summary>
    Plain,

    /// <summary>Half of every projection is a scaled copy of the other half, after GhostNet.</summary>
    Ghost,

    /// <summary>Channels are gated after attention, after SENet.</summary>
    SqueezeExcite,

    /// <summary>Blocks append channels to their input, after DenseNet.</summary>
    Dense,
}

/// <summary>Dimensions of a T2T-ViT; names in parentheses are the official ones (yitu-opensource/T2T-ViT@0f63dc9
/// models/t2t_vit.py).</summary>
/// <param name="Width">Of the backbone's tokens (<c>embed_dim</c>); in a dense one, of the first block.</param>
/// <param name="Depth">Blocks; a dense backbone counts <see cref="DenseGroups"/> instead, and spreads its rates of stochastic depth over
/// this number.</param>
/// <param name="Heads">Of each block's attention (<c>num_heads</c>).</param>
public sealed record T2TVitConfig(int Width, int Depth, int Heads)
{
    /// <summary>The side of the pictures, which are square, in pixels (<c>img_size</c>).</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Channels of the pictures (<c>in_chans</c>).</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Outputs; 0 for features (<c>num_classes</c>).</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>What stands between two soft splits (<c>tokens_type</c>).</summary>
    public TokenLayer TokenLayer { get; init; } = TokenLayer.Performer;

    /// <summary>Channels of the tokens there (<c>token_dim</c>).</summary>
    public int TokenWidth { get; init; } = 64;

    /// <summary>Which backbone.</summary>
    public T2TBackbone Backbone { get; init; } = T2TBackbone.Plain;

    /// <summary>The MLP's hidden width as a multiple of its input's (<c>mlp_ratio</c>); a ghost backbone takes 3 alone.</summary>
    public double MlpRatio { get; init; } = 3;

    /// <summary>Biases of queries, keys and values (<c>qkv_bias</c>).</summary>
    public bool QkvBias { get; init; }

    /// <summary>What products of queries and keys are multiplied by (<c>qk_scale</c>); null for the head's width to the power of
    /// -½.</summary>
    public double? Scale { get; init; }

    /// <summary>Channels that each dense block appends (<c>growth_rate</c>).</summary>
    public int GrowthRate { get; init; } = 32;

    /// <summary>Dense blocks in each group; half as many channels go from a group to the next (<c>block_config</c>).</summary>
    public IReadOnlyList<int> DenseGroups { get; init; } = [3, 4, 6, 3];

    /// <summary>Dropout of tokens, projections and MLPs in the backbone (<c>drop_rate</c>). The token layers have theirs
    /// hard-wired.</summary>
    public double Dropout { get; init; }

    /// <summary>Dropout of attention weights (<c>attn_drop_rate</c>).</summary>
    public double AttentionDropout { get; init; }

    /// <summary>The rate of stochastic depth in the last block, rising from 0 (<c>drop_path_rate</c>).</summary>
    public double DropPath { get; init; }

    /// <summary>The constant of the backbone's layer norms.</summary>
    public double NormEps { get; init; } = 1e-5;

    /// <summary>Tokens down and across: three soft splits with strides 4, 2 and 2.</summary>
    internal int Grid => ImageSize / 16;

    /// <summary>Refuses what cannot be built.</summary>
    /// <exception cref="ArgumentException">A number is out of range, or the soft splits of such pictures do not end in (side / 16)²
    /// tokens.</exception>
    internal void Validate()
    {
        if (Width < 1 || Depth < 0 || Heads < 1 || Classes < 0 || InputChannels < 1 || TokenWidth < 2 || !(MlpRatio > 0) || GrowthRate < 1
            || DenseGroups.Count == 0 || DenseGroups.Any(count => count < 1))
        {
            throw new ArgumentException($"t2t_vit: width {Width}, depth {Depth}, {Heads} heads, {Classes} classes, {InputChannels} "
                + $"channels, token width {TokenWidth}, MLP ratio {MlpRatio}, growth {GrowthRate} by [{string.Join(", ", DenseGroups)}] "
                + $"make no network");
        }

        if (ImageSize < 16 || T2TModule.Split(T2TModule.Split((ImageSize - 3) / 4 + 1)) != Grid)
        {
            throw new ArgumentException($"t2t_vit: pictures of {ImageSize} pixels do not become {Grid}x{Grid} tokens: take a "
                + $"multiple of 16");
        }

        if (Backbone == T2TBackbone.Ghost && ((int)(Width * MlpRatio) != 3 * Width || Width % 2 != 0))
        {
            throw new ArgumentException($"t2t_vit: a ghost backbone of width {Width} and MLP ratio {MlpRatio}: the width is even, and its "
                + $"MLP is 3 times as wide");
        }
    }
}
