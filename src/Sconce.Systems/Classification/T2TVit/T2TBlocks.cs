using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>A pre-norm block of any attention and any MLP: <c>(N, tokens, width) -> (N, tokens, width)</c>.</summary>
public sealed partial class T2TBlock(int width, Module<Tensor, Tensor> attention, Module<Tensor, Tensor> mlp, double normEps = 1e-5,
    double dropPath = 0) : Module<Tensor, Tensor>
{
    /// <summary>Before attention.</summary>
    public LayerNorm Norm1 { get; } = new(width, normEps);

    /// <summary>Tokens look at each other.</summary>
    [Key("attn")]
    public Module<Tensor, Tensor> Attention { get; } = attention;

    /// <summary>Before the MLP.</summary>
    public LayerNorm Norm2 { get; } = new(width, normEps);

    /// <summary>Each token for itself.</summary>
    public Module<Tensor, Tensor> Mlp { get; } = mlp;

    private DropPath DropPath { get; } = new(dropPath);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var z = x + DropPath.Call(Attention.Call(Norm1.Call(x)));
        return z + DropPath.Call(Mlp.Call(Norm2.Call(z)));
    }
}

/// <summary>One learned factor a channel, in the shape of the depthwise convolution of width 1 that it officially is;
/// <c>(…, channels) -> (…, channels)</c>.</summary>
public sealed partial class CheapOperation(int channels) : Module<Tensor, Tensor>
{
    /// <summary><c>(channels, 1, 1)</c></summary>
    public Parameter Weight { get; } = Init.Uniform(Parameter.Empty(channels, 1, 1), -1, 1); // a convolution's default for one input

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x * Weight.Flatten();
}

/// <summary>
/// Attention whose queries, keys and values are half computed, half scaled copies of that half:
/// <c>(N, tokens, width) -> (N, tokens, width)</c>; 2101.11986 §3.2, keys as in models/t2t_vit_ghost.py@0f63dc9.
/// </summary>
public sealed partial class GhostAttention(int width, int heads, AttentionOptions options) : Module<Tensor, Tensor>
{
    private readonly double scale = options.Scale ?? 1 / Math.Sqrt(TokenHeads.Width(width, heads));

    /// <summary>The first half of the queries.</summary>
    public Linear Q { get; } = new(width, width / 2, options.QkvBias);

    /// <summary>Of the keys.</summary>
    public Linear K { get; } = new(width, width / 2, options.QkvBias);

    /// <summary>Of the values.</summary>
    public Linear V { get; } = new(width, width / 2, options.QkvBias);

    /// <summary>The second half of the queries from the first.</summary>
    public CheapOperation CheapOperationQ { get; } = new(width / 2);

    /// <summary>Of the keys.</summary>
    public CheapOperation CheapOperationK { get; } = new(width / 2);

    /// <summary>Of the values.</summary>
    public CheapOperation CheapOperationV { get; } = new(width / 2);

    /// <summary>Of the joined heads.</summary>
    public Linear Proj { get; } = new(width, width);

    private Dropout AttentionDrop { get; } = new(options.AttentionDropout);

    private Dropout ProjDrop { get; } = new(options.Dropout);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        Tensor query = Both(Q, CheapOperationQ), key = Both(K, CheapOperationK), value = Both(V, CheapOperationV);
        return ProjDrop.Call(Proj.Call(HeadAttention.Join(query, key, value, heads, scale, AttentionDrop)));

        Tensor Both(Linear computed, CheapOperation copy)
        {
            var half = computed.Call(x);
            return Tensor.Cat([half, copy.Call(half)], -1);
        }
    }
}

/// <summary>An MLP three times as wide as its tokens, of which one third is computed: <c>(…, width) -> (…, width)</c>.</summary>
public sealed partial class GhostMlp(int width, double dropout = 0) : Module<Tensor, Tensor>
{
    /// <summary>The third that is computed.</summary>
    public Linear Fc1 { get; } = new(width, width);

    /// <summary>Narrows.</summary>
    public Linear Fc2 { get; } = new(3 * width, width);

    /// <summary>The second third from the first.</summary>
    [Key("cheap_operation2")]
    public CheapOperation Second { get; } = new(width);

    /// <summary>The last third from the first.</summary>
    [Key("cheap_operation3")]
    public CheapOperation Third { get; } = new(width);

    private Dropout Drop { get; } = new(dropout);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var first = Functional.Gelu(Fc1.Call(x), GeluForm.Exact);
        var wide = Tensor.Cat([first, Functional.Gelu(Second.Call(first), GeluForm.Exact),
            Functional.Gelu(Third.Call(first), GeluForm.Exact)], -1);
        return Drop.Call(Fc2.Call(Drop.Call(wide)));
    }
}

/// <summary>Squeeze and excitation over tokens: each channel is scaled by a gate in (0, 1) from the tokens' mean;
/// <c>(N, tokens, width) -> (N, tokens, width)</c>. 1709.01507.</summary>
public sealed partial class TokenGate(int width, int reduction = 16) : Module<Tensor, Tensor>
{
    /// <summary>From means to gates.</summary>
    public Sequential Fc { get; } = new(new Linear(width, width / reduction, bias: false), new Relu(),
        new Linear(width / reduction, width, bias: false), new Sigmoid());

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x * Fc.Call(x.Mean([1])).Unsqueeze(1);
}

/// <summary>ViT's attention with gated channels after its projection; 2101.11986 §3.2, keys as in models/t2t_vit_se.py@0f63dc9.</summary>
public sealed partial class GatedAttention(int width, int heads, AttentionOptions options) : Module<Tensor, Tensor>
{
    private readonly double scale = options.Scale ?? 1 / Math.Sqrt(TokenHeads.Width(width, heads));

    /// <summary>Queries, keys, values.</summary>
    public Linear Qkv { get; } = new(width, 3 * width, options.QkvBias);

    /// <summary>Of the joined heads.</summary>
    public Linear Proj { get; } = new(width, width);

    /// <summary>The gate.</summary>
    [Key("se_layer")]
    public TokenGate Gate { get; } = new(width);

    private Dropout AttentionDrop { get; } = new(options.AttentionDropout);

    private Dropout ProjDrop { get; } = new(options.Dropout);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var qkv = Qkv.Call(x).Chunk(3, -1);
        return ProjDrop.Call(Gate.Call(Proj.Call(HeadAttention.Join(qkv[0], qkv[1], qkv[2], heads, scale, AttentionDrop))));
    }
}

/// <summary>A block that appends new channels to its input: <c>(N, tokens, width) -> (N, tokens, width + growth)</c>; 2101.11986 §3.2, keys
/// as in models/t2t_vit_dense.py@0f63dc9.</summary>
public sealed partial class DenseBlock(int width, int heads, int growth, BlockOptions options) : Module<Tensor, Tensor>
{
    /// <summary>Before attention.</summary>
    public LayerNorm Norm1 { get; } = new(width, options.NormEps);

    /// <summary>Tokens look at each other.</summary>
    [Key("attn")]
    public Attention Attention { get; } = new(width, heads, options.Attention);

    /// <summary>Before the MLP.</summary>
    public LayerNorm Norm2 { get; } = new(width, options.NormEps);

    /// <summary>Each token for itself.</summary>
    public Mlp Mlp { get; } = new(width, (int)(width * options.MlpRatio), dropout: options.Dropout);

    /// <summary>The new channels.</summary>
    public Linear DenseLinear { get; } = new(width, growth);

    private DropPath DropPath { get; } = new(options.DropPath);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var z = x + DropPath.Call(Attention.Call(Norm1.Call(x)));
        z = z + DropPath.Call(Mlp.Call(Norm2.Call(z)));
        return Tensor.Cat([x, DenseLinear.Call(z)], -1);
    }
}

/// <summary>Between two groups of dense blocks: <c>(…, inputs) -> (…, outputs)</c>.</summary>
public sealed partial class Transition(int inputs, int outputs) : Module<Tensor, Tensor>
{
    /// <summary>Narrows.</summary>
    public Linear Linear { get; } = new(inputs, outputs);

    /// <inheritdoc/>
    // for the norm that follows, under autocast
    protected override Tensor Forward(Tensor x) => Functional.Gelu(Linear.Call(x), GeluForm.Exact).To(Linear.Weight.DType);
}

/// <summary>How heads share a width.</summary>
internal static class TokenHeads
{
    internal static int Width(int width, int heads) =>
        heads > 0 && width % heads == 0
        ? width / heads : throw new ArgumentException($"attention: a width of {width} does not divide by {heads} heads");
}
