using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>FROST's losses; 2011.09471 §3, MLDL/FROST@a397f08 PT-FROST/frost.py.</summary>
public static class FrostLosses
{
    /// <summary>
    /// NT-Xent: each projection must find its other view among all 2N; only itself is left out of the sum. The mean over 2N anchors.
    /// <c>(N, D), (N, D) -> ()</c>
    /// </summary>
    /// <param name="first">Projections of one view, of any length.</param>
    /// <param name="second">Of the other.</param>
    /// <param name="temperature">More than 0.</param>
    public static Tensor Contrastive(Tensor first, Tensor second, double temperature = 0.5)
    {
        if (!(temperature > 0)) throw new ArgumentOutOfRangeException(nameof(temperature), temperature, "a temperature is more than 0");
        using var scope = new TensorScope();
        long count = first.Size(0);
        var all = Functional.Normalize(Tensor.Cat([first, second], 0), -1);
        var similarity = all.Matmul(all.T()) / temperature; // (2N, 2N)
        var self = Tensor.Eye(2 * count, DType.Bool);
        var other = Tensor.Cat([Tensor.Arange(count) + count, Tensor.Arange(count)], 0).To(DType.Int64);
        return scope.Keep(Functional.CrossEntropy(similarity.MaskedFill(self, double.NegativeInfinity), other));
    }

    /// <summary>The cross-entropy of pseudo-labels, the mean over those KEPT; null where none is. <c>(kept, classes) -> ()</c></summary>
    /// <param name="strong">Logits of the strong views of the examples kept.</param>
    /// <param name="guessed">Their labels.</param>
    /// <param name="weighs">Whether their weights count.</param>
    public static Tensor? Unlabelled(Tensor strong, PseudoLabels guessed, bool weighs)
    {
        if (guessed.Labels.Count == 0) return null;
        using var scope = new TensorScope();
        var labels = Tensor.From(guessed.Labels.ToArray());
        if (!weighs) return scope.Keep(Functional.CrossEntropy(strong, labels));
        return scope.Keep((Functional.CrossEntropy(strong, labels, reduction: Reduction.None)
            * Tensor.From(guessed.Weights.ToArray())).Mean());
    }

    /// <summary>FixMatch: the same labels, but their cross-entropy is divided by ALL unlabelled examples; 2001.07685 equation 4.
    /// <c>-> ()</c></summary>
    /// <param name="weak">Logits of the weak views <c>(N, classes)</c>.</param>
    /// <param name="strong">Of the strong ones.</param>
    /// <param name="threshold">The confidence asked for, itself included.</param>
    /// <returns>The loss, and which examples count <c>(N)</c>, as 0 and 1.</returns>
    public static (Tensor Loss, Tensor Mask) FixMatch(Tensor weak, Tensor strong, double threshold)
    {
        using var scope = new TensorScope();
        var (best, labels) = weak.Detach().Softmax(-1).Max(-1);
        var mask = best.Ge(threshold).To(DType.Float32);
        return scope.Keep(((Functional.CrossEntropy(strong, labels, reduction: Reduction.None) * mask).Mean(), mask));
    }
}
