using Sconce.Torch;

namespace Sconce.Nn;

/// <summary>Cross-entropy that hardly counts what is already right. 1708.02002 equation 5.</summary>
public static class FocalLoss
{
    /// <summary><c>α (1 - p)^γ · BCE</c> of each number, p being the chance given to the truth. On the tape.</summary>
    /// <param name="logits">Before the sigmoid, any shape.</param>
    /// <param name="targets">0 or 1, of the same shape.</param>
    /// <param name="alpha">Weight of ones, 1 - α of zeros; negative for no weights.</param>
    /// <param name="gamma">0 for plain cross-entropy.</param>
    public static Tensor Sigmoid(Tensor logits, Tensor targets, double alpha = 0.25, double gamma = 2)
    {
        using var scope = new TensorScope();
        var truth = targets.To(logits.DType);
        var chance = logits.Sigmoid();
        var entropy = Functional.BinaryCrossEntropyWithLogits(logits, truth, reduction: Reduction.None);
        var right = (chance * truth) + ((1 - chance) * (1 - truth));
        var loss = entropy * (1 - right).Pow(gamma);
        if (alpha >= 0) loss = ((truth * alpha) + ((1 - truth) * (1 - alpha))) * loss;
        return scope.Keep(loss);
    }
}
