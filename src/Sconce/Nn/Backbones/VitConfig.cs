using Sconce.Nn.Transformers;

namespace Sconce.Nn.Backbones;

/// <summary>How the last tokens become one vector.</summary>
public enum TokenPooling
{
    /// <summary>The class token.</summary>
    Token,

    /// <summary>The mean of the patches' tokens.</summary>
    Average,

    /// <summary>The largest of each channel over the patches' tokens.</summary>
    Max,

    /// <summary>Half of mean plus maximum.</summary>
    AverageMax,

    /// <summary>None: the head answers for every token.</summary>
    None,
}

/// <summary>How weights begin.</summary>
public enum VitInitialization
{
    /// <summary>timm's: linear weights truncated normal with deviation 0.02, biases 0; the patches' map as PyTorch has it.</summary>
    TruncatedNormal,

    /// <summary>The official code's: Glorot-uniform weights, the MLP's biases normal with deviation 1e-6, patches Lecun-normal, the head
    /// 0.</summary>
    Jax,

    /// <summary>Every layer as PyTorch has it.</summary>
    Framework,
}

/// <summary>A vision transformer's dimensions; names in parentheses are timm's (timm@aa4b585 <c>VisionTransformer</c>).</summary>
/// <param name="Width">Of the tokens (<c>embed_dim</c>).</param>
/// <param name="Depth">Blocks.</param>
/// <param name="Heads">Of each block's attention.</param>
public sealed record VitConfig(int Width, int Depth, int Heads)
{
    /// <summary>Sides of the pictures, in pixels.</summary>
    public Extent2 ImageSize { get; init; } = 224;

    /// <summary>Sides of a patch, in pixels.</summary>
    public Extent2 PatchSize { get; init; } = 16;

    /// <summary>Channels of the pictures.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Outputs; 0 for pooled features.</summary>
    public int Classes { get; init; } = 1000;

    /// <summary>What blocks have beside their width and heads; its <see cref="BlockOptions.DropPath"/> is the last block's, rising from 0
    /// in the first.</summary>
    public BlockOptions Block { get; init; } = new();

    /// <summary>How tokens are pooled (<c>global_pool</c>).</summary>
    public TokenPooling Pooling { get; init; } = TokenPooling.Token;

    /// <summary>Whether a learned token stands in front (<c>class_token</c>).</summary>
    public bool ClassToken { get; init; } = true;

    /// <summary>Learned tokens after the class token (<c>reg_tokens</c>); 2309.16588.</summary>
    public int RegisterTokens { get; init; }

    /// <summary>Whether positions are learned at all; without them the network is a function of the set of patches
    /// (<c>pos_embed</c>).</summary>
    public bool Positions { get; init; } = true;

    /// <summary>Whether class and register tokens have positions too; false is timm's <c>no_embed_class</c>.</summary>
    public bool PrefixPositions { get; init; } = true;

    /// <summary>A layer norm before the first block, and patches without bias (<c>pre_norm</c>).</summary>
    public bool PreNorm { get; init; }

    /// <summary>Whether there is a last layer norm (<c>final_norm</c>).</summary>
    public bool FinalNorm { get; init; } = true;

    /// <summary>Whether it stands after pooling (<c>fc_norm</c>); null for after every pooling but the class token's.</summary>
    public bool? NormAfterPooling { get; init; }

    /// <summary>Whether pooling over tokens includes class and register tokens (<c>pool_include_prefix</c>).</summary>
    public bool PoolPrefix { get; init; }

    /// <summary>Width of the paper's representation layer, linear and tanh before the head, which fine-tuning drops (<c>pre_logits</c>);
    /// null for none.</summary>
    public int? RepresentationSize { get; init; }

    /// <summary>Whether pictures of other sizes are taken, positions resampled with <see cref="PositionResize.BicubicAntialias"/>
    /// (<c>dynamic_img_size</c>).</summary>
    public bool AnySize { get; init; }

    /// <summary>Dropout before the head.</summary>
    public double Dropout { get; init; }

    /// <summary>Dropout of the tokens after positions are added.</summary>
    public double PositionDropout { get; init; }

    /// <summary>How weights begin.</summary>
    public VitInitialization Initialization { get; init; } = VitInitialization.TruncatedNormal;

    /// <summary>Class and register tokens.</summary>
    public int PrefixTokens => (ClassToken ? 1 : 0) + RegisterTokens;

    /// <summary>Whether the last norm stands after pooling.</summary>
    internal bool IsNormAfterPooling => NormAfterPooling ?? Pooling is TokenPooling.Average or TokenPooling.Max or TokenPooling.AverageMax;

    /// <summary>Refuses what cannot be built.</summary>
    /// <exception cref="ArgumentException">A size is out of range, or pooling wants a class token that is not there.</exception>
    internal void Validate()
    {
        if (Width < 1 || Depth < 0 || Heads < 1 || Classes < 0 || InputChannels < 1 || RegisterTokens < 0)
        {
            throw new ArgumentException($"vit: width {Width}, depth {Depth}, {Heads} heads, {Classes} classes, {InputChannels} channels, "
                + $"{RegisterTokens} register tokens make no network");
        }

        if (PatchSize.Height < 1 || PatchSize.Width < 1 || ImageSize.Height < PatchSize.Height || ImageSize.Width < PatchSize.Width
            || ImageSize.Height % PatchSize.Height != 0 || ImageSize.Width % PatchSize.Width != 0)
        {
            throw new ArgumentException($"vit: a picture of {ImageSize.Height}x{ImageSize.Width} pixels is not cut into patches of "
                + $"{PatchSize.Height}x{PatchSize.Width} without remainder");
        }

        if (Pooling == TokenPooling.Token && !ClassToken)
            throw new ArgumentException("vit: pooling by the class token, but there is none: pool by average");
    }
}
