using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;
using Buffer = Sconce.Nn.Buffer;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>Causal attention with a buffer that says who sees whom, as checkpoints have it.</summary>
internal sealed partial class GptAttention : Module
{
    private readonly int heads;
    private readonly double dropout;

    internal GptAttention(GptConfig config)
    {
        if (config.Width % config.Heads != 0)
        {
            throw new ArgumentException($"GPT: a width of {config.Width} does not divide by {config.Heads} heads");
        }

        (heads, dropout) = (config.Heads, config.Dropout);
        KeyOf = new Linear(config.Width, config.Width);
        Query = new Linear(config.Width, config.Width);
        Value = new Linear(config.Width, config.Width);
        ResidDrop = new Dropout(config.Dropout);
        Proj = new Linear(config.Width, config.Width);
        Mask = CausalMask(config.Length, config.Unmasked);
    }

    [Key("key")]
    public Linear KeyOf { get; }

    public Linear Query { get; }

    public Linear Value { get; }

    public Dropout ResidDrop { get; }

    public Linear Proj { get; }

    /// <summary>1 where the row's token sees the column's, <c>(1, 1, length, length)</c>.</summary>
    public Buffer Mask { get; }

    /// <summary><c>(N, t, width) -> (N, t, width)</c>, after the tokens of the cache, if there is one.</summary>
    internal Tensor Attend(Tensor x, KeyValueCache? cache, int layer)
    {
        using var scope = new TensorScope();
        long past = cache?.Length ?? 0, count = x.Size(1);
        Tensor query = ByHead(Query, x), key = ByHead(KeyOf, x), value = ByHead(Value, x);
        if (cache is not null) (key, value) = cache.Append(layer, key, value);
        var scores = query.Matmul(key.Transpose(-2, -1)) * (1 / Math.Sqrt(query.Size(3)));
        if (count > 1) scores = scores.MaskedFill(Mask.Narrow(2, past, count).Narrow(3, 0, past + count).Eq(0), double.NegativeInfinity);
        var weights = scores.Softmax(-1); // (N, heads, t, past + t); a single new token sees all before it
        if (Training && dropout > 0) weights = Functional.Dropout(weights, dropout, true);
        var joined = weights.Matmul(value).Transpose(1, 2).Reshape(x.Shape);
        return scope.Keep(joined.Through(Proj, ResidDrop));
    }

    private static Buffer CausalMask(int length, int unmasked)
    {
        using var scope = new TensorScope();
        var mask = Tensor.Ones([length, length]).Tril();
        if (unmasked > 0) mask[..unmasked, ..unmasked] = Tensor.Ones([unmasked, unmasked]);
        return new Buffer(scope.KeepForever(mask.View([1, 1, length, length])));
    }

    /// <summary><c>(N, t, width) -> (N, heads, t, d)</c></summary>
    private Tensor ByHead(Linear layer, Tensor x) => layer.Call(x).View([x.Size(0), x.Size(1), heads, -1]).Transpose(1, 2);
}

/// <summary>A pre-norm transformer block.</summary>
internal sealed partial class GptBlock(GptConfig config) : Module
{
    [Key("ln1")]
    public LayerNorm Norm1 { get; } = new(config.Width);

    [Key("ln2")]
    public LayerNorm Norm2 { get; } = new(config.Width);

    [Key("attn")]
    public GptAttention Attention { get; } = new(config);

    public Sequential Mlp { get; } = new(
        new Linear(config.Width, 4 * config.Width), new Gelu(), new Linear(4 * config.Width, config.Width), new Dropout(config.Dropout));

    internal Tensor Run(Tensor x, KeyValueCache? cache, int layer)
    {
        using var scope = new TensorScope();
        var seen = x + Attention.Attend(Norm1.Call(x), cache, layer);
        return scope.Keep(seen + seen.Through(Norm2, Mlp));
    }
}

/// <summary>
/// A GPT: <c>tokens (N, t) -> logits of the next ones (N, t, Vocabulary)</c>. CompVis/taming-transformers@3ba01b2 mingpt.py.
/// </summary>
public sealed partial class Gpt : Module<Tensor, Tensor>
{
    /// <summary>Weights N(0, 0.02), offsets and positions zero.</summary>
    public Gpt(GptConfig config)
    {
        Config = config;
        TokEmb = new Embedding(config.Vocabulary, config.Width);
        PosEmb = Parameter.Zeros(1, config.Length, config.Width);
        Drop = new Dropout(config.Dropout);
        Blocks = new(Enumerable.Range(0, config.Layers).Select(_ => new GptBlock(config)));
        LnF = new LayerNorm(config.Width);
        Head = new Linear(config.Width, config.Vocabulary, bias: false);
        foreach (var (_, module) in NamedModules()) Initialize(module);
    }

    /// <summary>What it was built as.</summary>
    public GptConfig Config { get; }

    private Embedding TokEmb { get; }

    private Parameter PosEmb { get; }

    private Dropout Drop { get; }

    private ModuleList<GptBlock> Blocks { get; }

    private LayerNorm LnF { get; }

    private Linear Head { get; }

    /// <summary>A cache for sequences of up to <see cref="GptConfig.Length"/> tokens.</summary>
    public KeyValueCache Cache() => new(Config.Layers, Config.Length);

    /// <summary>Logits behind each new token: <c>(N, t) -> (N, t, Vocabulary)</c>.</summary>
    /// <param name="tokens">The new ones.</param>
    /// <param name="cache">What was read before them; none for a sequence from its beginning.</param>
    /// <exception cref="TorchException">The sequence is longer than <see cref="GptConfig.Length"/>.</exception>
    public Tensor Continue(Tensor tokens, KeyValueCache? cache)
    {
        using var scope = new TensorScope();
        return scope.Keep(Read(TokEmb.Call(tokens), cache));
    }

    /// <summary>Logits of tokens behind vectors that stand in the place of tokens: <c>(N, t, Vocabulary)</c>, t of both.</summary>
    /// <param name="tokens"><c>(N, t₂)</c></param>
    /// <param name="prefix"><c>(N, t₁, Width)</c></param>
    public Tensor Call(Tensor tokens, Tensor prefix)
    {
        using var scope = new TensorScope();
        return scope.Keep(Read(Tensor.Cat([prefix, TokEmb.Call(tokens)], 1), null));
    }

    /// <summary>Vectors of tokens, <c>(N, t) -> (N, t, Width)</c>.</summary>
    internal Tensor Embed(Tensor tokens) => TokEmb.Call(tokens);

    /// <summary>Logits behind vectors that stand in the place of tokens: <c>(N, t, Width) -> (N, t, Vocabulary)</c>.</summary>
    internal Tensor ReadVectors(Tensor vectors)
    {
        using var scope = new TensorScope();
        return scope.Keep(Read(vectors, null));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor input) => Read(TokEmb.Call(input), null);

    private static void Initialize(Module module)
    {
        if (module is Embedding table) Init.Normal(table.Weight, 0.02);
        if (module is not Linear layer) return;
        Init.Normal(layer.Weight, 0.02);
        if (layer.Bias is { } bias) Init.Constant(bias, 0);
    }

    private Tensor Read(Tensor x, KeyValueCache? cache)
    {
        int past = cache?.Length ?? 0, count = (int)x.Size(1);
        if (past + count > Config.Length)
        {
            throw new TorchException($"GPT: a sequence of {past + count} tokens, but it was built for {Config.Length}: shorten it");
        }

        x = Drop.Call(x + PosEmb.Narrow(1, past, count));
        for (int k = 0; k < Blocks.Count; k++) x = Blocks[k].Run(x, cache, k);
        cache?.Advance(count);
        return x.Through(LnF, Head);
    }
}
