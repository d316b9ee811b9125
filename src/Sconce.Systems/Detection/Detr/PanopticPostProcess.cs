using Sconce.Data;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>One segment of a panoptic answer.</summary>
/// <param name="Id">Its number in <see cref="PanopticSegments.Map"/>.</param>
/// <param name="Label">Its class.</param>
/// <param name="Score">The probability of its class, in (0, 1].</param>
/// <param name="Area">Its pixels.</param>
public sealed record PanopticSegment(int Id, int Label, double Score, long Area);

/// <summary>A picture cut into segments.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Map">Row by row, the segment's number at each pixel; -1 everywhere where nothing was found.</param>
/// <param name="Segments">In the order of their numbers.</param>
public sealed record PanopticSegments(int Width, int Height, IReadOnlyList<int> Map, IReadOnlyList<PanopticSegment> Segments)
{
    /// <summary>The same as COCO's format has it: numbers from 1 on, 0 for nothing.</summary>
    /// <param name="labelOf">The set's labels of the network's classes; segments of others become nothing.</param>
    public PanopticMap ToMap(IReadOnlyDictionary<int, int> labelOf)
    {
        PanopticSegment[] kept = [.. Segments.Where(segment => segment.Area > 0 && labelOf.ContainsKey(segment.Label))];
        var known = kept.Select(segment => segment.Id).ToHashSet();
        return new PanopticMap(Width, Height, [.. Map.Select(id => known.Contains(id) ? id + 1 : PanopticMap.Void)],
            [.. kept.Select(segment => new PanopticSegmentLabel(segment.Id + 1, labelOf[segment.Label]))]);
    }
}

/// <summary>
/// One segment a pixel: of the masks whose class is sure enough, the strongest at the pixel; stuff of one class becomes one segment, and
/// segments of 4 pixels or fewer go. As in the official code, what a dropped mask leaves (one merged into another, too) goes to the
/// strongest of the others. facebookresearch/detr@29901c51 models/segmentation.py <c>PostProcessPanoptic</c>.
/// </summary>
/// <param name="isThing">Whether objects of a class are counted apart (in COCO, classes up to 90) rather than merged.</param>
/// <param name="threshold">The least probability of a class.</param>
public sealed class PanopticPostProcess(Func<int, bool> isThing, double threshold = 0.85)
{
    private const int SmallestArea = 4;

    /// <summary>Cuts one picture of a batch.</summary>
    /// <param name="output">Of a network with masks.</param>
    /// <param name="picture">Its number in the batch.</param>
    /// <param name="processed">Its size as the network saw it, without padding.</param>
    /// <param name="target">The size of the answer.</param>
    /// <exception cref="TorchException">The network gives no masks.</exception>
    public PanopticSegments Apply(DetrOutput output, int picture, (int Width, int Height) processed, (int Width, int Height) target)
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        var allMasks = output.Masks ?? throw new TorchException("panoptic segments: the network gives no masks: use a panoptic variant");
        var (scores, labels) = output.Logits[picture].Float().Softmax(-1).Max(-1);
        long nothing = output.Logits.Size(-1) - 1;
        float[] chances = scores.ToArray<float>();
        long[] classes = labels.ToArray<long>();
        int[] kept = [.. Enumerable.Range(0, chances.Length).Where(q => classes[q] != nothing && chances[q] > threshold)];
        if (kept.Length == 0) return Nothing(target);
        var masks = allMasks[picture][Tensor.From(kept.Select(q => (long)q).ToArray())].Float().Unsqueeze(1);
        masks = Functional.Interpolate(masks, [processed.Height, processed.Width], Interpolation.Bilinear).Squeeze(1);
        bool merge = true; // the official code merges stuff in the first round alone
        while (true)
        {
            int[] map = Map(masks, kept, classes, processed, target, merge);
            long[] areas = new long[kept.Length];
            foreach (int id in map) areas[id]++;
            int[] large = [.. Enumerable.Range(0, kept.Length).Where(k => areas[k] > SmallestArea)];
            if (large.Length == 0) return Nothing(target);
            if (large.Length == kept.Length)
            {
                return new PanopticSegments(target.Width, target.Height, map,
                    [.. kept.Select((query, id) => new PanopticSegment(id, (int)classes[query], chances[query], areas[id]))]);
            }

            masks = masks[Tensor.From(large.Select(k => (long)k).ToArray())];
            kept = [.. large.Select(k => kept[k])];
            merge = false;
        }
    }

    private static PanopticSegments Nothing((int Width, int Height) target) =>
        new(target.Width, target.Height, [.. Enumerable.Repeat(-1, checked(target.Width * target.Height))], []);

    /// <summary>The strongest mask at each pixel of the target, sampled at the nearest pixel's centre.</summary>
    private int[] Map(Tensor masks, int[] kept, long[] classes, (int Width, int Height) processed,
        (int Width, int Height) target, bool merge)
    {
        long[] strongest = masks.Argmax(0).ToArray<long>(); // softmax keeps the order
        var first = new int[kept.Length];
        for (int k = 0; k < kept.Length; k++)
        {
            long label = classes[kept[k]];
            first[k] = merge && !isThing((int)label) ? Array.FindIndex(kept, query => classes[query] == label) : k;
        }

        var map = new int[checked(target.Width * target.Height)];
        for (int y = 0; y < target.Height; y++)
        {
            int row = Math.Min((int)((y + 0.5) * processed.Height / target.Height), processed.Height - 1);
            for (int x = 0; x < target.Width; x++)
            {
                int column = Math.Min((int)((x + 0.5) * processed.Width / target.Width), processed.Width - 1);
                map[(y * target.Width) + x] = first[strongest[(row * processed.Width) + column]];
            }
        }

        return map;
    }
}
