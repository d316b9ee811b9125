using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.LabelSmoothing;

/// <summary>Labels that are wrong at random. T[i, j] is the chance that a clean label i is seen as j; 2003.02819 §2.</summary>
public static class LabelNoise
{
    /// <summary>Symmetric noise: with probability <paramref name="rate"/> a label is drawn anew, evenly, and may come out the same: T = (1
    /// - ρ) I + ρ/L J. <c>-> (L, L)</c> float32</summary>
    /// <param name="classes">L, 2 at least.</param>
    /// <param name="rate">ρ in [0, 1]. Where others count only labels that differ, theirs is ρ (L - 1) / L.</param>
    public static Tensor SymmetricTransition(int classes, double rate)
    {
        Check(classes, rate);
        using var scope = new TensorScope();
        return scope.Keep(Tensor.Eye(classes) * (1 - rate) + rate / classes);
    }

    /// <summary>Draws the wrong labels. <c>(N) int64 -> (N) int64</c></summary>
    public static Tensor Corrupt(Tensor labels, int classes, double rate, Generator generator)
    {
        using var scope = new TensorScope();
        return scope.Keep(Corrupt(labels, Tensor.Rand([labels.Size(0), 2], generator, DType.Float64), classes, rate));
    }

    /// <summary>The same from given uniform numbers.</summary>
    /// <param name="labels"><c>(N)</c> int64 in 0 … L - 1.</param>
    /// <param name="uniform"><c>(N, 2)</c> in [0, 1): whether a label is drawn anew, and which comes.</param>
    /// <param name="classes">L.</param>
    /// <param name="rate">ρ in [0, 1].</param>
    public static Tensor Corrupt(Tensor labels, Tensor uniform, int classes, double rate)
    {
        Check(classes, rate);
        if (!uniform.Shape.SequenceEqual([labels.Size(0), 2]))
            throw new ArgumentException($"label noise: {labels.Size(0)} labels need uniform numbers of [{labels.Size(0)}, 2], not "
                + $"[{string.Join(", ", uniform.Shape.ToArray())}]");
        using var scope = new TensorScope();
        var drawn = (uniform[.., 1] * classes).Floor().To(DType.Int64).Clamp(0, classes - 1);
        return scope.Keep(Functional.Where(uniform[.., 0].Lt(rate), drawn, labels));
    }

    private static void Check(int classes, double rate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        if (rate is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(rate), rate, "a noise rate lies in [0, 1]");
    }
}
