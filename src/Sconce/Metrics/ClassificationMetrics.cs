using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Metrics;

/// <summary>What an evaluation of a classifier gathers, batch by batch.</summary>
/// <param name="classes">How many classes there are.</param>
public sealed class ClassificationMetrics(int classes)
{
    private readonly List<ClassifierAnswer> answers = [];
    private readonly List<double> scores = [];
    private readonly List<bool> positive = [];
    private double lossSum;
    private long fiveRight;

    /// <summary>Who was taken for whom.</summary>
    public ConfusionMatrix Confusion { get; } = new(classes);

    /// <summary>Each answer, in the order in which they came.</summary>
    public IReadOnlyList<ClassifierAnswer> Answers => answers;

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

        Keep(numbers, truths);
        Count += labels.Size(0);
    }

    private void Keep(Tensor logits, Tensor truths)
    {
        var probabilities = logits.To(DType.Float64).Softmax(-1);
        double[] confidence = probabilities.Amax([1]).ToArray<double>();
        double[] right = probabilities.Gather(1, truths.Unsqueeze(1)).Squeeze(1).ToArray<double>();
        long[] chosen = logits.Argmax(1).ToArray<long>(), labels = truths.ToArray<long>();
        for (int k = 0; k < labels.Length; k++) answers.Add(new ClassifierAnswer((int)labels[k], (int)chosen[k], confidence[k], right[k]));
    }

    /// <summary>The names of the figures of so many classes.</summary>
    public static IReadOnlyList<string> Names(int classes) =>
        ["accuracy", .. classes > 5 ? ["top5"] : (string[])[], .. classes == 2 ? ["auroc"] : (string[])[], "f1", "loss"];

    /// <summary>The figures by name: accuracy, top5 (of more than five classes), auroc (of two), f1 (macro) and loss.</summary>
    public FigureSet Figures()
    {
        var figures = new FigureSet { { "accuracy", Accuracy } };
        if (classes > 5) figures.Add("top5", (double)fiveRight / Count);
        if (classes == 2)
            figures.Add("auroc", scores.Any(double.IsNaN) ? double.NaN : RankingMetrics.Auroc(scores.ToArray(), positive.ToArray()));
        figures.Add("f1", Confusion.MacroF1);
        figures.Add(Figure.Lower("loss", Loss));
        return figures;
    }
}
