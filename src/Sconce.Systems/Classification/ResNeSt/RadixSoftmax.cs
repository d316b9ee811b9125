using Sconce.Torch;

namespace Sconce.Systems.Classification.ResNeSt;

/// <summary>The softmax over splits; 2004.08955 equation 3, zhanghang1989/ResNeSt@1dfb3e8 resnest/torch/models/splat.py
/// <c>rSoftMax</c>.</summary>
public static class RadixSoftmax
{
    /// <summary>
    /// <c>(N, R·C, 1, 1) -> (N, R·C)</c>. The logits come cardinality-major (K, R, C/K), because a grouped convolution made them; the
    /// weights leave radix-major (R, K, C/K), as the splits lie. With one split it is a sigmoid, and nothing moves.
    /// </summary>
    /// <param name="logits">The attention's logits.</param>
    /// <param name="radix">R, the number of splits.</param>
    /// <param name="cardinality">K, the number of groups.</param>
    /// <exception cref="ArgumentException">The channels do not divide.</exception>
    public static Tensor Compute(Tensor logits, int radix, int cardinality)
    {
        using var scope = new TensorScope();
        long batch = logits.Size(0), channels = logits.Elements / Math.Max(1, batch);
        if (channels % ((long)radix * cardinality) != 0)
            throw new ArgumentException($"radix softmax: {channels} channels do not divide into {radix} splits of {cardinality} groups",
                nameof(logits));
        if (radix == 1) return scope.Keep(logits.Sigmoid().Reshape([batch, -1]));
        return scope.Keep(logits.Reshape([batch, cardinality, radix, -1]).Transpose(1, 2).Softmax(1).Reshape([batch, -1]));
    }
}
