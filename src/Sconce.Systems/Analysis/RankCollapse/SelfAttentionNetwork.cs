using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Analysis.RankCollapse;

/// <summary>A stack of self-attention layers, with or without what keeps transformers from collapsing.</summary>
/// <param name="Width">Channels of a token.</param>
/// <param name="Heads">H.</param>
/// <param name="Depth">L, layers.</param>
/// <param name="QueryWidth">d_qk, of each head.</param>
/// <param name="ValueWidth">d_v, of each head.</param>
public sealed record SelfAttentionConfig(int Width, int Heads, int Depth, int QueryWidth, int ValueWidth)
{
    /// <summary>x + part(x) rather than part(x).</summary>
    public bool Skip { get; init; }

    /// <summary>The hidden width of the two-layer perceptron after each attention; null for none.</summary>
    public int? MlpWidth { get; init; }

    /// <summary>The perceptron's activation.</summary>
    public Func<Module<Tensor, Tensor>> Activation { get; init; } = () => new Relu();

    /// <summary>A layer norm after each part.</summary>
    public bool Norm { get; init; }
}

/// <summary>One layer: <c>Σ_h P_h X W_h + 1bᵀ</c>, P_h the softmax of queries and keys, W_h values times output.
/// <c>(N, tokens, width) -> (N, tokens, width)</c></summary>
public sealed partial class SelfAttentionLayer : Module<Tensor, Tensor>
{
    private readonly SelfAttentionConfig config;

    internal SelfAttentionLayer(SelfAttentionConfig config)
    {
        this.config = config;
        Q = new Linear(config.Width, config.Heads * config.QueryWidth);
        K = new Linear(config.Width, config.Heads * config.QueryWidth);
        V = new Linear(config.Width, config.Heads * config.ValueWidth, bias: false);
        O = new Linear(config.Heads * config.ValueWidth, config.Width);
        if (config.Norm) Norm1 = new LayerNorm(config.Width);
        if (config.MlpWidth is not { } hidden) return;
        Fc1 = new Linear(config.Width, hidden);
        Fc2 = new Linear(hidden, config.Width);
        if (config.Norm) Norm2 = new LayerNorm(config.Width);
        Activation = config.Activation();
    }

    private Module<Tensor, Tensor>? Activation { get; }

    /// <summary>Queries, head by head.</summary>
    public Linear Q { get; }

    /// <summary>Keys, head by head.</summary>
    public Linear K { get; }

    /// <summary>Values, head by head; no bias.</summary>
    public Linear V { get; }

    /// <summary>From all heads' values to a token.</summary>
    public Linear O { get; }

    private LayerNorm? Norm1 { get; }

    private Linear? Fc1 { get; }

    private Linear? Fc2 { get; }

    private LayerNorm? Norm2 { get; }

    /// <summary>P: who looks where, rows that sum to 1. <c>(N, tokens, width) -> (N, heads, tokens, tokens)</c></summary>
    public Tensor Attention(Tensor x)
    {
        using var scope = new TensorScope();
        return scope.Keep((Split(Q.Call(x)).Matmul(Split(K.Call(x)).Transpose(-2, -1)) / Math.Sqrt(config.QueryWidth)).Softmax(-1));
    }

    /// <summary>W_h: values times output of one head. <c>-> (width, width)</c>, to be multiplied from the right.</summary>
    public Tensor HeadWeight(int head)
    {
        using var scope = new TensorScope();
        var rows = (head * config.ValueWidth)..((head + 1) * config.ValueWidth);
        return scope.Keep(O.Weight[.., rows].Matmul(V.Weight[rows]).T());
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var joined = Attention(x).Matmul(Split(V.Call(x))).Transpose(1, 2).Flatten(2); // (N, tokens, H·d_v)
        x = After(x, O.Call(joined), Norm1);
        return Fc1 is null ? x : After(x, Fc2!.Call(Activation!.Call(Fc1.Call(x))), Norm2);
    }

    private Tensor After(Tensor x, Tensor part, LayerNorm? norm)
    {
        var sum = config.Skip ? x + part : part;
        return norm is null ? sum : norm.Call(sum);
    }

    /// <summary><c>(N, tokens, heads·d) -> (N, heads, tokens, d)</c></summary>
    private Tensor Split(Tensor x) => x.Unflatten(-1, [config.Heads, -1]).Transpose(1, 2);
}

/// <summary>The stack: <c>(N, tokens, width) -> (N, tokens, width)</c>; 2103.03404 §2.</summary>
public sealed partial class SelfAttentionNetwork : Module<Tensor, Tensor>
{
    /// <summary>PyTorch's default initial numbers.</summary>
    public SelfAttentionNetwork(SelfAttentionConfig config)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(config.Depth, 1);
        Config = config;
        Layers = new ModuleList<SelfAttentionLayer>(Enumerable.Range(0, config.Depth).Select(_ => new SelfAttentionLayer(config)));
    }

    /// <summary>What it was made of.</summary>
    public SelfAttentionConfig Config { get; }

    /// <summary>From the input up.</summary>
    public ModuleList<SelfAttentionLayer> Layers { get; }

    /// <summary>The input and every layer's output: depth + 1 of <c>(N, tokens, width)</c>.</summary>
    public Tensor[] Hidden(Tensor x)
    {
        using var scope = new TensorScope();
        var states = new Tensor[Layers.Count + 1];
        states[0] = x;
        for (int layer = 0; layer < Layers.Count; layer++) states[layer + 1] = Layers[layer].Call(states[layer]);
        return [x, .. scope.Keep(states[1..])];
    }

    /// <summary>Weights uniform by Glorot, biases 0: the initial numbers of the paper's random networks.</summary>
    public void InitializeXavier()
    {
        foreach (var layer in Layers)
        {
            foreach (var (name, parameter) in layer.NamedParameters())
            {
                if (name.StartsWith("norm", StringComparison.Ordinal)) continue;
                if (parameter.Dimensions == 2) Init.XavierUniform(parameter);
                else Init.Constant(parameter, 0);
            }
        }
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        foreach (var layer in Layers) x = layer.Call(x);
        return x;
    }
}
