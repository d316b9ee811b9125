using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>
/// Attention by positive random features with one head, then an MLP: <c>(N, tokens, inputs) -> (N, tokens, width)</c>. The first skip is
/// the values, since the width changes; 2101.11986 §3.1, 2009.14794 lemma 1, keys as in models/token_performer.py@0f63dc9.
/// </summary>
public sealed partial class TokenPerformer : Module<Tensor, Tensor>
{
    private readonly int features;
    private readonly double epsilon;

    /// <summary>PyTorch's default initial numbers, and random features with orthogonal rows.</summary>
    /// <param name="inputs">Channels of a token going in.</param>
    /// <param name="width">Coming out.</param>
    /// <param name="kernelRatio">Random features as a share of the width.</param>
    /// <param name="dropout">After both projections.</param>
    /// <param name="epsilon">Added to the divisor.</param>
    /// <exception cref="ArgumentException">There is no channel, or not one random feature.</exception>
    public TokenPerformer(int inputs, int width, double kernelRatio = 0.5, double dropout = 0.1, double epsilon = 1e-8)
    {
        features = (int)(width * kernelRatio);
        if (inputs < 1 || width < 1 || features < 1)
            throw new ArgumentException($"token performer: {inputs} to {width} channels with {features} random features");
        this.epsilon = epsilon;
        // Not trained, but a part of the weights: every run draws its own. A parameter, as officially, so that it is counted.
        W = Init.Orthogonal(new Parameter(Tensor.Empty([features, width], DType.Float32), requiresGrad: false), Math.Sqrt(features));
        Kqv = new Linear(inputs, 3 * width);
        Proj = new Linear(width, width);
        Norm1 = new LayerNorm(inputs);
        Norm2 = new LayerNorm(width);
        Mlp = new Sequential(new Linear(width, width), new Gelu(), new Linear(width, width), new Dropout(dropout));
        Drop = new Dropout(dropout);
    }

    /// <summary>The random features <c>(features, width)</c>: rows of norm √features.</summary>
    public Parameter W { get; }

    /// <summary>Keys, then queries, then values: not the usual order.</summary>
    public Linear Kqv { get; }

    /// <summary>After attention.</summary>
    public Linear Proj { get; }

    /// <summary>Before attention.</summary>
    public LayerNorm Norm1 { get; }

    /// <summary>Before the MLP.</summary>
    public LayerNorm Norm2 { get; }

    /// <summary>Two linear layers of one width.</summary>
    public Sequential Mlp { get; }

    private Dropout Drop { get; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        TokenShapes.Check(x, "token performer");
        var y = Attend(Norm1.Call(x)).To(Norm2.Weight!.DType); // under autocast, no term of the sum is in full precision
        return y + Mlp.Call(Norm2.Call(y));
    }

    private Tensor Attend(Tensor x)
    {
        using var scope = new TensorScope();
        var kqv = Kqv.Call(x).Chunk(3, -1); // 3 x (N, tokens, width)
        Tensor key = Features(kqv[0]), query = Features(kqv[1]), value = kqv[2]; // (N, tokens, features)
        var divisor = query.Matmul(key.Sum([1]).Unsqueeze(-1)); // (N, tokens, 1)
        var sums = key.Transpose(1, 2).Matmul(value.To(DType.Float32)); // (N, features, width)
        var y = query.Matmul(sums) / (divisor + epsilon);
        return scope.Keep(value + Drop.Call(Proj.Call(y.To(value.DType))));
    }

    /// <summary>φ(x) = exp(w x - |x|²/2) / √features: products of two are unbiased for exp(x·y). In single precision whatever the
    /// network's.</summary>
    private Tensor Features(Tensor x)
    {
        var single = x.To(DType.Float32);
        var half = single.Square().Sum([-1], keepdim: true) * 0.5;
        return (single.Matmul(W.To(DType.Float32).T()) - half).Exp() / Math.Sqrt(features);
    }
}
