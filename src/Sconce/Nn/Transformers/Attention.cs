using Sconce.Torch;

namespace Sconce.Nn.Transformers;

/// <summary>What an attention layer may have beside its width and heads; the official ViT where left out.</summary>
public sealed record AttentionOptions
{
    /// <summary>Biases of queries, keys and values.</summary>
    public bool QkvBias { get; init; } = true;

    /// <summary>Layer norms of queries and keys, head by head.</summary>
    public bool QkNorm { get; init; }

    /// <summary>The bias of the last projection.</summary>
    public bool ProjBias { get; init; } = true;

    /// <summary>What the products of queries and keys are multiplied by; null for the head's width to the power of -½.</summary>
    public double? Scale { get; init; }

    /// <summary>Dropout of the attention weights.</summary>
    public double AttentionDropout { get; init; }

    /// <summary>Dropout after the last projection.</summary>
    public double Dropout { get; init; }

    /// <summary>The constant of the layer norms.</summary>
    public double NormEps { get; init; } = 1e-6;
}

/// <summary>
/// Multi-head self-attention, <c>softmax(q kᵀ · scale) v</c>: <c>(N, tokens, width) -> (N, tokens, width)</c>; 2010.11929 appendix A, keys
/// as in timm (timm/layers/attention.py@aa4b585).
/// </summary>
public sealed partial class Attention : Module<Tensor, Tensor>
{
    /// <summary>Scores of one picture above this many are worth a pass of their own: they then stay in the processor's cache.</summary>
    private const long ScoresWorthAPass = 1 << 16;

    /// <summary>Multiplications a matrix, below which libtorch takes its kernel for tiny ones (it does below 400).</summary>
    private const long TinyProduct = 1024;

    private readonly int heads;
    private readonly double scale;
    private readonly double dropout;

    /// <summary>PyTorch's default initial numbers.</summary>
    /// <param name="width">Of the tokens.</param>
    /// <param name="heads">How many share the width.</param>
    /// <param name="options">The official ViT's where left out.</param>
    /// <exception cref="ArgumentException">The width does not divide by the heads.</exception>
    public Attention(int width, int heads, AttentionOptions? options = null)
    {
        if (heads < 1 || width % heads != 0) throw new ArgumentException($"attention: a width of {width} does not divide by {heads} heads");
        options ??= new AttentionOptions();
        int headWidth = width / heads;
        this.heads = heads;
        scale = options.Scale ?? 1 / Math.Sqrt(headWidth);
        dropout = options.AttentionDropout;
        Qkv = new Linear(width, 3 * width, options.QkvBias);
        QNorm = options.QkNorm ? new LayerNorm(headWidth, options.NormEps) : null;
        KNorm = options.QkNorm ? new LayerNorm(headWidth, options.NormEps) : null;
        Proj = new Linear(width, width, options.ProjBias);
        ProjDrop = new Dropout(options.Dropout);
    }

    /// <summary>Rows of all queries, then all keys, then all values, each head by head <c>(3·width, width)</c>.</summary>
    public Linear Qkv { get; }

    /// <summary>Norm of each query; none in the official ViT.</summary>
    public LayerNorm? QNorm { get; }

    /// <summary>Norm of each key; none in the official ViT.</summary>
    public LayerNorm? KNorm { get; }

    /// <summary>The projection of the joined heads.</summary>
    public Linear Proj { get; }

    private Dropout ProjDrop { get; }

    /// <summary>Who looks where: <c>(N, tokens, width) -> (N, heads, tokens, tokens)</c>, rows that sum to 1.</summary>
    public Tensor Weights(Tensor x)
    {
        using var scope = new TensorScope();
        var parts = Split(x);
        long batch = x.Size(0), tokens = x.Size(1);
        return scope.Keep(Scores(parts[0], parts[1]).Softmax(-1).View([batch, heads, tokens, tokens]));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        bool onePassEach = !Gradients.Enabled && !ScriptModule.IsTracingPortably && QNorm is null && (!Training || dropout == 0)
            && x.Device.Type == DeviceType.Cpu && heads * x.Size(1) * x.Size(1) >= ScoresWorthAPass;
        var joined = onePassEach ? JoinPictureByPicture(x) : Join(x); // (N, tokens, width)
        return ProjDrop.Call(Proj.Call(joined));
    }

    /// <summary>All pictures at once: one copy puts heads before tokens, and its thirds are what the tape keeps.</summary>
    private Tensor Join(Tensor x)
    {
        using var scope = new TensorScope();
        long batch = x.Size(0), tokens = x.Size(1);
        if (ScriptModule.IsTracingPortably && !Training)
        {
            // The form that compilers and exporters know by sight, (N, heads, tokens, d) where the projection left it.
            var parts = Split(x, copy: false);
            return scope.Keep((parts[0].Matmul(parts[1].Transpose(-2, -1)) * scale).Softmax(-1).Matmul(parts[2]).Transpose(1, 2)
                .Reshape([batch, tokens, -1]));
        }

        var copies = Split(x);
        var scores = Scores(copies[0], copies[1]);
        var weights = scores.Softmax(-1);
        scores.Dispose();
        if (Training && dropout > 0) weights = Functional.Dropout(weights, dropout, true);
        var values = weights.Bmm(copies[2]); // (N·heads, tokens, d)
        return scope.Keep(values.View([batch, heads, tokens, -1]).Transpose(1, 2).Reshape([batch, tokens, -1]));
    }

    /// <summary>
    /// One picture after the other, outside the tape: products read queries, keys and values where the projection left them and write where
    /// the next one reads, so nothing is copied and only one picture's scores exist.
    /// </summary>
    private Tensor JoinPictureByPicture(Tensor x)
    {
        using var scope = new TensorScope();
        long batch = x.Size(0), tokens = x.Size(1);
        var packed = Qkv.Call(x);
        long headWidth = packed.Size(2) / 3 / heads;
        var parts = packed.View([batch, tokens, 3, heads, headWidth]).Permute([0, 2, 3, 1, 4]); // (N, 3, heads, tokens, d)
        var joined = Tensor.Zeros([batch, tokens, heads, headWidth], packed.DType); // zeros, not what lay there: see Scores
        var targets = joined.Transpose(1, 2); // (N, heads, tokens, d)
        var scores = Tensor.Zeros([heads, tokens, tokens], packed.DType);
        for (long k = 0; k < batch; k++)
        {
            using var pass = new TensorScope();
            var qkv = parts.Select(0, k).Unbind(0);
            scores.BaddbmmInPlace(qkv[0], qkv[1].Transpose(1, 2), beta: 0, alpha: scale);
            targets.Select(0, k).BaddbmmInPlace(scores.Softmax(-1), qkv[2], beta: 0);
        }

        return scope.Keep(joined.View([batch, tokens, -1]));
    }

    /// <summary><c>(N·heads, tokens, tokens)</c>, scaled.</summary>
    private Tensor Scores(Tensor query, Tensor key)
    {
        // libtorch 1.13's kernel for tiny matrices multiplies what the result's memory happened to hold by the factor of 0: NaN stays NaN.
        if (query.Size(1) * key.Size(1) * query.Size(2) < TinyProduct) return query.Bmm(key.Transpose(1, 2)) * scale;

        // With a factor of 0 on the sum, the product's scale costs nothing; the first tensor is never read.
        using var nothing = Tensor.Zeros([1, 1, 1], query.DType, device: query.Device);
        return nothing.Baddbmm(query, key.Transpose(1, 2), beta: 0, alpha: scale);
    }

    /// <summary><c>(N, tokens, width) -> 3 x (N·heads, tokens, d)</c> in one copy, or <c>3 x (N, heads, tokens, d)</c> in none.</summary>
    private Tensor[] Split(Tensor x, bool copy = true)
    {
        if (x.Dimensions != 3)
            throw new TorchException($"attention: an input of shape [{string.Join(", ", x.Shape.ToArray())}], but (N, tokens, width) "
                + $"is expected");
        long batch = x.Size(0), tokens = x.Size(1);
        using var packed = Qkv.Call(x);
        var byHeads = packed.View([batch, tokens, 3, heads, -1]).Permute([2, 0, 3, 1, 4]);
        var parts = (copy ? byHeads.Reshape([3, batch * heads, tokens, -1]) : byHeads).Unbind(0);
        if (QNorm is not null) parts[0] = QNorm.Call(parts[0]);
        if (KNorm is not null) parts[1] = KNorm.Call(parts[1]);
        return parts;
    }
}
