using Sconce.Data;

namespace Sconce.Metrics;

/// <summary>
/// Average precision as COCO defines it (pycocotools 2.0 <c>COCOeval</c>): 10 IoU thresholds, precision made monotone and read at 101
/// recalls, four area ranges, at most 1, 10 and 100 boxes a picture and class. Crowds and difficult objects are neither found nor missed.
/// </summary>
/// <param name="classes">How many classes there are; labels are 0 to classes - 1.</param>
/// <param name="overlap">With masks, every object and every detection needs one; a detection's area is then its mask's.</param>
public sealed class CocoEvaluation(int classes, CocoOverlap overlap = CocoOverlap.Boxes)
{
    private const int MostBoxes = 100;
    private static readonly (double Least, double Most)[] AreaRanges = [(0, 1e10), (0, 32 * 32), (32 * 32, 96 * 96), (96 * 96, 1e10)];
    private readonly CocoMeasure measure = new(overlap);

    /// <summary>By class and area range: every picture's boxes, matched.</summary>
    private readonly Dictionary<(int Class, int Area), CocoMatches> gathered = [];

    /// <summary>Pictures added.</summary>
    public int Pictures { get; private set; }

    /// <summary>Adds one picture. Matching happens here; what is kept is a few numbers a box.</summary>
    /// <param name="truths">What is in it.</param>
    /// <param name="detections">What was said to be in it, in any order.</param>
    /// <exception cref="ArgumentException">A label outside 0 to classes - 1, a score or edge that is NaN, or a mask that is missing or of
    /// another picture's size.</exception>
    public void Add(IReadOnlyList<BoxAnnotation> truths, IReadOnlyList<DetectedBox> detections)
    {
        foreach (var box in detections)
        {
            if (box.Label < 0 || box.Label >= classes)
                throw new ArgumentException($"a detection has the label {box.Label}, outside 0 to {classes - 1}", nameof(detections));
            if (double.IsNaN(box.Score + box.Left + box.Top + box.Right + box.Bottom))
                throw new ArgumentException($"a detection is not of numbers: {box}", nameof(detections));
        }

        foreach (var box in truths)
        {
            if (box.Label < 0 || box.Label >= classes)
                throw new ArgumentException($"an annotation has the label {box.Label}, outside 0 to {classes - 1}", nameof(truths));
        }

        measure.Verify(truths, detections);
        Pictures++;
        var truthsOf = truths.ToLookup(box => box.Label);
        var boxesOf = detections.ToLookup(box => box.Label);
        foreach (int label in truthsOf.Select(group => group.Key).Union(boxesOf.Select(group => group.Key)))
        {
            BoxAnnotation[] wanted = [.. truthsOf[label]];
            DetectedBox[] boxes = [.. boxesOf[label].OrderByDescending(box => box.Score).Take(MostBoxes)];
            var overlaps = measure.Overlaps(boxes, wanted);
            for (int area = 0; area < AreaRanges.Length; area++) Matches(label, area).Add(wanted, boxes, overlaps, measure);
        }
    }

    /// <summary>The figures of everything added.</summary>
    public CocoSummary Summarize()
    {
        var (all, recall100) = Figures(0, MostBoxes);
        var (small, recallSmall) = Figures(1, MostBoxes);
        var (medium, recallMedium) = Figures(2, MostBoxes);
        var (large, recallLarge) = Figures(3, MostBoxes);
        return new CocoSummary(
            Mean(all.SelectMany(values => values)), Mean(all.Select(values => values[0])), Mean(all.Select(values => values[5])),
            Mean(small.SelectMany(values => values)), Mean(medium.SelectMany(values => values)), Mean(large.SelectMany(values => values)),
            Mean(Figures(0, 1).Recall.SelectMany(values => values)), Mean(Figures(0, 10).Recall.SelectMany(values => values)),
            Mean(recall100.SelectMany(values => values)),
            Mean(recallSmall.SelectMany(values => values)), Mean(recallMedium.SelectMany(values => values)),
            Mean(recallLarge.SelectMany(values => values)));
    }

    /// <summary>Average precision of each class over the ten thresholds; NaN for classes without objects.</summary>
    public IReadOnlyList<double> ByClass() =>
        [.. Enumerable.Range(0, classes).Select(label => gathered.TryGetValue((label, 0), out var boxes) && boxes.Wanted > 0
            ? boxes.Curves(MostBoxes).AveragePrecisions.Average() : double.NaN)];

    /// <summary>The curves of each class; null for classes without objects.</summary>
    public IReadOnlyList<CocoCurves?> Curves() => [.. Enumerable.Range(0, classes).Select(CurvesOf)];

    private CocoMatches Matches(int label, int area)
    {
        if (!gathered.TryGetValue((label, area), out var matches))
            gathered[(label, area)] = matches = new CocoMatches(AreaRanges[area]);
        return matches;
    }

    private CocoCurves? CurvesOf(int label) =>
        gathered.TryGetValue((label, 0), out var boxes) && boxes.Wanted > 0 ? boxes.Curves(MostBoxes) : null;

    private (List<double[]> Precision, List<double[]> Recall) Figures(int area, int most)
    {
        List<double[]> precision = [], recall = [];
        foreach (var boxes in gathered.Where(entry => entry.Key.Area == area && entry.Value.Wanted > 0).OrderBy(entry => entry.Key.Class)
            .Select(entry => entry.Value))
        {
            var curves = boxes.Curves(most);
            precision.Add(curves.AveragePrecisions);
            recall.Add([.. curves.Recalls]);
        }

        return (precision, recall);
    }

    private static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();
}
