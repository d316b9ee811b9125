using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>The symmetric loss of N pairs: each picture must find its sentence among the N, and each sentence its picture (2103.00020 §2.3,
/// Fig. 3).</summary>
public static class ContrastiveLoss
{
    /// <summary>½ (cross-entropy over sentences + cross-entropy over pictures) of the scaled cosines, with 0 … N−1 as the right
    /// answers.</summary>
    /// <param name="imageFeatures"><c>(N, e)</c>, of any length.</param>
    /// <param name="textFeatures"><c>(N, e)</c>, of any length; row i belongs to picture i.</param>
    /// <param name="logitScale">The logarithm of the cosines' factor <c>()</c>.</param>
    /// <param name="reduction">Over the N pairs.</param>
    /// <returns>The loss and its two halves' losses, before halving: <c>()</c>, or <c>(N)</c> without reduction.</returns>
    /// <exception cref="TorchException">The two have different shapes.</exception>
    public static (Tensor Loss, Tensor ImageLoss, Tensor TextLoss) Compute(Tensor imageFeatures, Tensor textFeatures, Tensor logitScale,
        Reduction reduction = Reduction.Mean)
    {
        if (imageFeatures.Dimensions != 2 || !imageFeatures.Shape.SequenceEqual(textFeatures.Shape))
        {
            throw new TorchException($"contrastive loss: features of shapes [{string.Join(", ", imageFeatures.Shape.ToArray())}] and "
                + $"[{string.Join(", ", textFeatures.Shape.ToArray())}], but pairs (N, e) are wanted");
        }

        using var scope = new TensorScope();
        var logits = UnitLength(imageFeatures).Matmul(UnitLength(textFeatures).T()) * logitScale.Exp(); // (N pictures, N sentences)
        var labels = Tensor.Arange(logits.Size(0), device: logits.Device);
        var image = Functional.CrossEntropy(logits, labels, reduction: reduction);
        var text = Functional.CrossEntropy(logits.T(), labels, reduction: reduction);
        return scope.Keep(((image + text) / 2, image, text));
    }

    /// <summary>Rows divided by their Euclidean length; <c>(…, e) -> (…, e)</c>.</summary>
    public static Tensor UnitLength(Tensor features)
    {
        using var scope = new TensorScope();
        return scope.Keep(features / features.LinalgVectorNorm(2, [-1], keepdim: true));
    }
}
