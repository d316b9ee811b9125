using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Nn.Backbones;

/// <summary>The paper's representation layer, <c>tanh(x Wᵀ + b)</c>, part of pre-training only: <c>(…, width) -> (…, size)</c>; 2010.11929
/// §3.1.</summary>
public sealed partial class PreLogits(int width, int size) : Module<Tensor, Tensor>
{
    /// <summary>The linear map.</summary>
    public Linear Fc { get; } = new(width, size);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Fc.Call(x).Tanh();
}

/// <summary>
/// The vision transformer, figure 1 of 2010.11929: patches become tokens, a class token joins them, positions are added, and an encoder of
/// pre-norm blocks reads them. <c>(N, 3, H, W) normalised pictures -> (N, classes) logits</c>; keys as in timm@aa4b585.
/// </summary>
public sealed partial class VisionTransformer : Module<Tensor, Tensor>, IPositioned
{
    /// <summary>Builds the network with initial weights.</summary>
    /// <param name="config">Its dimensions.</param>
    /// <exception cref="ArgumentException">They contradict each other.</exception>
    public VisionTransformer(VitConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        Config = config;
        int width = config.Width;
        Grid = (config.ImageSize.Height / config.PatchSize.Height, config.ImageSize.Width / config.PatchSize.Width);
        long positions = ((long)Grid.Height * Grid.Width) + (config.PrefixPositions ? config.PrefixTokens : 0);
        ClsToken = config.ClassToken ? Init.Normal(Parameter.Empty(1, 1, width), 1e-6) : null;
        RegToken = config.RegisterTokens > 0 ? Init.Normal(Parameter.Empty(1, config.RegisterTokens, width), 1e-6) : null;
        PosEmbed = config.Positions ? Init.TruncatedNormal(Parameter.Empty(1, positions, width), 0.02) : null;
        PatchEmbed = new PatchEmbed(config.InputChannels, width, config.PatchSize, bias: !config.PreNorm);
        NormPre = config.PreNorm ? new LayerNorm(width, config.Block.NormEps) : null;
        Blocks = [];
        int features = config.RepresentationSize ?? width;
        using (config.Initialization == VitInitialization.Framework ? null : Init.Skipped())
        {
            for (int k = 0; k < config.Depth; k++)
            {
                double dropPath = config.Depth > 1 ? config.Block.DropPath * k / (config.Depth - 1) : 0;
                Blocks.Add(new Block(width, config.Heads, config.Block with { DropPath = dropPath }));
            }

            PreLogits = config.RepresentationSize is { } size ? new PreLogits(width, size) : null;
            Head = config.Classes > 0 ? new Linear(features, config.Classes) : null;
        }

        Norm = config.FinalNorm && !config.IsNormAfterPooling ? new LayerNorm(width, config.Block.NormEps) : null;
        FcNorm = config.FinalNorm && config.IsNormAfterPooling ? new LayerNorm(width, config.Block.NormEps) : null;
        PosDrop = new Dropout(config.PositionDropout);
        HeadDrop = new Dropout(config.Dropout);
        Initialize(config.Initialization);
    }

    /// <summary>What it was built from.</summary>
    public VitConfig Config { get; }

    /// <summary>Patches down and across a picture of the configured size.</summary>
    public Extent2 Grid { get; }

    /// <summary>The token that reads the picture <c>(1, 1, width)</c>.</summary>
    public Parameter? ClsToken { get; }

    /// <summary>Learned tokens after it <c>(1, count, width)</c>; none in the official ViT.</summary>
    public Parameter? RegToken { get; }

    /// <summary>One row each token, the class token's first <c>(1, tokens, width)</c>.</summary>
    public Parameter? PosEmbed { get; }

    /// <summary>As timm does for files of another size.</summary>
    /// <inheritdoc/>
    public Tensor? Resample(string key, Tensor found) => key == "pos_embed" && PosEmbed is not null
        ? PositionEmbedding.TryResize(found, PosEmbed, Grid, PositionResize.BicubicAntialias, Config.PrefixPositions ? Config.PrefixTokens
            : 0)
        : null;

    /// <summary>Pictures to tokens.</summary>
    public PatchEmbed PatchEmbed { get; }

    /// <summary>Before the first block; none in the official ViT.</summary>
    public LayerNorm? NormPre { get; }

    /// <summary>The encoder.</summary>
    public Sequential Blocks { get; }

    /// <summary>After the last block, on every token; null where it stands after pooling.</summary>
    public LayerNorm? Norm { get; }

    /// <summary>After pooling; null where it stands before.</summary>
    public LayerNorm? FcNorm { get; }

    /// <summary>The representation layer of pre-training; null without.</summary>
    public PreLogits? PreLogits { get; }

    /// <summary>The classifier; null where pooled features are wanted.</summary>
    public Linear? Head { get; }

    private Dropout PosDrop { get; }

    private Dropout HeadDrop { get; }

    /// <summary>The parameters that weight decay leaves alone in timm, beside biases and norms.</summary>
    public IEnumerable<Parameter> WithoutDecay => new[] { ClsToken, RegToken, PosEmbed }.OfType<Parameter>();

    /// <summary>Every token after the last norm: <c>(N, 3, H, W) -> (N, prefix + patches, width)</c>, class token first.</summary>
    public Tensor Features(Tensor pictures)
    {
        using var scope = new TensorScope();
        using var tokens = Encode(pictures);
        return scope.Keep(Norm is null ? tokens[..] : Norm.Call(tokens));
    }

    /// <summary>Pools and classifies what <see cref="Features"/> gave: <c>(N, tokens, width) -> (N, classes)</c>.</summary>
    public Tensor Classify(Tensor tokens)
    {
        using var scope = new TensorScope();
        return scope.Keep(Answer(Pool(tokens)));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures)
    {
        var tokens = Encode(pictures);
        // The norm works token by token, so that of the class token is enough.
        if (Config.Pooling == TokenPooling.Token) return Answer(Norm?.Call(tokens[.., 0]) ?? tokens[.., 0]);
        return Answer(Pool(Norm?.Call(tokens) ?? tokens));
    }

    private Tensor Encode(Tensor pictures)
    {
        using var scope = new TensorScope();
        var tokens = Embed(pictures);
        if (NormPre is not null) tokens = NormPre.Call(tokens);
        return scope.Keep(Blocks.Call(tokens));
    }

    /// <summary>Tokens with positions: equation 1.</summary>
    private Tensor Embed(Tensor pictures)
    {
        using var scope = new TensorScope();
        var grid = CheckSize(pictures);
        var patches = PatchEmbed.Call(pictures);
        long batch = patches.Size(0);
        var positions = PosEmbed is null ? null : grid == Grid ? PosEmbed : PositionEmbedding.Resize(PosEmbed, grid,
            PositionResize.BicubicAntialias, Config.PrefixPositions ? Config.PrefixTokens : 0, Grid);
        if (positions is not null && !Config.PrefixPositions) patches = patches + positions;
        Tensor?[] parts = [ClsToken?.Expand([batch, -1, -1]), RegToken?.Expand([batch, -1, -1]), patches];
        var tokens = Tensor.Cat([.. parts.OfType<Tensor>()], 1);
        if (positions is not null && Config.PrefixPositions) tokens.AddInPlace(positions); // no backward pass needs the tokens without them
        return scope.Keep(PosDrop.Call(tokens));
    }

    private Extent2 CheckSize(Tensor pictures)
    {
        var size = Config.ImageSize;
        if (!Config.AnySize && pictures.Dimensions == 4 && (pictures.Size(2) != size.Height || pictures.Size(3) != size.Width))
        {
            throw new TorchException($"vit: pictures of shape [{string.Join(", ", pictures.Shape.ToArray())}], but this network takes "
                + $"{size.Height}x{size.Width} pixels: resize them, or build it with that size or with AnySize");
        }

        return pictures.Dimensions == 4 ? PatchEmbed.Grid(pictures.Size(2), pictures.Size(3)) : Grid;
    }

    private Tensor Pool(Tensor tokens)
    {
        if (Config.Pooling == TokenPooling.None) return tokens;
        if (Config.Pooling == TokenPooling.Token) return tokens[.., 0];
        var patches = Config.PoolPrefix ? tokens : tokens[.., Config.PrefixTokens..];
        return Config.Pooling switch
        {
            TokenPooling.Average => patches.Mean([1]),
            TokenPooling.Max => patches.Amax([1]),
            _ => (patches.Amax([1]) + patches.Mean([1])) * 0.5,
        };
    }

    private Tensor Answer(Tensor pooled)
    {
        var x = FcNorm?.Call(pooled) ?? pooled;
        if (PreLogits is not null) x = PreLogits.Call(x);
        x = HeadDrop.Call(x);
        return Head?.Call(x) ?? x;
    }

    private void Initialize(VitInitialization initialization)
    {
        if (initialization == VitInitialization.Framework) return;
        bool jax = initialization == VitInitialization.Jax;
        if (jax)
        {
            Init.LecunNormal(PatchEmbed.Proj.Weight);
            if (PatchEmbed.Proj.Bias is { } offsets) Init.Constant(offsets, 0);
        }

        foreach (var (name, module) in NamedModules())
        {
            if (module is not Linear linear) continue;
            if (!jax) Init.TruncatedNormal(linear.Weight, 0.02);
            else if (linear == Head) Init.Constant(linear.Weight, 0);
            else Init.XavierUniform(linear.Weight);
            if (linear.Bias is not { } bias) continue;
            if (jax && name.Contains(".mlp.", StringComparison.Ordinal)) Init.Normal(bias, 1e-6);
            else Init.Constant(bias, 0);
        }
    }
}
