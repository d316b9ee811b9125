using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.LabelSmoothing;

/// <summary>
/// Cross-entropies mixed over labels: the loss of label y is Σ_y' M[y, y'] l_y', l_y' = -log softmax(f)_y'. Label smoothing adds the other
/// labels' losses, backward correction takes them away; 2003.02819 §3. <c>(N, L)</c> logits and <c>(N)</c> int64 labels throughout.
/// </summary>
public static class SmearedLosses
{
    /// <summary>(1 - a) I + a/L J. <c>-> (L, L)</c></summary>
    public static Tensor SmoothingMatrix(int classes, double rate) => LabelNoise.SymmetricTransition(classes, rate);

    /// <summary>The inverse of symmetric noise: (I - ρ/L J) / (1 - ρ). <c>-> (L, L)</c></summary>
    /// <exception cref="ArgumentOutOfRangeException">ρ is 1: nothing is left of the labels.</exception>
    public static Tensor SymmetricBackwardMatrix(int classes, double rate)
    {
        if (rate is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "noise can be corrected for rates in [0, 1)");
        using var scope = new TensorScope();
        return scope.Keep((Tensor.Eye(classes) - rate / classes) / (1 - rate));
    }

    /// <summary>Every label's smeared loss. <c>(N, L), (L, L) -> (N, L)</c></summary>
    public static Tensor PerLabel(Tensor logits, Tensor matrix)
    {
        using var scope = new TensorScope();
        return scope.Keep((-logits.LogSoftmax(-1)).Matmul(matrix.T()));
    }

    /// <summary>The mean of the given labels' smeared losses. It may be negative for a backward correction. <c>-> ()</c></summary>
    public static Tensor Compute(Tensor logits, Tensor labels, Tensor matrix)
    {
        using var scope = new TensorScope();
        return scope.Keep(PerLabel(logits, matrix).Gather(1, labels.Unsqueeze(1)).Mean());
    }

    /// <summary>Backward correction for any noise: M = T⁻¹, which makes the loss of noisy labels unbiased for clean ones (1609.03683).
    /// <c>-> ()</c></summary>
    /// <param name="logits"><c>(N, L)</c></param>
    /// <param name="labels"><c>(N)</c> int64.</param>
    /// <param name="transition"><c>(L, L)</c>, rows that sum to 1; must be invertible.</param>
    public static Tensor BackwardCorrected(Tensor logits, Tensor labels, Tensor transition)
    {
        using var scope = new TensorScope();
        return scope.Keep(Compute(logits, labels, transition.Inverse()));
    }

    /// <summary>Forward correction: the cross-entropy of softmax(f) T with the noisy label (1609.03683). <c>-> ()</c></summary>
    public static Tensor ForwardCorrected(Tensor logits, Tensor labels, Tensor transition)
    {
        using var scope = new TensorScope();
        return scope.Keep(-NoisyProbabilities(logits, transition).Gather(1, labels.Unsqueeze(1)).Log().Mean());
    }

    /// <summary>The probabilities of the labels as they are seen: softmax(f) T. <c>-> (N, L)</c></summary>
    public static Tensor NoisyProbabilities(Tensor logits, Tensor transition)
    {
        using var scope = new TensorScope();
        return scope.Keep(logits.Softmax(-1).Matmul(transition));
    }
}
