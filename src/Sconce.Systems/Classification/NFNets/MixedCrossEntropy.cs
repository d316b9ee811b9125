using Sconce.Torch;

namespace Sconce.Systems.Classification.NFNets;

/// <summary>
/// NFNets' loss: softmax cross-entropy against a mixture of two labels (MixUp, CutMix), smoothed after mixing:
/// <c>y = (1 − s) · (r · y₁ + (1 − r) · y₂) + s / C</c>. deepmind-research@68a1754 nfnets/experiment.py.
/// </summary>
public static class MixedCrossEntropy
{
    /// <summary>The mean over the batch.</summary>
    /// <param name="logits"><c>(N, C)</c></param>
    /// <param name="labels"><c>(N)</c> class numbers.</param>
    /// <param name="mixed"><c>(N)</c> class numbers of the pictures mixed in; null where none are.</param>
    /// <param name="ratio"><c>(N)</c> in [0, 1]: the share of <paramref name="labels"/>; needed where pictures are mixed.</param>
    /// <param name="smoothing">s in [0, 1).</param>
    /// <returns>A tensor without dimensions.</returns>
    /// <exception cref="ArgumentException">One of <paramref name="mixed"/> and <paramref name="ratio"/> without the other, or shapes that
    /// do not fit.</exception>
    public static Tensor Compute(Tensor logits, Tensor labels, Tensor? mixed = null, Tensor? ratio = null, double smoothing = 0.1)
    {
        if (smoothing is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(smoothing), smoothing, "label smoothing lies in [0, 1)");
        if (mixed is null != ratio is null) throw new ArgumentException("mixed labels and their ratio come together");
        if (logits.Dimensions != 2 || labels.Dimensions != 1 || labels.Size(0) != logits.Size(0))
        {
            throw new ArgumentException($"mixed cross-entropy: logits [{string.Join(", ", logits.Shape.ToArray())}] and labels "
                + $"[{string.Join(", ", labels.Shape.ToArray())}], not (N, C) and (N)");
        }

        using var scope = new TensorScope();
        long classes = logits.Size(1);
        var target = labels.OneHot(classes).To(logits.DType); // (N, C)
        if (mixed is not null)
        {
            var share = ratio!.Unsqueeze(1); // (N, 1)
            target = (target * share) + (mixed.OneHot(classes).To(logits.DType) * (1 - share));
        }

        target = (target * (1 - smoothing)) + (smoothing / classes);
        return scope.Keep(-(target * logits.LogSoftmax(-1)).Sum([-1]).Mean());
    }
}
