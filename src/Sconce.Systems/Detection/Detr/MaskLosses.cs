using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>Losses of masks, <c>logits (T, pixels), targets (T, pixels) of 0 and 1 -> ()</c>; facebookresearch/detr@29901c51
/// models/segmentation.py.</summary>
public static class MaskLosses
{
    /// <summary>Focal loss: cross-entropy weighted by <c>(1 - p)^γ</c> of the right answer, mean over pixels, sum over masks /
    /// <paramref name="boxes"/>. 1708.02002.</summary>
    /// <param name="logits">Before the sigmoid.</param>
    /// <param name="targets">Of the same shape.</param>
    /// <param name="boxes">Objects in the batch.</param>
    /// <param name="alpha">Weight of pixels of the object, 1 - α of the others; negative for no weights.</param>
    /// <param name="gamma">0 for plain cross-entropy.</param>
    public static Tensor Focal(Tensor logits, Tensor targets, double boxes, double alpha = 0.25, double gamma = 2)
    {
        using var scope = new TensorScope();
        return scope.Keep(FocalLoss.Sigmoid(logits, targets, alpha, gamma).Mean([1]).Sum() / boxes);
    }

    /// <summary>Dice loss <c>1 - (2 Σ p t + 1) / (Σ p + Σ t + 1)</c>, sum over masks / <paramref name="boxes"/>. 1606.04797.</summary>
    public static Tensor Dice(Tensor logits, Tensor targets, double boxes)
    {
        using var scope = new TensorScope();
        var truth = targets.To(logits.DType).Flatten(1);
        var chance = logits.Sigmoid().Flatten(1);
        var shared = (chance * truth).Sum([1]) * 2;
        return scope.Keep((1 - (shared + 1) / (chance.Sum([1]) + truth.Sum([1]) + 1)).Sum() / boxes);
    }
}
