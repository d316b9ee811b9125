using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>What the discrete autoencoder's training minimises.</summary>
/// <param name="Loss"><c>()</c>, for one number of a picture.</param>
/// <param name="Likelihood">The mean negative logarithm of the pixels' density, <c>()</c>.</param>
/// <param name="Divergence">The mean over codes' places of KL(q ‖ uniform), <c>()</c>.</param>
/// <param name="Statistics">The decoder's, <c>(N, 2·C, H, W)</c>.</param>
public sealed record DvaeLoss(Tensor Loss, Tensor Likelihood, Tensor Divergence, Tensor Statistics) : ITensorContainer
{
    /// <summary>
    /// Numbers of a picture of 256 pixels for each code of its 32 · 32: the loss is divided by the former, the divergence is a mean over
    /// the latter.
    /// </summary>
    public const double NumbersPerCode = 256 * 256 * 3 / (32.0 * 32);

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Loss, Likelihood, Divergence, Statistics];

    /// <summary>The evidence's lower bound with soft codes. 2102.12092 §2.1, appendix A.</summary>
    /// <param name="model">The autoencoder.</param>
    /// <param name="pictures"><c>(N, C, H, W)</c> in [0, 1].</param>
    /// <param name="noise">Gumbel noise <c>(N, Codes, h, w)</c>.</param>
    /// <param name="temperature">How soft the codes are; training lowers it from 1 to 1/16.</param>
    /// <param name="beta">How much the divergence counts; training raises it from 0 to 6.6.</param>
    public static DvaeLoss Of(Dvae model, Tensor pictures, Tensor noise, double temperature, double beta)
    {
        using var scope = new TensorScope();
        var mapped = DvaePixels.Map(pictures);
        var logits = model.Encoder.Call(mapped);
        var statistics = model.Decoder.Call(((logits + noise) / temperature).Softmax(1));
        var likelihood = NegativeLogLikelihood(mapped, statistics).Mean();
        var share = logits.LogSoftmax(1);
        var divergence = (share.Exp() * (share + Math.Log(logits.Size(1)))).Sum([1]).Mean();
        return scope.Keep(new DvaeLoss(likelihood + (divergence * (beta / NumbersPerCode)), likelihood, divergence, statistics));
    }

    /// <summary>
    /// Of mapped pixels t under the logit-Laplace distribution, term by term: <c>ln 2b + ln t(1 − t) + |logit t − μ| / b</c>. Appendix A.3.
    /// </summary>
    /// <param name="mapped"><c>(N, C, H, W)</c> in (0, 1).</param>
    /// <param name="statistics">μ and ln b, <c>(N, 2·C, H, W)</c>.</param>
    public static Tensor NegativeLogLikelihood(Tensor mapped, Tensor statistics)
    {
        using var scope = new TensorScope();
        var parts = statistics.Chunk(2, 1);
        var distance = (mapped.Logit() - parts[0]).Abs() * (-parts[1]).Exp();
        return scope.Keep(parts[1] + Math.Log(2) + (mapped * (1 - mapped)).Log() + distance);
    }

    /// <summary>Gumbel noise of a shape.</summary>
    public static Tensor Gumbel(ReadOnlySpan<long> shape)
    {
        using var scope = new TensorScope();
        return scope.Keep(-Tensor.Empty(shape, DType.Float32).ExponentialInPlace().Log());
    }
}
