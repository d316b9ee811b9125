using Sconce.Data;

namespace Sconce.Metrics;

/// <summary>Areas and overlaps of objects and detections, by their boxes or by their masks.</summary>
internal sealed class CocoMeasure(CocoOverlap overlap)
{
    /// <summary>Requires masks where they are compared.</summary>
    /// <exception cref="ArgumentException">A mask is missing, or of another picture's size.</exception>
    public void Verify(IReadOnlyList<BoxAnnotation> truths, IReadOnlyList<DetectedBox> detections)
    {
        if (overlap != CocoOverlap.Masks) return;
        if (truths.Any(box => box.Mask is null))
            throw new ArgumentException("an annotation has no mask: open the set with masks, or compare boxes", nameof(truths));
        if (detections.Any(box => box.Mask is null))
            throw new ArgumentException("a detection has no mask: compare boxes", nameof(detections));
        if (truths.Select(box => box.Mask!).Concat(detections.Select(box => box.Mask!)).Select(mask => (mask.Width, mask.Height)).Distinct()
            .Skip(1).Any())
            throw new ArgumentException("the masks are of several sizes: all of a picture are as large as it", nameof(detections));
    }

    /// <summary>An object's area, its outline's where there is one.</summary>
    public double AreaOf(in BoxAnnotation box) => box.OutlineArea ?? (overlap == CocoOverlap.Masks ? box.Mask!.Area : box.Area);

    /// <summary>A detection's area.</summary>
    public double AreaOf(in DetectedBox box) => overlap == CocoOverlap.Masks ? box.Mask!.Area : box.Area;

    /// <summary>IoU of each box (or mask) with each object; with a crowd, the share of the box that lies in it.</summary>
    public double[,] Overlaps(DetectedBox[] boxes, BoxAnnotation[] wanted)
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
}
