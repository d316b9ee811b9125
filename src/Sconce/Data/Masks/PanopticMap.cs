using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>One segment of a picture.</summary>
/// <param name="Id">Its number in <see cref="PanopticMap.Ids"/>, from 1 on.</param>
/// <param name="Label">Its class.</param>
/// <param name="IsCrowd">Stands for a group (COCO's <c>iscrowd</c>).</param>
public readonly record struct PanopticSegmentLabel(int Id, int Label, bool IsCrowd = false);

/// <summary>A picture cut into segments: each pixel belongs to one, or to none. cocodataset.org, "Data format", panoptic
/// segmentation.</summary>
public sealed class PanopticMap
{
    /// <summary>The number of pixels that belong to no segment.</summary>
    public const int Void = 0;

    private const int Base = 256, LargestId = (Base * Base * Base) - 1;
    private readonly int[] ids;

    /// <summary>Makes one.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="ids">Row by row each pixel's segment; 0 for none.</param>
    /// <param name="segments">All that are there, each once.</param>
    /// <exception cref="DataException">A segment without pixels, a pixel of a segment that is not listed, a number that is 0, listed twice
    /// or above 16,777,215.</exception>
    public PanopticMap(int width, int height, IReadOnlyList<int> ids, IReadOnlyList<PanopticSegmentLabel> segments)
    {
        if (width < 1 || height < 1 || ids.Count != (long)width * height)
            throw new ArgumentException($"a map of {width} x {height} has {(long)width * height} pixels, not {ids.Count}", nameof(ids));
        (Width, Height, Segments, this.ids) = (width, height, segments, [.. ids]);
        var areas = new Dictionary<int, long>(segments.Count);
        foreach (var segment in segments)
        {
            if (segment.Id is <= Void or > LargestId)
                throw new DataException($"a segment has the number {segment.Id}: numbers are 1 to {LargestId}");
            if (!areas.TryAdd(segment.Id, 0)) throw new DataException($"the segment {segment.Id} is listed twice");
        }

        long none = 0;
        foreach (int id in this.ids)
        {
            if (id == Void) none++;
            else if (areas.TryGetValue(id, out long area)) areas[id] = area + 1;
            else throw new DataException($"a pixel belongs to the segment {id}, which is none of the {segments.Count} listed");
        }

        if (areas.FirstOrDefault(entry => entry.Value == 0) is { Key: > Void } empty)
            throw new DataException($"the segment {empty.Key} is listed, but has no pixel");
        Areas = areas;
        VoidArea = none;
    }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Row by row each pixel's segment; <see cref="Void"/> for none.</summary>
    public IReadOnlyList<int> Ids => ids;

    /// <summary>All segments.</summary>
    public IReadOnlyList<PanopticSegmentLabel> Segments { get; }

    /// <summary>Pixels of each segment, by number.</summary>
    public IReadOnlyDictionary<int, long> Areas { get; }

    /// <summary>Pixels of no segment.</summary>
    public long VoidArea { get; }

    /// <summary>Reads a PNG whose colours are the segments' numbers: <c>red + 256 green + 65536 blue</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="segments">All that are there.</param>
    /// <exception cref="DataException">It does not fit the list.</exception>
    /// <exception cref="ImageException">The file is missing or broken.</exception>
    public static PanopticMap Load(string path, IReadOnlyList<PanopticSegmentLabel> segments)
    {
        var image = Image.Load(path).To8Bit().ToRgb();
        var pixels = image.Pixels;
        var ids = new int[checked(image.Width * image.Height)];
        for (int k = 0; k < ids.Length; k++) ids[k] = pixels[3 * k] + (Base * pixels[(3 * k) + 1]) + (Base * Base * pixels[(3 * k) + 2]);
        try
        {
            return new PanopticMap(image.Width, image.Height, ids, segments);
        }
        catch (DataException e)
        {
            throw new DataException(path, e.Message, e);
        }
    }

    /// <summary>The picture that <see cref="Load"/> reads; to be saved as PNG.</summary>
    public Image ToImage()
    {
        var image = new Image(Width, Height);
        var pixels = image.Pixels;
        for (int k = 0; k < ids.Length; k++)
        {
            (pixels[3 * k], pixels[(3 * k) + 1], pixels[(3 * k) + 2]) =
                ((byte)ids[k], (byte)(ids[k] / Base), (byte)(ids[k] / (Base * Base)));
        }

        return image;
    }

    /// <summary>Each segment as an object: its mask, and the box around it.</summary>
    public IReadOnlyList<BoxAnnotation> Objects()
    {
        var numbers = Segments.Select((segment, k) => (segment.Id, k)).ToDictionary(pair => pair.Id, pair => pair.k);
        var runs = Segments.Select(_ => new List<int>()).ToArray();
        var ends = new int[Segments.Count];
        int place = 0;
        for (int x = 0; x < Width; x++)
        {
            for (int y = 0; y < Height; y++, place++)
            {
                int id = ids[(y * Width) + x];
                if (id == Void) continue;
                int k = numbers[id];
                if (runs[k].Count > 0 && ends[k] == place) runs[k][^1]++;
                else runs[k].AddRange([place - ends[k], 1]);
                ends[k] = place + 1;
            }
        }

        return [.. Segments.Select((segment, k) => Object(segment, RunLengthMask.FromRuns(Width, Height, [.. runs[k], place - ends[k]])))];
    }

    private static BoxAnnotation Object(PanopticSegmentLabel segment, RunLengthMask mask)
    {
        var box = mask.Bounds!.Value;
        return new BoxAnnotation(box.Left, box.Top, box.Right, box.Bottom, segment.Label)
        { IsCrowd = segment.IsCrowd, Mask = mask, OutlineArea = mask.Area };
    }
}
