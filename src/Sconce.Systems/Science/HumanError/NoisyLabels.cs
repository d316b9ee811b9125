using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Science.HumanError;

/// <summary>What is made smaller.</summary>
/// <param name="Total">Their sum.</param>
/// <param name="Annotations">The annotators' cross-entropies, summed.</param>
/// <param name="Trace">The weighted traces.</param>
public sealed record NoisyLabelLoss(Tensor Total, Tensor Annotations, Tensor Trace) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Total, Annotations, Trace];
}

/// <summary>The loss that tells annotators' errors from the truth: each annotator's matrix times the true labels' distribution must explain
/// its labels; 2007.15963 equation 5, Loss.py.</summary>
public static class NoisyLabels
{
    private const double Tiny = 1e-10;

    /// <summary>An annotator's matrices, each column of which sums to 1: <c>-> (N, classes, classes, H, W)</c>, entry (i, j) = P(annotated
    /// i | truly j).</summary>
    /// <param name="matrices">Of <see cref="AnnotatedSegmentation.Matrices"/>.</param>
    /// <param name="classes">Labels of a pixel.</param>
    /// <exception cref="ArgumentException">A shape that no network here gives.</exception>
    public static Tensor Normalize(Tensor matrices, int classes)
    {
        using var scope = new TensorScope();
        long count = matrices.Size(0), height = matrices.Size(-2), width = matrices.Size(-1);
        Tensor full;
        if (matrices.Dimensions == 5 || matrices.Size(1) == classes * classes)
        {
            full = matrices.Reshape([count, classes, classes, height, width]);
        }
        else if (matrices.Size(1) > 1 && (matrices.Size(1) - 1) % (2 * classes) == 0)
        {
            // (N, r·c row vectors, r·c column vectors, 1 share of the identity)
            long rank = (matrices.Size(1) - 1) / (2 * classes), half = rank * classes;
            var rows = matrices.Narrow(1, 0, half).Reshape([count, 1, rank, classes, height, width]);
            var columns = matrices.Narrow(1, half, half).Reshape([count, classes, rank, 1, height, width]);
            var identity = Tensor.Eye(classes).Reshape([1, classes, classes, 1, 1]) * matrices.Narrow(1, 2 * half, 1).Unsqueeze(1);
            full = (columns * rows).Sum([2]) + identity;
        }
        else
        {
            throw new ArgumentException($"an annotator's matrices of shape [{string.Join(", ", matrices.Shape.ToArray())}] fit neither "
                + $"{classes}x{classes} entries nor vectors of {classes}", nameof(matrices));
        }

        return scope.Keep(full / full.Sum([1], keepdim: true));
    }

    /// <summary>What the annotator is expected to write: <c>(N, c, H, W), (N, c, c, H, W) -> (N, c, H, W)</c>, a distribution.</summary>
    public static Tensor Mix(Tensor truth, Tensor normalized)
    {
        using var scope = new TensorScope();
        return scope.Keep((normalized * truth.Unsqueeze(1)).Sum([2]));
    }

    /// <summary>The loss of a batch. <c>-> ()</c></summary>
    /// <param name="segmentation">Of the network.</param>
    /// <param name="labels">Each annotator's <c>(N, H, W)</c>; null where it has none of this batch.</param>
    /// <param name="traceWeight">λ: how much unreliable annotators are preferred.</param>
    /// <param name="asReleased">True feeds the mixed probabilities where logits are expected, as the released code does (a second softmax);
    /// false is the paper's -log.</param>
    public static NoisyLabelLoss Compute(AnnotatedSegmentation segmentation, IReadOnlyList<Tensor?> labels, double traceWeight,
        bool asReleased = false)
    {
        if (labels.Count != segmentation.Matrices.Count)
            throw new ArgumentException($"{labels.Count} annotators' labels for {segmentation.Matrices.Count} annotators", nameof(labels));
        if (labels.All(label => label is null)) throw new ArgumentException("no annotator has a label of this batch", nameof(labels));
        using var scope = new TensorScope();
        int classes = (int)segmentation.Logits.Size(1);
        var truth = segmentation.Logits.Softmax(1);
        Tensor? annotations = null, trace = null;
        for (int r = 0; r < labels.Count; r++)
        {
            if (labels[r] is not { } label) continue;
            var matrix = Normalize(segmentation.Matrices[r], classes);
            var written = Mix(truth, matrix);
            var loss = asReleased ? Functional.CrossEntropy(written, label) : (written + Tiny).Log().NllLossNd(label);
            var diagonal = matrix.Diagonal(0, 1, 2).Sum([-1]).Mean(); // over pixels
            annotations = annotations is null ? loss : annotations + loss;
            trace = trace is null ? diagonal : trace + diagonal;
        }

        var weighted = trace! * traceWeight;
        return scope.Keep(new NoisyLabelLoss(annotations! + weighted, annotations!, weighted));
    }

    /// <summary>1 - (2 |A ∩ B| + smooth) / (|A| + |B| + smooth) over the whole batch; the baseline's loss. <c>-> ()</c></summary>
    public static Tensor DiceLoss(Tensor probabilities, Tensor target, double smooth = 1)
    {
        using var scope = new TensorScope();
        var shared = (probabilities * target).Sum();
        return scope.Keep(1 - (((shared * 2) + smooth) / (probabilities.Sum() + target.Sum() + smooth)));
    }

    /// <summary>The mean over classes of 2 |A ∩ B| / (|A| + |B|), in [0, 1]. Class numbers of equal shapes.</summary>
    public static double Dice(Tensor predicted, Tensor truth, int classes)
    {
        using var scope = new TensorScope();
        double sum = 0;
        for (int label = 0; label < classes; label++)
        {
            var (first, second) = (predicted.Eq(label), truth.Eq(label));
            double shared = first.LogicalAnd(second).Sum().Item<long>(), both = first.Sum().Item<long>() + second.Sum().Item<long>();
            sum += ((2 * shared) + 1e-6) / (both + 1e-6);
        }

        return sum / classes;
    }
}
