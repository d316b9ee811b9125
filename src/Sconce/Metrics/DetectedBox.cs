using Sconce.Data;

namespace Sconce.Metrics;

/// <summary>What a detector says of one object: a box in pixels (right and bottom just outside), a class, and how sure it is.</summary>
/// <param name="Left">Of the left edge.</param>
/// <param name="Top">Of the upper edge.</param>
/// <param name="Right">Of the right edge.</param>
/// <param name="Bottom">Of the lower edge.</param>
/// <param name="Label">The class's number.</param>
/// <param name="Score">Higher is surer.</param>
public readonly record struct DetectedBox(double Left, double Top, double Right, double Bottom, int Label, double Score)
{
    /// <summary>Which pixels are the object's; as large as the picture. Null where only the box is known.</summary>
    public RunLengthMask? Mask { get; init; }

    /// <summary>Width times height; 0 for an empty box.</summary>
    public double Area => Math.Max(Right - Left, 0) * Math.Max(Bottom - Top, 0);

    /// <summary>The area that two boxes share.</summary>
    public double Intersection(in DetectedBox other) =>
        Math.Max(Math.Min(Right, other.Right) - Math.Max(Left, other.Left), 0)
        * Math.Max(Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top), 0);

    /// <summary>Intersection over union, in [0, 1]; 0 where neither has an area.</summary>
    public double Iou(in DetectedBox other)
    {
        double shared = Intersection(other), union = Area + other.Area - shared;
        return union > 0 ? shared / union : 0;
    }

    /// <summary>The box of an annotation, with a score of 1.</summary>
    public static DetectedBox Of(in BoxAnnotation box) => new(box.Left, box.Top, box.Right, box.Bottom, box.Label, 1) { Mask = box.Mask };

    /// <summary>Greedy non-maximum suppression: the surest box first, and of the same class none that overlaps a kept one by more than
    /// <paramref name="threshold"/>.</summary>
    /// <param name="boxes">In any order; equals keep theirs.</param>
    /// <param name="threshold">The largest IoU that two kept boxes of a class may have, in [0, 1].</param>
    /// <returns>The kept boxes, surest first.</returns>
    public static IReadOnlyList<DetectedBox> Suppress(IEnumerable<DetectedBox> boxes, double threshold)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threshold);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(threshold, 1);
        var kept = new List<DetectedBox>();
        foreach (var box in boxes.OrderByDescending(box => box.Score))
        {
            if (!kept.Exists(other => other.Label == box.Label && other.Iou(box) > threshold)) kept.Add(box);
        }

        return kept;
    }
}
