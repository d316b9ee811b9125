using Sconce.Data;

namespace Sconce.Metrics;

/// <summary>COCO's twelve figures of a detector, each in [0, 1]; NaN where there is no object to be found (pycocotools prints
/// -1).</summary>
/// <param name="AveragePrecision">Over IoU 0.50, 0.55, …, 0.95; 100 boxes a picture.</param>
/// <param name="At50">At IoU 0.50.</param>
/// <param name="At75">At IoU 0.75.</param>
/// <param name="Small">Of objects up to 32² pixels.</param>
/// <param name="Medium">Of objects from 32² to 96² pixels.</param>
/// <param name="Large">Of objects from 96² pixels.</param>
/// <param name="Recall1">The greatest recall with one box a picture and class, mean over IoU.</param>
/// <param name="Recall10">With 10.</param>
/// <param name="Recall100">With 100.</param>
/// <param name="RecallSmall">With 100, of small objects.</param>
/// <param name="RecallMedium">With 100, of medium ones.</param>
/// <param name="RecallLarge">With 100, of large ones.</param>
public sealed record CocoSummary(
    double AveragePrecision, double At50, double At75, double Small, double Medium, double Large,
    double Recall1, double Recall10, double Recall100, double RecallSmall, double RecallMedium, double RecallLarge);

/// <summary>One class's precision and recall, with 100 boxes a picture and objects of every size.</summary>
/// <param name="Precisions">At each of the ten IoU thresholds: the precision at recalls 0, 0.01, …, 1, made monotone.</param>
/// <param name="Recalls">At each threshold: the greatest recall.</param>
public sealed record CocoCurves(IReadOnlyList<double[]> Precisions, IReadOnlyList<double> Recalls);

/// <summary>What of objects must overlap for one to be found.</summary>
public enum CocoOverlap
{
    /// <summary>The boxes (pycocotools' iouType bbox).</summary>
    Boxes,

    /// <summary>The masks (pycocotools' iouType segm).</summary>
    Masks,
}

/// <summary>
/// Average precision as COCO defines it (pycocotools 2.0 <c>COCOeval</c>): 10 IoU thresholds, precision made monotone and read at 101
/// recalls, four area ranges, at most 1, 10 and 100 boxes a picture and class. Crowds and difficult objects are neither found nor missed.
/// </summary>
/// <param name="classes">How many classes there are; labels are 0 to classes - 1.</param>
/// <param name="overlap">With masks, every object and every detection needs one; a detection's area is then its mask's.</param>
public sealed class CocoEvaluation(int classes, CocoOverlap overlap = CocoOverlap.Boxes)
{
    private const int MostBoxes = 100;
    private static readonly double[] Thresholds = [.. Enumerable.Range(0, 10).Select(k => 0.5 + (k * ((0.95 - 0.5) / 9)))];
    private static readonly double[] Recalls = [.. Enumerable.Range(0, 101).Select(k => k == 100 ? 1 : k * 0.01)];
    private static readonly (double Least, double Most)[] AreaRanges = [(0, 1e10), (0, 32 * 32), (32 * 32, 96 * 96), (96 * 96, 1e10)];

    /// <summary>By class and area range: every picture's boxes, matched.</summary>
    private readonly Dictionary<(int Class, int Area), Gathered> gathered = [];

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

        if (overlap == CocoOverlap.Masks) VerifyMasks(truths, detections);
        Pictures++;
        var truthsOf = truths.ToLookup(box => box.Label);
        var boxesOf = detections.ToLookup(box => box.Label);
        foreach (int label in truthsOf.Select(group => group.Key).Union(boxesOf.Select(group => group.Key)))
        {
            BoxAnnotation[] wanted = [.. truthsOf[label]];
            DetectedBox[] boxes = [.. boxesOf[label].OrderByDescending(box => box.Score).Take(MostBoxes)];
            var overlaps = Overlaps(boxes, wanted);
            for (int area = 0; area < AreaRanges.Length; area++) Match(label, area, wanted, boxes, overlaps);
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
            ? boxes.Curve(MostBoxes).Precision.Average() : double.NaN)];

    /// <summary>The curves of each class; null for classes without objects.</summary>
    public IReadOnlyList<CocoCurves?> Curves() => [.. Enumerable.Range(0, classes).Select(CurvesOf)];

    private CocoCurves? CurvesOf(int label) =>
        gathered.TryGetValue((label, 0), out var boxes) && boxes.Wanted > 0 ? boxes.Curves(MostBoxes) : null;

    private (List<double[]> Precision, List<double[]> Recall) Figures(int area, int most)
    {
        List<double[]> precision = [], recall = [];
        foreach (var boxes in gathered.Where(entry => entry.Key.Area == area && entry.Value.Wanted > 0).OrderBy(entry => entry.Key.Class)
            .Select(entry => entry.Value))
        {
            var (precisions, recalls) = boxes.Curve(most);
            precision.Add(precisions);
            recall.Add(recalls);
        }

        return (precision, recall);
    }

    private static void VerifyMasks(IReadOnlyList<BoxAnnotation> truths, IReadOnlyList<DetectedBox> detections)
    {
        if (truths.Any(box => box.Mask is null))
            throw new ArgumentException("an annotation has no mask: open the set with masks, or compare boxes", nameof(truths));
        if (detections.Any(box => box.Mask is null))
            throw new ArgumentException("a detection has no mask: compare boxes", nameof(detections));
        if (truths.Select(box => box.Mask!).Concat(detections.Select(box => box.Mask!)).Select(mask => (mask.Width, mask.Height)).Distinct()
            .Skip(1).Any())
            throw new ArgumentException("the masks are of several sizes: all of a picture are as large as it", nameof(detections));
    }

    private static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();

    /// <summary>IoU of each box (or mask) with each object; with a crowd, the share of the box that lies in it.</summary>
    private double[,] Overlaps(DetectedBox[] boxes, BoxAnnotation[] wanted)
    {
        var overlaps = new double[boxes.Length, wanted.Length];
        for (int d = 0; d < boxes.Length; d++)
        {
            for (int g = 0; g < wanted.Length; g++)
            {
                var truth = DetectedBox.Of(wanted[g]);
                double area = AreaOf(boxes[d]);
                overlaps[d, g] = (wanted[g].IsCrowd, overlap) switch
                {
                    (false, CocoOverlap.Boxes) => boxes[d].Iou(truth),
                    (false, _) => boxes[d].Mask!.Iou(truth.Mask!),
                    _ when area <= 0 => 0,
                    (true, CocoOverlap.Boxes) => boxes[d].Intersection(truth) / area,
                    _ => boxes[d].Mask!.Intersection(truth.Mask!) / area,
                };
            }
        }

        return overlaps;
    }

    /// <summary>COCO's greedy matching at every threshold: the surest box first takes the object that it overlaps most, one that counts
    /// before one that does not.</summary>
    private void Match(int label, int area, BoxAnnotation[] wanted, DetectedBox[] boxes, double[,] overlaps)
    {
        var (least, most) = AreaRanges[area];
        bool[] ignored = [.. wanted.Select(box => box.IsCrowd || box.IsDifficult || AreaOf(box) < least || AreaOf(box) > most)];
        int[] order = [.. Enumerable.Range(0, wanted.Length).OrderBy(g => ignored[g])];
        if (!gathered.TryGetValue((label, area), out var result)) gathered[(label, area)] = result = new Gathered();
        result.Wanted += ignored.Count(ignore => !ignore);
        double[] areas = [.. boxes.Select(box => AreaOf(box))];
        var outcomes = new Outcome[boxes.Length, Thresholds.Length];
        for (int t = 0; t < Thresholds.Length; t++)
        {
            var taken = new bool[wanted.Length];
            for (int d = 0; d < boxes.Length; d++)
            {
                double best = Math.Min(Thresholds[t], 1 - 1e-10);
                int match = -1;
                foreach (int g in order)
                {
                    if (taken[g] && !wanted[g].IsCrowd) continue;
                    if (match >= 0 && !ignored[match] && ignored[g]) break; // nothing that counts follows
                    if (overlaps[d, g] < best) continue;
                    (best, match) = (overlaps[d, g], g);
                }

                if (match >= 0) taken[match] = true;
                bool outside = areas[d] < least || areas[d] > most;
                outcomes[d, t] = match >= 0 ? (ignored[match] ? Outcome.Ignored : Outcome.Found) : outside
                    ? Outcome.Ignored : Outcome.Wrong;
            }
        }

        for (int d = 0; d < boxes.Length; d++)
        {
            var row = new Outcome[Thresholds.Length];
            for (int t = 0; t < row.Length; t++) row[t] = outcomes[d, t];
            result.Boxes.Add((boxes[d].Score, d, row));
        }
    }

    private double AreaOf(in BoxAnnotation box) => box.OutlineArea ?? (overlap == CocoOverlap.Masks ? box.Mask!.Area : box.Area);

    private double AreaOf(in DetectedBox box) => overlap == CocoOverlap.Masks ? box.Mask!.Area : box.Area;

    private enum Outcome : byte
    {
        Wrong,
        Found,
        Ignored,
    }

    /// <summary>One class in one area range, over all pictures.</summary>
    private sealed class Gathered
    {
        /// <summary>Score, rank within its picture, and what became of it at each threshold.</summary>
        internal List<(double Score, int Rank, Outcome[] Outcomes)> Boxes { get; } = [];

        /// <summary>Objects that count.</summary>
        internal int Wanted { get; set; }

        /// <summary>At each threshold: the mean of the interpolated precision over 101 recalls, and the greatest recall.</summary>
        internal (double[] Precision, double[] Recall) Curve(int most)
        {
            var curves = Curves(most);
            return ([.. curves.Precisions.Select(precisions => precisions.Sum() / Recalls.Length)], [.. curves.Recalls]);
        }

        /// <summary>At each threshold: the interpolated precision at 101 recalls, and the greatest recall.</summary>
        internal CocoCurves Curves(int most)
        {
            Outcome[][] sorted = [.. Boxes.Where(box => box.Rank < most).OrderByDescending(box => box.Score).Select(box => box.Outcomes)];
            var curves = Enumerable.Range(0, Thresholds.Length).Select(threshold => At(threshold, sorted)).ToList();
            return new CocoCurves([.. curves.Select(curve => curve.Precisions)], [.. curves.Select(curve => curve.Recall)]);
        }

        private (double[] Precisions, double Recall) At(int threshold, Outcome[][] sorted)
        {
            var recalls = new double[sorted.Length];
            var precisions = new double[sorted.Length];
            int found = 0, wrong = 0;
            for (int k = 0; k < sorted.Length; k++)
            {
                if (sorted[k][threshold] == Outcome.Found) found++;
                else if (sorted[k][threshold] == Outcome.Wrong) wrong++;
                recalls[k] = (double)found / Wanted;
                precisions[k] = found / (found + wrong + Math.BitIncrement(1.0) - 1);
            }

            for (int k = precisions.Length - 1; k > 0; k--) precisions[k - 1] = Math.Max(precisions[k - 1], precisions[k]);
            var interpolated = new double[Recalls.Length];
            int place = 0;
            for (int k = 0; k < Recalls.Length; k++)
            {
                while (place < recalls.Length && recalls[place] < Recalls[k]) place++;
                if (place == recalls.Length) break;
                interpolated[k] = precisions[place];
            }

            return (interpolated, recalls.Length > 0 ? recalls[^1] : 0);
        }
    }
}
