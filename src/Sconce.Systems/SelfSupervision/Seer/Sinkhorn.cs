using Sconce.Torch;

namespace Sconce.Systems.SelfSupervision.Seer;

/// <summary>Codes that use all prototypes alike: a few rounds of Sinkhorn and Knopp's scaling; 2006.09882 §3.1,
/// facebookresearch/swav@06b1b7c main_swav.py <c>distributed_sinkhorn</c>.</summary>
public static class Sinkhorn
{
    /// <summary>
    /// Scales exp(scores / ε) until every prototype has about the same mass; a sample's masses sum to 1 exactly, since its scaling comes
    /// last. Computed in the logarithm, where nothing can overflow or vanish. Off the tape. <c>(B, K) -> (B, K)</c>
    /// </summary>
    /// <param name="scores">Of B samples with K prototypes; cosines, usually.</param>
    /// <param name="epsilon">The smoothing, above 0: the less, the harder the codes.</param>
    /// <param name="iterations">Rounds; 3 in SwAV, 10 in SEER. 0 gives the softmax over the whole batch, times B.</param>
    /// <param name="hard">Whether each sample's greatest mass becomes 1 and the others 0, as VISSL can do in the first iterations.</param>
    /// <exception cref="ArgumentException">The scores are not a matrix with samples and prototypes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">ε is not positive, or the rounds are negative.</exception>
    public static Tensor Assign(Tensor scores, double epsilon = 0.05, int iterations = 3, bool hard = false)
    {
        if (scores.Dimensions != 2 || scores.Elements == 0)
            throw new ArgumentException($"Sinkhorn: the scores are (samples, prototypes), not "
                + $"[{string.Join(", ", scores.Shape.ToArray())}]", nameof(scores));
        if (!(epsilon > 0)) throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "Sinkhorn: the smoothing must be positive");
        ArgumentOutOfRangeException.ThrowIfNegative(iterations);
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        long samples = scores.Size(0), prototypes = scores.Size(1);
        var mass = scores.Detach() / epsilon; // log Q, (B, K)
        mass = mass - mass.Logsumexp([0, 1], keepdim: true);
        for (int round = 0; round < iterations; round++)
        {
            mass = mass - mass.Logsumexp([0], keepdim: true) - Math.Log(prototypes); // every prototype: 1/K
            mass = mass - mass.Logsumexp([1], keepdim: true) - Math.Log(samples); // every sample: 1/B
        }

        var codes = (mass + Math.Log(samples)).Exp();
        if (hard) codes = codes.ZerosLike().Scatter(1, codes.Argmax(1, keepdim: true), 1);
        return scope.Keep(codes);
    }
}
