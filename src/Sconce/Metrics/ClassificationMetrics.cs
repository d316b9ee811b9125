using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Metrics;

/// <summary>What an evaluation of a classifier gathers, batch by batch.</summary>
/// <param name="classes">How many classes there are.</param>
public sealed class ClassificationMetrics(int classes)
{
    private readonly List<double> scores = [];
    private readonly List<bool> positive = [];
    private double lossSum;
    private long fiveRight;

    /// <summary>Who was taken for whom.</summary>
    public ConfusionMatrix Confusion { get; } = new(classes);

    /// <summary>How many examples.</summary>
    public long Count { get; private set; }

    /// <summary>The share answered rightly, in [0, 1].</summary>
    public double Accuracy => Confusion.Accuracy;

    /// <summary>The mean cross-entropy in nats.</summary>
    public double Loss => lossSum / Count;

    /// <summary>Adds one batch.</summary>
    /// <param name="logits"><c>(N, classes)</c></param>
    /// <param name="labels"><c>(N)</c> int64</param>
    public void Add(Tensor logits, Tensor labels)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var numbers = logits.Float();
        var truths = labels.To(numbers.Device);
        lossSum += Functional.CrossEntropy(numbers, truths, reduction: Reduction.Sum).Item<double>();
        Confusion.Add(numbers, truths);
        if (classes > 5) fiveRight += RankingMetrics.TopK(numbers, truths, 5);
        if (classes == 2)
        {
            scores.AddRange((numbers[.., 1] - numbers[.., 0]).ToArray<double>());
            positive.AddRange(truths.Eq(1).ToArray<bool>());
        }

        Count += labels.Size(0);
    }

    /// <summary>The figures by name: accuracy, top5 (of more than five classes), auroc (of two), f1 (macro) and loss.</summary>
    public IReadOnlyDictionary<string, double> Figures()
    {
        var figures = new OrderedDictionary<string, double> { ["accuracy"] = Accuracy };
        if (classes > 5) figures["top5"] = (double)fiveRight / Count;
        if (classes == 2) figures["auroc"] = scores.Any(double.IsNaN) ? double.NaN : RankingMetrics.Auroc(scores.ToArray(), positive.ToArray());
        figures["f1"] = Confusion.MacroF1;
        figures["loss"] = Loss;
        return figures;
    }
}
