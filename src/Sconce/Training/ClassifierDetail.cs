using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;

namespace Sconce.Training;

/// <summary>A picture that was taken for something else.</summary>
/// <param name="Name">The file's path, or what else errors call it.</param>
/// <param name="Label">The true class.</param>
/// <param name="Answer">What it was taken for.</param>
/// <param name="Confidence">How sure the network was, in [0, 1].</param>
/// <param name="Thumbnail">The picture, reduced; null for what is no picture.</param>
public sealed record Mistake(string Name, string Label, string Answer, double Confidence, Image? Thumbnail);

/// <summary>What is known of a classifier beside its figures: who is taken for whom, how sure it is, and its worst mistakes.</summary>
/// <param name="Classes">The classes' names.</param>
/// <param name="Confusion">Who was taken for whom.</param>
/// <param name="Calibration">Whether it is right as often as it says.</param>
/// <param name="Confidences">What it answers above a confidence.</param>
public sealed record ClassifierDetail(
    IReadOnlyList<string> Classes, ConfusionMatrix Confusion, Calibration Calibration, IReadOnlyList<ConfidenceThreshold> Confidences)
{
    private const int Most = 40, Side = 96;

    /// <summary>Of two classes: thresholds of the second; none for more.</summary>
    public IReadOnlyList<BinaryThreshold> Thresholds { get; init; } = [];

    /// <summary>Of two classes: the threshold of the highest F1.</summary>
    public BinaryThreshold? Best { get; init; }

    /// <summary>The surest wrong answers, the worst first.</summary>
    public IReadOnlyList<Mistake> Mistakes { get; init; } = [];

    /// <summary>Pairs of classes that are mixed up, the most frequent first.</summary>
    public IReadOnlyList<(string Label, string Answer, long Count)> MixedUp =>
    [
        .. from label in Enumerable.Range(0, Classes.Count)
           from answer in Enumerable.Range(0, Classes.Count)
           where label != answer && Confusion[label, answer] > 0
           orderby Confusion[label, answer] descending
           select (Classes[label], Classes[answer], Confusion[label, answer]),
    ];

    /// <summary>Of an evaluation.</summary>
    /// <param name="metrics">What was gathered.</param>
    /// <param name="items">The item of each answer in <paramref name="images"/>.</param>
    /// <param name="images">The pictures that were asked about.</param>
    /// <param name="classes">Their classes.</param>
    public static ClassifierDetail Of(
        ClassificationMetrics metrics, IReadOnlyList<int> items, IDataset<ImageExample> images, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(images);
        return Of(metrics, items, images.NameOf, k => images[k].Image, classes);
    }

    /// <summary>The same of anything that has names.</summary>
    internal static ClassifierDetail Of(
        ClassificationMetrics metrics, IReadOnlyList<int> items, Func<int, string> nameOf, Func<int, Image?> pictureOf,
            IReadOnlyList<string> classes)
    {
        var answers = metrics.Answers;
        var worst = Enumerable.Range(0, answers.Count).Where(k => !answers[k].IsRight && double.IsFinite(answers[k].Confidence))
            .OrderByDescending(k => answers[k].Confidence).ThenBy(k => items[k]).Take(Most);
        bool isBinary = classes.Count == 2;
        return new ClassifierDetail(classes, metrics.Confusion, Calibration.Of(answers), ThresholdTable.OfConfidence(answers))
        {
            Thresholds = isBinary ? ThresholdTable.OfTwo(answers) : [],
            Best = isBinary ? ThresholdTable.BestOfTwo(answers) : null,
            Mistakes = [.. worst.Select(k => new Mistake(
                nameOf(items[k]), classes[answers[k].Label], classes[answers[k].Answer], answers[k].Confidence,
                pictureOf(items[k]) is { } picture ? Reduced(picture) : null))],
        };
    }

    /// <summary>The worst mistakes side by side, the worst first; null where there are none.</summary>
    public Image? ContactSheet() => Mistakes.Select(mistake => mistake.Thumbnail).OfType<Image>().ToList() is { Count: > 0 } shown
        ? ImageGrid.Create(shown)
        : null;

    private static Image Reduced(Image picture)
    {
        var coloured = picture.To8Bit().ToRgb();
        int side = Math.Max(coloured.Width, coloured.Height);
        return side <= Side ? coloured : coloured.Resize(Math.Max(1, coloured.Width * Side / side),
            Math.Max(1, coloured.Height * Side / side));
    }
}
