using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>Self-attention among queries, attention to the picture, feed-forward part;
/// <c>states (N, Q, width) -> (N, Q, width)</c>.</summary>
public sealed partial class DetrDecoderLayer(DetrTransformerConfig config) : Module<Tensor, DecoderInput, Tensor>
{
    /// <summary>Among the queries: so they do not name an object twice.</summary>
    [Key("self_attn")]
    public MultiheadAttention SelfAttention { get; } = new(config.Width, config.Heads, dropout: config.Dropout);

    /// <summary>To the picture.</summary>
    [Key("multihead_attn")]
    public MultiheadAttention CrossAttention { get; } = new(config.Width, config.Heads, dropout: config.Dropout);

    /// <summary>Widens.</summary>
    public Linear Linear1 { get; } = new(config.Width, config.FeedForward);

    /// <summary>Narrows.</summary>
    public Linear Linear2 { get; } = new(config.FeedForward, config.Width);

    /// <summary>Of the self-attention.</summary>
    public LayerNorm Norm1 { get; } = new(config.Width, config.NormEps);

    /// <summary>Of the attention to the picture.</summary>
    public LayerNorm Norm2 { get; } = new(config.Width, config.NormEps);

    /// <summary>Of the feed-forward part.</summary>
    public LayerNorm Norm3 { get; } = new(config.Width, config.NormEps);

    private Dropout Dropout { get; } = new(config.Dropout);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor states, DecoderInput input)
    {
        if (config.PreNorm)
        {
            states = states + Among(Norm1.Call(states), input);
            states = states + Look(Norm2.Call(states), input);
            return states + FeedForward(Norm3.Call(states));
        }

        states = Norm1.Call(states + Among(states, input));
        states = Norm2.Call(states + Look(states, input));
        return Norm3.Call(states + FeedForward(states));
    }

    private Tensor Among(Tensor x, DecoderInput input)
    {
        var placed = x + input.Queries;
        return Dropout.Call(SelfAttention.Call(placed, placed, x));
    }

    private Tensor Look(Tensor x, DecoderInput input) =>
        Dropout.Call(CrossAttention.Call(x + input.Queries, input.Memory + input.Positions, input.Memory, input.Visible));

    private Tensor FeedForward(Tensor x) => PositionedFeedForward.Run(x, Linear1, Linear2, config.Activation, Dropout);
}
