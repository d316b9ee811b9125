using Sconce.Torch;

namespace Sconce.Metrics;

/// <summary>
/// How often each class was taken for each, and every figure that follows from it: accuracy, precision, recall, F1, intersection over
/// union. For pictures or for pixels alike.
/// </summary>
public sealed class ConfusionMatrix
{
    private readonly long[] counts;

    /// <summary>An empty matrix.</summary>
    /// <param name="classes">At least 1.</param>
    /// <param name="ignored">A label that counts nowhere, such as 255 for pixels without one.</param>
    public ConfusionMatrix(int classes, long? ignored = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        (Classes, Ignored) = (classes, ignored);
        counts = new long[classes * classes];
    }

    /// <summary>How many classes.</summary>
    public int Classes { get; }

    /// <summary>The label that counts nowhere.</summary>
    public long? Ignored { get; }

    /// <summary>Everything that was counted.</summary>
    public long Total => counts.Sum();

    /// <summary>How often <paramref name="label"/> was answered with <paramref name="answer"/>.</summary>
    public long this[int label, int answer] => counts[(label * Classes) + answer];

    /// <summary>Counts answers.</summary>
    /// <param name="answers">Class numbers.</param>
    /// <param name="labels">As many true class numbers.</param>
    /// <exception cref="ArgumentException">Different lengths, or a number that is no class.</exception>
    public void Add(ReadOnlySpan<long> answers, ReadOnlySpan<long> labels)
    {
        if (answers.Length != labels.Length)
            throw new ArgumentException($"confusion matrix: {answers.Length} answers for {labels.Length} labels");
        for (int k = 0; k < labels.Length; k++)
        {
            if (labels[k] == Ignored) continue;
            if (labels[k] < 0 || labels[k] >= Classes || answers[k] < 0 || answers[k] >= Classes)
            {
                throw new ArgumentException($"confusion matrix: number {k} has the label {labels[k]} and the answer {answers[k]}, of which "
                    + $"one is outside 0 to {Classes - 1}");
            }

            counts[(labels[k] * Classes) + answers[k]]++;
        }
    }

    /// <summary>Counts the largest logits: <c>(N, classes, …)</c> against labels <c>(N, …)</c>.</summary>
    public void Add(Tensor logits, Tensor labels)
    {
        using var scope = new TensorScope();
        Add(logits.Argmax(1).ToArray<long>(), labels.ToArray<long>());
    }

    /// <summary>The share answered rightly, in [0, 1]; NaN where nothing was counted.</summary>
    public double Accuracy => Ratio(Enumerable.Range(0, Classes).Sum(Right), Total);

    /// <summary>Of the answers "c", the share that is c; 0 where c was never answered.</summary>
    public double Precision(int c) => OrZero(Ratio(Right(c), Answered(c)));

    /// <summary>Of what is c, the share that was answered so; 0 where nothing is c.</summary>
    public double Recall(int c) => OrZero(Ratio(Right(c), Labelled(c)));

    /// <summary>The harmonic mean of precision and recall, <c>2 TP / (2 TP + FP + FN)</c>; 0 where c neither is nor was answered.</summary>
    public double F1(int c) => OrZero(Ratio(2 * Right(c), Answered(c) + Labelled(c)));

    /// <summary>The plain mean of the classes' F1, those counted that are labelled or answered.</summary>
    public double MacroF1 => Mean(F1, c => Labelled(c) + Answered(c) > 0);

    /// <summary>The mean of the classes' F1, weighted by how many are labelled so.</summary>
    public double WeightedF1 => Enumerable.Range(0, Classes).Sum(c => F1(c) * Labelled(c)) / Total;

    /// <summary><c>TP / (TP + FP + FN)</c>; NaN where c neither is nor was answered.</summary>
    public double IntersectionOverUnion(int c) => Ratio(Right(c), Answered(c) + Labelled(c) - Right(c));

    /// <summary>mIoU: the mean over the classes that are labelled or answered somewhere.</summary>
    public double MeanIntersectionOverUnion => Mean(IntersectionOverUnion, c => Labelled(c) + Answered(c) > 0);

    /// <summary>How many are c.</summary>
    public long Labelled(int c) => Enumerable.Range(0, Classes).Sum(answer => this[c, answer]);

    /// <summary>How many were answered c.</summary>
    public long Answered(int c) => Enumerable.Range(0, Classes).Sum(label => this[label, c]);

    private long Right(int c) => this[c, c];

    private double Mean(Func<int, double> figure, Func<int, bool> counts)
    {
        double[] figures = [.. Enumerable.Range(0, Classes).Where(counts).Select(figure)];
        return figures.Length == 0 ? double.NaN : figures.Average();
    }

    private static double Ratio(long part, long whole) => whole == 0 ? double.NaN : (double)part / whole;

    private static double OrZero(double figure) => double.IsNaN(figure) ? 0 : figure;
}
