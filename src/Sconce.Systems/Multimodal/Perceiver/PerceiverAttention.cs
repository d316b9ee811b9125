using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Perceiver;

/// <summary>How Haiku begins: linear weights of deviation fan-in^-½, cut at twice that; biases zero.</summary>
internal static class HaikuInit
{
    /// <summary>The deviation of a normal number cut at two deviations.</summary>
    private const double CutDeviation = 0.87962566103423978;

    internal static Linear Linear(int inputs, int outputs)
    {
        var layer = new Linear(inputs, outputs);
        double deviation = Math.Sqrt(1.0 / inputs) / CutDeviation;
        Init.TruncatedNormal(layer.Weight, deviation, low: -2 * deviation, high: 2 * deviation);
        Init.Constant(layer.Bias!, 0);
        return layer;
    }

    internal static Parameter Positions(int count, int width, double deviation) =>
        Init.TruncatedNormal(Parameter.Empty(count, width), deviation, low: -2 * deviation, high: 2 * deviation);
}

/// <summary>Keys and values of an array, made once and read as often as wanted.</summary>
/// <param name="Keys"><c>(N, heads, M, d)</c></param>
/// <param name="Values"><c>(N, heads, M, d)</c></param>
public readonly record struct KeysAndValues(Tensor Keys, Tensor Values);

/// <summary>
/// Multi-head attention of one array to another, with widths of its own for queries and keys, for values, and for the result; 2103.03206
/// appendix E, deepmind-research@f5de0ede perceiver/perceiver.py <c>Attention</c>, <c>attend</c>.
/// </summary>
public sealed partial class PerceiverAttention : Module
{
    private const double Forbidden = -1e30;
    private readonly int heads;

    /// <summary>Haiku's initial numbers.</summary>
    /// <param name="queryChannels">Of who reads.</param>
    /// <param name="readChannels">Of what is read.</param>
    /// <param name="keyChannels">Of queries and keys together, over all heads.</param>
    /// <param name="valueChannels">Of values, over all heads.</param>
    /// <param name="outputChannels">Of the result.</param>
    /// <param name="heads">That share them.</param>
    /// <exception cref="ArgumentException">Channels that do not divide by the heads.</exception>
    public PerceiverAttention(int queryChannels, int readChannels, int keyChannels, int valueChannels, int outputChannels, int heads)
    {
        if (heads < 1 || keyChannels % heads != 0 || valueChannels % heads != 0)
            throw new ArgumentException($"attention: {keyChannels} channels of keys and {valueChannels} of values do not divide by "
                + $"{heads} heads");
        this.heads = heads;
        Q = HaikuInit.Linear(queryChannels, keyChannels);
        K = HaikuInit.Linear(readChannels, keyChannels);
        V = HaikuInit.Linear(readChannels, valueChannels);
        Out = HaikuInit.Linear(valueChannels, outputChannels);
    }

    /// <summary>Of queries.</summary>
    public Linear Q { get; }

    /// <summary>Of keys.</summary>
    public Linear K { get; }

    /// <summary>Of values.</summary>
    public Linear V { get; }

    /// <summary>Of the joined heads.</summary>
    public Linear Out { get; }

    /// <summary>What queries will read; <c>(N, M, readChannels)</c>.</summary>
    public KeysAndValues Prepare(Tensor read)
    {
        using var scope = new TensorScope();
        Tensor keys = Split(K.Call(read)), values = Split(V.Call(read));
        scope.Keep((keys, values));
        return new KeysAndValues(keys, values);
    }

    /// <summary>Attention of queries <c>(N, T, queryChannels)</c> to an array <c>-> (N, T, outputChannels)</c>.</summary>
    /// <param name="queries">Who reads.</param>
    /// <param name="read">From <see cref="Prepare"/>.</param>
    /// <param name="mask"><c>(N, T, M)</c> bool, true where a query may look; a query that may look nowhere reads zero.</param>
    public Tensor Call(Tensor queries, KeysAndValues read, Tensor? mask = null)
    {
        using var scope = new TensorScope();
        var q = Split(Q.Call(queries)) * (1 / Math.Sqrt(read.Keys.Size(-1))); // (N, heads, T, d)
        var scores = q.Matmul(read.Keys.Transpose(-2, -1)); // (N, heads, T, M)
        if (mask is not null) scores = scores.MaskedFill(mask.LogicalNot().Unsqueeze(1), Forbidden);
        var weights = scores.Softmax(-1);
        scores.Dispose();
        var joined = weights.Matmul(read.Values).Transpose(1, 2).Flatten(2); // (N, T, values)
        if (mask is not null) joined = joined.MaskedFill(mask.Any(2, true).LogicalNot(), 0);
        return scope.Keep(Out.Call(joined));
    }

    /// <summary><c>(N, T, heads·d) -> (N, heads, T, d)</c></summary>
    private Tensor Split(Tensor packed) => packed.Unflatten(2, [heads, -1]).Transpose(1, 2);
}

/// <summary>Linear, gelu, linear; <c>(…, width) -> (…, width)</c>.</summary>
public sealed partial class PerceiverMlp(int width, int widening, GeluForm gelu) : Module<Tensor, Tensor>
{
    /// <summary>Widens.</summary>
    public Linear Fc1 { get; } = HaikuInit.Linear(width, widening * width);

    /// <summary>Narrows.</summary>
    public Linear Fc2 { get; } = HaikuInit.Linear(widening * width, width);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Fc2.Call(Functional.Gelu(Fc1.Call(x), gelu));
}

/// <summary>What a block of attention may have beside its widths.</summary>
public sealed record AttentionBlockOptions
{
    /// <summary>That share the channels.</summary>
    public int Heads { get; init; } = 1;

    /// <summary>Hidden width of the MLP as a multiple of the width.</summary>
    public int Widening { get; init; } = 1;

    /// <summary>Width of queries and keys; as the block has it where null.</summary>
    public int? QueryKeyChannels { get; init; }

    /// <summary>Width of values; that of queries and keys where null.</summary>
    public int? ValueChannels { get; init; }

    /// <summary>Who gives cross-attention its width.</summary>
    public AttentionWidth WidthFrom { get; init; }

    /// <summary>Whether cross-attention adds to its queries.</summary>
    public bool QueryResidual { get; init; } = true;

    /// <summary>The constant of the layer norms.</summary>
    public double NormEps { get; init; } = 1e-5;

    /// <summary>Which form of gelu.</summary>
    public GeluForm Gelu { get; init; } = GeluForm.Tanh;
}

/// <summary>One array reads another, then an MLP: <c>y = z + Attn(LN(z), LN(x)); y + MLP(LN(y))</c>;
/// <c>(N, T, D), (N, M, C), mask -> (N, T, D)</c>.</summary>
public sealed partial class CrossAttention : Module<Tensor, Tensor, Tensor?, Tensor>
{
    private readonly bool residual;

    /// <summary>Haiku's initial numbers.</summary>
    /// <param name="queryChannels">D.</param>
    /// <param name="readChannels">C.</param>
    /// <param name="options">Heads, widths.</param>
    public CrossAttention(int queryChannels, int readChannels, AttentionBlockOptions options)
    {
        residual = options.QueryResidual;
        int keys = options.QueryKeyChannels ?? (options.WidthFrom == AttentionWidth.Queries ? queryChannels : readChannels);
        NormQ = new LayerNorm(queryChannels, options.NormEps);
        NormKv = new LayerNorm(readChannels, options.NormEps);
        Attention = new PerceiverAttention(queryChannels, readChannels, keys, options.ValueChannels ?? keys, queryChannels, options.Heads);
        NormMlp = new LayerNorm(queryChannels, options.NormEps);
        Mlp = new PerceiverMlp(queryChannels, options.Widening, options.Gelu);
    }

    /// <summary>Of who reads.</summary>
    public LayerNorm NormQ { get; }

    /// <summary>Of what is read.</summary>
    public LayerNorm NormKv { get; }

    /// <summary>The reading.</summary>
    public PerceiverAttention Attention { get; }

    /// <summary>Of the MLP.</summary>
    public LayerNorm NormMlp { get; }

    /// <summary>Each row for itself.</summary>
    public PerceiverMlp Mlp { get; }

    /// <summary>Keys and values of an array, for several readings.</summary>
    public KeysAndValues Prepare(Tensor read)
    {
        using var scope = new TensorScope();
        var prepared = Attention.Prepare(NormKv.Call(read));
        scope.Keep((prepared.Keys, prepared.Values));
        return prepared;
    }

    /// <summary>One reading; <c>(N, T, D) -> (N, T, D)</c>.</summary>
    public Tensor Read(Tensor queries, KeysAndValues read, Tensor? mask = null)
    {
        using var scope = new TensorScope();
        var y = Attention.Call(NormQ.Call(queries), read, mask);
        if (residual) y = queries + y;
        return scope.Keep(y + Mlp.Call(NormMlp.Call(y)));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor queries, Tensor read, Tensor? mask) => Read(queries, Prepare(read), mask);
}

/// <summary>An array reads itself, then an MLP; <c>(N, T, D) -> (N, T, D)</c>.</summary>
public sealed partial class SelfAttention : Module<Tensor, Tensor>
{
    /// <summary>Haiku's initial numbers.</summary>
    /// <param name="width">D.</param>
    /// <param name="options">Heads, widths.</param>
    public SelfAttention(int width, AttentionBlockOptions options)
    {
        int keys = options.QueryKeyChannels ?? width;
        Norm = new LayerNorm(width, options.NormEps);
        Attention = new PerceiverAttention(width, width, keys, options.ValueChannels ?? keys, width, options.Heads);
        NormMlp = new LayerNorm(width, options.NormEps);
        Mlp = new PerceiverMlp(width, options.Widening, options.Gelu);
    }

    /// <summary>Of the attention.</summary>
    public LayerNorm Norm { get; }

    /// <summary>Among the rows.</summary>
    public PerceiverAttention Attention { get; }

    /// <summary>Of the MLP.</summary>
    public LayerNorm NormMlp { get; }

    /// <summary>Each row for itself.</summary>
    public PerceiverMlp Mlp { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var placed = Norm.Call(x);
        var y = x + Attention.Call(placed, Attention.Prepare(placed));
        return y + Mlp.Call(NormMlp.Call(y));
    }
}
