using Sconce.Torch;

namespace Sconce.Nn.Transformers;

/// <summary>What a block may have beside its width and heads; the official ViT where left out.</summary>
public sealed record BlockOptions
{
    /// <summary>Hidden width of the MLP as a multiple of the tokens' width.</summary>
    public double MlpRatio { get; init; } = 4;

    /// <summary>The attention layer's own.</summary>
    public AttentionOptions Attention { get; init; } = new();

    /// <summary>Biases of the MLP.</summary>
    public bool MlpBias { get; init; } = true;

    /// <summary>Dropout inside the MLP.</summary>
    public double Dropout { get; init; }

    /// <summary>The probability that a branch is left out while training.</summary>
    public double DropPath { get; init; }

    /// <summary>First value of a learned scale a channel on each branch (2103.17239); null for none, as in the official ViT.</summary>
    public double? LayerScale { get; init; }

    /// <summary>The constant of the layer norms.</summary>
    public double NormEps { get; init; } = 1e-6;

    /// <summary>Which form of gelu.</summary>
    public GeluForm Gelu { get; init; } = GeluForm.Exact;
}

/// <summary>A learned factor a channel; <c>(…, width) -> (…, width)</c>. 2103.17239.</summary>
public sealed partial class LayerScale(int width, double initial) : Module<Tensor, Tensor>
{
    /// <summary><c>(width)</c></summary>
    public Parameter Gamma { get; } = Parameter.Full(initial, width);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x * Gamma;
}

/// <summary>
/// A pre-norm encoder block, <c>z = x + MSA(LN(x)); y = z + MLP(LN(z))</c>: <c>(N, tokens, width) -> (N, tokens, width)</c>; 2010.11929
/// equations 2 and 3, keys as in timm.
/// </summary>
public sealed partial class Block : Module<Tensor, Tensor>
{
    /// <summary>PyTorch's default initial numbers.</summary>
    /// <param name="width">Of the tokens.</param>
    /// <param name="heads">Of the attention.</param>
    /// <param name="options">The official ViT's where left out.</param>
    /// <exception cref="ArgumentException">The width does not divide by the heads.</exception>
    public Block(int width, int heads, BlockOptions? options = null)
    {
        options ??= new BlockOptions();
        Norm1 = new LayerNorm(width, options.NormEps);
        Attention = new Attention(width, heads, options.Attention);
        Scale1 = options.LayerScale is { } first ? new LayerScale(width, first) : null;
        Norm2 = new LayerNorm(width, options.NormEps);
        Mlp = new Mlp(width, (int)(width * options.MlpRatio), bias: options.MlpBias, dropout: options.Dropout, gelu: options.Gelu);
        Scale2 = options.LayerScale is { } second ? new LayerScale(width, second) : null;
        DropPath = new DropPath(options.DropPath);
    }

    /// <summary>Before the attention.</summary>
    public LayerNorm Norm1 { get; }

    /// <summary>Tokens look at each other.</summary>
    [Key("attn")]
    public Attention Attention { get; }

    /// <summary>Scales the attention's branch; none in the official ViT.</summary>
    [Key("ls1")]
    public LayerScale? Scale1 { get; }

    /// <summary>Before the MLP.</summary>
    public LayerNorm Norm2 { get; }

    /// <summary>Each token for itself.</summary>
    public Mlp Mlp { get; }

    /// <summary>Scales the MLP's branch; none in the official ViT.</summary>
    [Key("ls2")]
    public LayerScale? Scale2 { get; }

    /// <summary>Leaves a branch out at times.</summary>
    public DropPath DropPath { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var z = Add(x, Norm1, Attention, Scale1);
        return Add(z, Norm2, Mlp, Scale2);
    }

    private Tensor Add(Tensor x, LayerNorm norm, Module<Tensor, Tensor> branch, LayerScale? scale)
    {
        using var scope = new TensorScope();
        var y = branch.Call(norm.Call(x));
        if (scale is not null) y = scale.Call(y);
        return scope.Keep(x + DropPath.Call(y));
    }
}
