using Sconce.Nn;
using Sconce.Nn.Transformers;
using Sconce.Torch;
using Buffer = Sconce.Nn.Buffer;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>Attention under a mask. ai-forever/ru-dalle@0255cec transformer.py DalleSelfAttention.</summary>
internal sealed partial class DalleAttention : Module
{
    private const double Hidden = -10000;
    private const double Relaxation = 32;
    private readonly int heads;
    private readonly bool relaxed;

    internal DalleAttention(DalleConfig config)
    {
        if (config.Width % config.Heads != 0)
        {
            throw new ArgumentException($"DALL·E: a width of {config.Width} does not divide by {config.Heads} heads");
        }

        (heads, relaxed) = (config.Heads, config.Relaxed);
        QueryKeyValue = new Linear(config.Width, 3 * config.Width);
        Dense = new Linear(config.Width, config.Width);
    }

    public Linear QueryKeyValue { get; }

    public Linear Dense { get; }

    /// <summary><c>(N, t, width) -> (N, t, width)</c>, after the cache's tokens.</summary>
    /// <param name="x">The new tokens.</param>
    /// <param name="seen">1 where a new token sees one of all, <c>(t, past + t)</c>.</param>
    /// <param name="cache">What was read before.</param>
    /// <param name="layer">This layer's number in it.</param>
    internal Tensor Attend(Tensor x, Tensor seen, KeyValueCache? cache, int layer)
    {
        using var scope = new TensorScope();
        var parts = QueryKeyValue.Call(x).Chunk(3, -1);
        Tensor query = ByHead(parts[0]), key = ByHead(parts[1]), value = ByHead(parts[2]);
        if (cache is not null) (key, value) = cache.Append(layer, key, value);
        var scores = query.Matmul(key.Transpose(-2, -1)) * (1 / Math.Sqrt(query.Size(3))); // (N, heads, t, past + t)
        scores = (scores * seen) + ((1 - seen) * Hidden);
        if (relaxed)
        {
            var scaled = scores / Relaxation;
            scores = (scaled - scaled.Detach().Amax([2, 3], keepdim: true)) * Relaxation;
        }

        return scope.Keep(Dense.Call(scores.Softmax(-1).Matmul(value).Transpose(1, 2).Reshape(x.Shape)));
    }

    /// <summary><c>(N, t, width) -> (N, heads, t, d)</c></summary>
    private Tensor ByHead(Tensor x) => x.View([x.Size(0), x.Size(1), heads, -1]).Transpose(1, 2);
}

/// <summary>A pre-norm block, or with norms behind its branches too.</summary>
internal sealed partial class DalleBlock(DalleConfig config) : Module
{
    [Key("input_layernorm")]
    public LayerNorm NormIn { get; } = new(config.Width);

    [Key("before_first_addition_layernorm")]
    public LayerNorm? NormOfAttention { get; } = config.Sandwich ? new LayerNorm(config.Width) : null;

    [Key("before_second_addition_layernorm")]
    public LayerNorm? NormOfMlp { get; } = config.Sandwich ? new LayerNorm(config.Width) : null;

    public DalleAttention Attention { get; } = new(config);

    [Key("post_attention_layernorm")]
    public LayerNorm NormBetween { get; } = new(config.Width);

    public Sequential Mlp { get; } = new()
    {
        ["dense_h_to_4h"] = new Linear(config.Width, 4 * config.Width),
        ["gelu"] = new Gelu(GeluForm.Tanh),
        ["dense_4h_to_h"] = new Linear(4 * config.Width, config.Width),
    };

    internal Tensor Run(Tensor x, Tensor seen, KeyValueCache? cache, int layer)
    {
        using var scope = new TensorScope();
        var attended = x + Attention.Attend(NormIn.Call(x), seen, cache, layer).Through(NormOfAttention);
        return scope.Keep(attended + attended.Through(NormBetween, Mlp, NormOfMlp));
    }
}

/// <summary>The blocks with their masks, <c>(N, t, width) -> (N, t, width)</c>.</summary>
internal sealed partial class DalleBlocks : Module
{
    private readonly DalleConfig config;

    internal DalleBlocks(DalleConfig config)
    {
        this.config = config;
        RowMask = Mask(MaskKind.Row);
        ColMask = Mask(MaskKind.Column);
        ConvMask = Mask(config.Convolution);
        Layers = new(Enumerable.Range(0, config.Layers).Select(_ => new DalleBlock(config)));
        FinalLayernorm = new LayerNorm(config.Width);
    }

    /// <summary>Booleans <c>(text + codes, text + codes)</c>, as are the others.</summary>
    public Buffer RowMask { get; }

    public Buffer ColMask { get; }

    public Buffer ConvMask { get; }

    public ModuleList<DalleBlock> Layers { get; }

    public LayerNorm FinalLayernorm { get; }

    internal Tensor Run(Tensor x, KeyValueCache? cache)
    {
        using var scope = new TensorScope();
        int past = cache?.Length ?? 0, count = (int)x.Size(1);
        var masks = new Dictionary<MaskKind, Tensor>();
        for (int k = 0; k < Layers.Count; k++)
        {
            var kind = config.MaskAt(k);
            if (!masks.TryGetValue(kind, out var seen))
            {
                masks[kind] = seen = BufferOf(kind).Narrow(0, past, count).Narrow(1, 0, past + count).To(x.DType);
            }

            x = Layers[k].Run(x, seen, cache, k);
        }

        cache?.Advance(count);
        return scope.Keep(FinalLayernorm.Call(x));
    }

    private Buffer BufferOf(MaskKind kind) => kind switch
    {
        MaskKind.Row => RowMask,
        MaskKind.Column => ColMask,
        _ => ConvMask,
    };

    private Buffer Mask(MaskKind kind)
    {
        using var scope = new TensorScope();
        return new Buffer(scope.KeepForever(AttentionMasks.Of(kind, config.TextLength, config.Grid, config.Kernel)));
    }
}
