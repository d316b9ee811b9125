using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>
/// How far a student's depth is from a teacher's, and how unsure a segmentation is. lhoyer/improving_segmentation_with_selfsupervised_depth
/// @e6b6029 loss/loss.py, label_selection.py <c>acquire_scores</c>.
/// </summary>
public static class DepthDistances
{
    /// <summary>Absolute where small, squared where large; the bound is a share of the largest difference: <c>(…) -> ()</c>.</summary>
    /// <param name="prediction">Disparities.</param>
    /// <param name="target">The teacher's.</param>
    /// <param name="mask">1 where a pixel counts; others count as perfect.</param>
    /// <param name="threshold">That share.</param>
    /// <param name="isLogarithmic">Whether <c>log(1 + d)</c> is compared.</param>
    public static Tensor BerHu(Tensor prediction, Tensor target, Tensor mask, double threshold = 0.2, bool isLogarithmic = false)
    {
        using var scope = new TensorScope();
        if (isLogarithmic) (prediction, target) = (prediction.Log1p(), target.Log1p());
        var difference = (target - prediction).Abs() * mask;
        double bound = threshold * difference.Detach().Max().Item<double>();
        if (bound == 0) return scope.Keep(difference.Mean());
        var squared = ((difference * difference) + (bound * bound)) / (2 * bound);
        return scope.Keep(Functional.Where(difference <= bound, difference, squared).Mean());
    }

    /// <summary>Entropy as a share of the largest possible: <c>(N, classes, H, W) -> (N, H, W)</c>.</summary>
    /// <param name="logits">Of the classes.</param>
    /// <param name="isNormalized">Whether the batch is brought to the range from 0 to 1.</param>
    public static Tensor Entropy(Tensor logits, bool isNormalized = false)
    {
        using var scope = new TensorScope();
        var probabilities = logits.Softmax(1);
        var entropy = -(probabilities * (probabilities + 1e-30).Log2()).Sum([1]) / Math.Log2(logits.Size(1));
        if (!isNormalized) return scope.Keep(entropy);
        Tensor low = entropy.Min(), high = entropy.Max();
        return scope.Keep((entropy - low) / (high - low));
    }

    /// <summary>
    /// How far a student is from its teacher, by which pictures are chosen for labels: <c>(H, W) x 2 -> </c> a number. What is very far
    /// (cars that drive ahead at one's own speed seem so), with seven pixels around, and the car's own bonnet do not count.
    /// </summary>
    /// <param name="student">Disparities.</param>
    /// <param name="teacher">The teacher's.</param>
    public static double StudentError(Tensor student, Tensor teacher)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var error = (student.Log1p() - teacher.Log1p()).Abs();
        var isFar = (teacher < 0.07).To(teacher.DType).Unsqueeze(0).Unsqueeze(0).MaxPool2d([7, 7], [1, 1], [3, 3])[0, 0];
        error = error * (1 - isFar);
        return error.Narrow(0, 0, (long)(0.87 * error.Size(0))).Sum().Item<double>() / error.Elements;
    }
}
