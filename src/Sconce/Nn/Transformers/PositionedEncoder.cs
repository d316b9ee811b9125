using Sconce.Torch;

namespace Sconce.Nn.Transformers;

/// <summary>What stands between the two layers of a transformer's feed-forward part.</summary>
public enum TransformerActivation
{
    /// <summary>max(0, x).</summary>
    Relu,

    /// <summary>x · Φ(x), with the error function.</summary>
    Gelu,
}

/// <summary>A <see cref="PositionedEncoder"/>'s numbers.</summary>
public sealed record PositionedEncoderConfig
{
    /// <summary>Of the tokens.</summary>
    public int Width { get; init; } = 256;

    /// <summary>That share the width.</summary>
    public int Heads { get; init; } = 8;

    /// <summary>How many.</summary>
    public int Layers { get; init; } = 6;

    /// <summary>Hidden width of the feed-forward parts.</summary>
    public int FeedForward { get; init; } = 2048;

    /// <summary>Rate of every dropout.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>Of the feed-forward parts.</summary>
    public TransformerActivation Activation { get; init; }

    /// <summary>Whether norms stand before each branch instead of after the sum; there is then a last norm.</summary>
    public bool PreNorm { get; init; }

    /// <summary>The constant of the layer norms.</summary>
    public double NormEps { get; init; } = 1e-5;
}

/// <summary>
/// Transformer layers one after another, with positions added to queries and keys of every layer and never to values;
/// <c>tokens (N, T, width), positions, visible (N, 1, 1, T) -> (N, T, width)</c>. 2005.12872 figure 10,
/// facebookresearch/detr@29901c51 models/transformer.py.
/// </summary>
public sealed partial class PositionedEncoder(PositionedEncoderConfig config) : Module<Tensor, Tensor?, Tensor?, Tensor>
{
    /// <summary>In order.</summary>
    public ModuleList<PositionedEncoderLayer> Layers { get; } = new(
        Enumerable.Range(0, config.Layers).Select(_ => new PositionedEncoderLayer(config)));

    /// <summary>After the last layer; none where norms follow each sum.</summary>
    public LayerNorm? Norm { get; } = config.PreNorm ? new LayerNorm(config.Width, config.NormEps) : null;

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor tokens, Tensor? positions, Tensor? visible)
    {
        foreach (var layer in Layers) tokens = layer.Call(tokens, positions, visible);
        return tokens.Through(Norm);
    }
}

/// <summary>
/// Self-attention and feed-forward part with norms before or after; <c>tokens (N, T, width), positions, visible -> (N, T, width)</c>.
/// </summary>
public sealed partial class PositionedEncoderLayer(PositionedEncoderConfig config) : Module<Tensor, Tensor?, Tensor?, Tensor>
{
    /// <summary>Among the tokens.</summary>
    [Key("self_attn")]
    public MultiheadAttention SelfAttention { get; } = new(config.Width, config.Heads, dropout: config.Dropout);

    /// <summary>Widens.</summary>
    public Linear Linear1 { get; } = new(config.Width, config.FeedForward);

    /// <summary>Narrows.</summary>
    public Linear Linear2 { get; } = new(config.FeedForward, config.Width);

    /// <summary>Of the attention.</summary>
    public LayerNorm Norm1 { get; } = new(config.Width, config.NormEps);

    /// <summary>Of the feed-forward part.</summary>
    public LayerNorm Norm2 { get; } = new(config.Width, config.NormEps);

    private Dropout Dropout { get; } = new(config.Dropout);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor tokens, Tensor? positions, Tensor? visible)
    {
        if (config.PreNorm)
        {
            tokens = tokens + Attend(Norm1.Call(tokens), positions, visible);
            return tokens + FeedForward(Norm2.Call(tokens));
        }

        tokens = Norm1.Call(tokens + Attend(tokens, positions, visible));
        return Norm2.Call(tokens + FeedForward(tokens));
    }

    private Tensor Attend(Tensor x, Tensor? positions, Tensor? visible)
    {
        var placed = positions is null ? x : x + positions;
        return Dropout.Call(SelfAttention.Call(placed, placed, x, visible));
    }

    private Tensor FeedForward(Tensor x) => PositionedFeedForward.Run(x, Linear1, Linear2, config.Activation, Dropout);
}

/// <summary>The feed-forward part that encoder and decoder layers have.</summary>
public static class PositionedFeedForward
{
    /// <summary>Widens, activates, narrows, with dropout after both; <c>(…, width) -> (…, width)</c>.</summary>
    public static Tensor Run(Tensor x, Linear wide, Linear narrow, TransformerActivation activation, Dropout dropout)
    {
        using var scope = new TensorScope();
        var hidden = wide.Call(x);
        hidden = activation == TransformerActivation.Relu ? hidden.ReluInPlace() : Functional.Gelu(hidden, GeluForm.Exact);
        return scope.Keep(dropout.Call(narrow.Call(dropout.Call(hidden))));
    }
}
