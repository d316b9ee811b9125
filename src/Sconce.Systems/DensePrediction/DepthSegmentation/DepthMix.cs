using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.DepthSegmentation;

/// <summary>
/// Two pictures mixed so that in each pixel the nearer surface is seen. 2012.10782 §3.2;
/// lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029 train.py <c>generate_mix_mask</c>.
/// </summary>
public sealed class DepthMix
{
    /// <summary>By how much a surface may be farther and still win: roads of one depth are not torn.</summary>
    public double Margin { get; init; } = 0.03;

    /// <summary>The least disparity of what is put before another picture.</summary>
    public double Foreground { get; init; }

    /// <summary>Where each picture's own pixels are seen, 1 or 0: <c>(2, 1, H, W) -> (2, 1, H, W)</c>.</summary>
    /// <param name="disparities">Of both, in one unit; larger is nearer.</param>
    /// <exception cref="TorchException">They are not two.</exception>
    public Tensor Mask(Tensor disparities)
    {
        Verify(disparities);
        using var scope = new TensorScope();
        var isNearer = disparities >= (disparities.Flip([0]) - Margin);
        return scope.Keep((isNearer & (disparities >= Foreground)).To(disparities.DType));
    }

    /// <summary>Both mixtures: each begins with its own picture and is filled from the other.</summary>
    /// <param name="values">Pictures, or a teacher's probabilities, <c>(2, C, H, W)</c>.</param>
    /// <param name="mask">What <see cref="Mask"/> gave.</param>
    public static Tensor Mixed(Tensor values, Tensor mask)
    {
        Verify(values);
        using var scope = new TensorScope();
        return scope.Keep((values * mask) + (values.Flip([0]) * (1 - mask)));
    }

    /// <summary>Disparities from 0 to 1 in each picture, where the network that tells them knows no unit: <c>(N, 1, H, W)</c>.</summary>
    public static Tensor Normalized(Tensor disparities)
    {
        using var scope = new TensorScope();
        Tensor low = disparities.Amin([1, 2, 3], keepdim: true), high = disparities.Amax([1, 2, 3], keepdim: true);
        return scope.Keep((disparities - low) / (high - low).ClampMin(1e-12));
    }

    private static void Verify(Tensor values)
    {
        if (values.Dimensions == 4 && values.Size(0) == 2) return;
        throw new TorchException(
            $"depth mix: a batch of shape [{string.Join(", ", values.Shape.ToArray())}], where two pictures are wanted");
    }
}

/// <summary>
/// A student's loss against a teacher's probabilities. lhoyer/improving_segmentation_with_selfsupervised_depth@e6b6029 train.py
/// <c>calc_pseudo_label_loss</c>.
/// </summary>
public static class PseudoLabels
{
    /// <summary>The class that does not count.</summary>
    public const long Ignored = 250;

    /// <summary>The likeliest classes, and how much they count.</summary>
    /// <param name="probabilities"><c>(N, classes, H, W)</c></param>
    /// <param name="sure">The probability from which on a pixel counts as sure.</param>
    /// <returns>
    /// <c>(N, H, W)</c>, <see cref="Ignored"/> where nothing is likely; the share of sure pixels in the whole batch, <c>()</c>.
    /// </returns>
    public static (Tensor Classes, Tensor Weight) Of(Tensor probabilities, double sure = 0.968)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var (likeliest, classes) = probabilities.Max(1);
        classes = classes.MaskedFill(likeliest.Eq(0), Ignored);
        return scope.Keep((classes, (likeliest >= sure).To(probabilities.DType).Mean()));
    }

    /// <summary>Cross-entropy over all pixels, ignored ones counting nothing, times the weight: <c>()</c>.</summary>
    /// <param name="logits">The student's, <c>(N, classes, h, w)</c>; enlarged where they are smaller.</param>
    /// <param name="classes"><c>(N, H, W)</c></param>
    /// <param name="weight">One number for the batch.</param>
    public static Tensor Loss(Tensor logits, Tensor classes, Tensor weight)
    {
        using var scope = new TensorScope();
        var losses = Functional.CrossEntropy(Sized(logits, classes), classes, reduction: Reduction.None, ignoreIndex: Ignored);
        return scope.Keep((losses * weight.Detach()).Mean());
    }

    /// <summary>Cross-entropy with true classes, a mean over the pixels that have one: <c>()</c>.</summary>
    public static Tensor Supervised(Tensor logits, Tensor classes)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.CrossEntropy(Sized(logits, classes), classes, ignoreIndex: Ignored));
    }

    private static Tensor Sized(Tensor logits, Tensor classes)
    {
        long height = classes.Size(1), width = classes.Size(2);
        bool isWhole = logits.Size(2) == height || logits.Size(3) == width; // officially: only where both differ
        return isWhole ? logits : Functional.Interpolate(logits, [height, width], Interpolation.Bilinear, alignCorners: true);
    }
}
