using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>What a token transformer may have beside its widths; the official one where left out.</summary>
public sealed record TokenTransformerOptions
{
    /// <summary>The MLP's hidden width as a multiple of the tokens'.</summary>
    public double MlpRatio { get; init; } = 1;

    /// <summary>Biases of queries, keys and values.</summary>
    public bool QkvBias { get; init; }

    /// <summary>What queries are multiplied by; null for the <em>input's</em> width to the power of -½.</summary>
    public double? Scale { get; init; }

    /// <summary>Dropout of projection and MLP.</summary>
    public double Dropout { get; init; }

    /// <summary>Dropout of attention weights.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>The rate at which the MLP's branch is left out while training.</summary>
    public double DropPath { get; init; }
}

/// <summary>Softmax attention with one head that changes the width; the skip is the values:
/// <c>(N, tokens, inputs) -> (N, tokens, width)</c>.</summary>
public sealed partial class NarrowingAttention(int inputs, int width, TokenTransformerOptions options) : Module<Tensor, Tensor>
{
    private readonly double scale = options.Scale ?? 1 / Math.Sqrt(inputs);

    /// <summary>Queries, keys, values.</summary>
    public Linear Qkv { get; } = new(inputs, 3 * width, options.QkvBias);

    /// <summary>After attention.</summary>
    public Linear Proj { get; } = new(width, width);

    private Dropout AttentionDrop { get; } = new(options.AttentionDropout);

    private Dropout ProjDrop { get; } = new(options.Dropout);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var qkv = Qkv.Call(x).Chunk(3, -1);
        return qkv[2] + ProjDrop.Call(Proj.Call(HeadAttention.Join(qkv[0], qkv[1], qkv[2], 1, scale, AttentionDrop)));
    }
}

/// <summary>
/// Softmax attention that changes the width, then an MLP: <c>(N, tokens, inputs) -> (N, tokens, width)</c>; 2101.11986 §3.1, keys as in
/// models/token_transformer.py@0f63dc9.
/// </summary>
public sealed partial class TokenTransformer : Module<Tensor, Tensor>
{
    /// <summary>PyTorch's default initial numbers.</summary>
    /// <param name="inputs">Channels of a token going in.</param>
    /// <param name="width">Coming out.</param>
    /// <param name="options">The official ones where left out.</param>
    /// <exception cref="ArgumentException">There is no channel.</exception>
    public TokenTransformer(int inputs, int width, TokenTransformerOptions? options = null)
    {
        if (inputs < 1 || width < 1) throw new ArgumentException($"token transformer: {inputs} to {width} channels");
        options ??= new TokenTransformerOptions();
        Norm1 = new LayerNorm(inputs);
        Attention = new NarrowingAttention(inputs, width, options);
        Norm2 = new LayerNorm(width);
        Mlp = new Mlp(width, (int)(width * options.MlpRatio), dropout: options.Dropout);
        DropPath = new DropPath(options.DropPath);
    }

    /// <summary>Before attention.</summary>
    public LayerNorm Norm1 { get; }

    /// <summary>Changes the width.</summary>
    [Key("attn")]
    public NarrowingAttention Attention { get; }

    /// <summary>Before the MLP.</summary>
    public LayerNorm Norm2 { get; }

    /// <summary>Each token for itself.</summary>
    public Mlp Mlp { get; }

    private DropPath DropPath { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        TokenShapes.Check(x, "token transformer");
        var y = Attention.Call(Norm1.Call(x)).To(Norm2.Weight!.DType); // under autocast, no term of the sum is in full precision
        return y + DropPath.Call(Mlp.Call(Norm2.Call(y)));
    }
}
