using Sconce.Torch;

namespace Sconce.Maths;

/// <summary>
/// Greedy non-maximum suppression of corner boxes: the surest first, and none that overlaps a kept one by more than a threshold. Equal
/// scores keep their order; overlaps are computed in single precision, as torchvision 0.14.1 <c>ops.nms</c> does.
/// </summary>
public static class BoxSuppression
{
    /// <summary>Which boxes stay.</summary>
    /// <param name="boxes"><c>(N, 4)</c></param>
    /// <param name="scores"><c>(N)</c></param>
    /// <param name="threshold">The largest IoU that two kept boxes may have.</param>
    /// <returns>Their numbers, surest first.</returns>
    public static long[] Keep(Tensor boxes, Tensor scores, double threshold) => Keep(boxes, scores, null, threshold);

    /// <summary>Which boxes stay where only those of one group (a class, a level) suppress each other.</summary>
    /// <param name="boxes"><c>(N, 4)</c></param>
    /// <param name="scores"><c>(N)</c></param>
    /// <param name="groups"><c>(N)</c> integers; null for one group.</param>
    /// <param name="threshold">The largest IoU that two kept boxes of a group may have.</param>
    /// <returns>Their numbers, surest first over all groups.</returns>
    /// <exception cref="ArgumentException">Shapes that do not fit.</exception>
    public static long[] Keep(Tensor boxes, Tensor scores, Tensor? groups, double threshold)
    {
        long count = scores.Elements;
        if (boxes.Dimensions != 2 || boxes.Size(1) != 4 || boxes.Size(0) != count || (groups is not null && groups.Elements != count))
        {
            throw new ArgumentException(
                $"suppression: boxes [{string.Join(", ", boxes.Shape.ToArray())}] for {count} scores: (N, 4) is expected");
        }

        using var scope = new TensorScope();
        float[] edges = boxes.Detach().Float().Cpu().ToArray<float>(), chances = scores.Detach().Float().Cpu().ToArray<float>();
        long[] group = groups is null ? new long[count] : groups.Detach().To(DType.Int64).Cpu().ToArray<long>();
        int[] order = [.. Enumerable.Range(0, (int)count).OrderByDescending(k => chances[k])];
        var kept = new List<long>();
        var keptOf = new Dictionary<long, List<int>>();
        foreach (int box in order)
        {
            if (!keptOf.TryGetValue(group[box], out var rivals)) keptOf[group[box]] = rivals = [];
            if (rivals.Exists(rival => Iou(edges, rival, box) > threshold)) continue;
            rivals.Add(box);
            kept.Add(box);
        }

        return [.. kept];
    }

    private static float Iou(float[] edges, int a, int b)
    {
        ReadOnlySpan<float> first = edges.AsSpan(4 * a, 4), second = edges.AsSpan(4 * b, 4);
        float width = Math.Max(0, Math.Min(first[2], second[2]) - Math.Max(first[0], second[0]));
        float height = Math.Max(0, Math.Min(first[3], second[3]) - Math.Max(first[1], second[1]));
        float shared = width * height;
        return shared == 0 ? 0 : shared / (Area(first) + Area(second) - shared);
    }

    private static float Area(ReadOnlySpan<float> box) => (box[2] - box[0]) * (box[3] - box[1]);
}
