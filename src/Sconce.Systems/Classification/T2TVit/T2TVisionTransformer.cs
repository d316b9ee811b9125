using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;
using Buffer = Sconce.Nn.Buffer;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>
/// The Tokens-to-Token vision transformer, figure 4 of 2101.11986: <c>(N, 3, S, S) normalised square pictures -> (N, classes) logits</c>;
/// keys as in models/t2t_vit.py@0f63dc9 and its ghost, SE and dense siblings.
/// </summary>
public sealed partial class T2TVisionTransformer : Module<Tensor, Tensor>, IPositioned
{
    private const double Deviation = 0.02;

    /// <summary>Builds the network with the official initial weights: linear ones truncated normal with deviation 0.02, biases 0.</summary>
    /// <param name="config">Its dimensions.</param>
    /// <exception cref="ArgumentException">They contradict each other.</exception>
    public T2TVisionTransformer(T2TVitConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        config.Validate();
        Config = config;
        TokensToToken = new T2TModule(config.InputChannels, config.TokenWidth, config.Width, config.TokenLayer);
        ClsToken = Init.TruncatedNormal(Parameter.Empty(1, 1, config.Width), Deviation);
        PosEmbed = new Buffer(SinusoidTable.Create((config.Grid * config.Grid) + 1, config.Width));
        PosDrop = new Dropout(config.Dropout);
        int features = config.Width;
        Blocks = config.Backbone == T2TBackbone.Dense ? Dense(config, out features) : Alike(config);
        Norm = new LayerNorm(features, config.NormEps);
        Head = config.Classes > 0 ? new Linear(features, config.Classes) : null;
        foreach (var (_, module) in NamedModules())
        {
            if (module is not Linear linear) continue;
            Init.TruncatedNormal(linear.Weight, Deviation);
            if (linear.Bias is { } bias) Init.Constant(bias, 0);
        }
    }

    /// <summary>What it was built from.</summary>
    public T2TVitConfig Config { get; }

    /// <summary>The token that reads the picture <c>(1, 1, width)</c>.</summary>
    public Parameter ClsToken { get; }

    /// <summary>Fixed positions, the class token's first <c>(1, 1 + tokens, width)</c>: a part of official files, never trained.</summary>
    public Buffer PosEmbed { get; }

    /// <summary>Pictures to tokens.</summary>
    public T2TModule TokensToToken { get; }

    /// <summary>The backbone; a dense one has transitions among its blocks.</summary>
    public Sequential Blocks { get; }

    /// <summary>After the last block.</summary>
    public LayerNorm Norm { get; }

    /// <summary>The classifier; null where features are wanted.</summary>
    public Linear? Head { get; }

    private Dropout PosDrop { get; }

    /// <summary>As the official scripts for other sizes do (utils.py@0f63dc9).</summary>
    /// <inheritdoc/>
    public Tensor? Resample(string key, Tensor found) =>
        key == "pos_embed" ? PositionEmbedding.TryResize(found, PosEmbed, Config.Grid, PositionResize.Bicubic) : null;

    /// <summary>The class token after the last norm: <c>(N, 3, S, S) -> (N, width)</c>.</summary>
    public Tensor Features(Tensor pictures)
    {
        using var scope = new TensorScope();
        CheckSize(pictures);
        return scope.Keep(FeaturesOf(TokensToToken.Call(pictures)));
    }

    /// <summary>The same from the tokens that <see cref="TokensToToken"/> gave: <c>(N, tokens, width) -> (N, width)</c>.</summary>
    public Tensor FeaturesOf(Tensor tokens)
    {
        using var scope = new TensorScope();
        TokenShapes.Check(tokens, "t2t_vit");
        var x = Tensor.Cat([ClsToken.Expand([tokens.Size(0), -1, -1]), tokens], 1) + PosEmbed;
        x = Blocks.Call(PosDrop.Call(x));
        return scope.Keep(Norm.Call(x[.., 0])); // the norm works token by token
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor pictures)
    {
        var features = Features(pictures);
        return Head?.Call(features) ?? features;
    }

    private static Sequential Alike(T2TVitConfig config)
    {
        var blocks = new Sequential();
        for (int k = 0; k < config.Depth; k++)
        {
            var options = Options(config, k);
            blocks.Add(config.Backbone switch
            {
                T2TBackbone.Plain => new Block(config.Width, config.Heads, options),
                T2TBackbone.Ghost => new T2TBlock(config.Width, new GhostAttention(config.Width, config.Heads, options.Attention),
                    new GhostMlp(config.Width, config.Dropout), config.NormEps, options.DropPath),
                T2TBackbone.SqueezeExcite => new T2TBlock(
                    config.Width, new GatedAttention(config.Width, config.Heads, options.Attention),
                    new Mlp(config.Width, (int)(config.Width * config.MlpRatio), dropout: config.Dropout), config.NormEps,
                    options.DropPath),
                _ => throw new ArgumentException($"t2t_vit: no backbone {config.Backbone}"),
            });
        }

        return blocks;
    }

    private static Sequential Dense(T2TVitConfig config, out int width)
    {
        var blocks = new Sequential();
        width = config.Width;
        for (int group = 0; group < config.DenseGroups.Count; group++)
        {
            for (int k = 0; k < config.DenseGroups[group]; k++)
            {
                // The official code gives all blocks of a group the rate of the group's number.
                blocks.Add(new DenseBlock(width, config.Heads, config.GrowthRate, Options(config, group)));
                width += config.GrowthRate;
            }

            if (group == config.DenseGroups.Count - 1) break;
            blocks.Add(new Transition(width, width / 2));
            width /= 2;
        }

        return blocks;
    }

    private static BlockOptions Options(T2TVitConfig config, int place) => new()
    {
        MlpRatio = config.MlpRatio,
        NormEps = config.NormEps,
        Dropout = config.Dropout,
        DropPath = config.Depth > 1 ? config.DropPath * place / (config.Depth - 1) : 0,
        Attention = new AttentionOptions
        { QkvBias = config.QkvBias, Scale = config.Scale, AttentionDropout = config.AttentionDropout, Dropout = config.Dropout },
    };

    private void CheckSize(Tensor pictures)
    {
        if (pictures.Dimensions == 4 && pictures.Size(2) == Config.ImageSize && pictures.Size(3) == Config.ImageSize) return;
        throw new TorchException($"t2t_vit: pictures of shape [{string.Join(", ", pictures.Shape.ToArray())}], but this network takes (N, "
            + $"{Config.InputChannels}, {Config.ImageSize}, {Config.ImageSize}): resize them, or build it with that size");
    }
}
