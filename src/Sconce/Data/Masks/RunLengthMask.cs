using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>
/// Which pixels of a picture belong to one object, as COCO stores it: lengths of runs down the columns, left to right, alternately outside
/// and inside, the first one outside (0 where the first pixel is inside). cocodataset/cocoapi@8c9bcc3 common/maskApi.h. Never changes.
/// </summary>
public sealed class RunLengthMask : IEquatable<RunLengthMask>
{
    private readonly int[] runs;

    private RunLengthMask(int width, int height, int[] runs) => (Width, Height, this.runs) = (width, height, runs);

    /// <summary>Columns of the picture.</summary>
    public int Width { get; }

    /// <summary>Rows of the picture.</summary>
    public int Height { get; }

    /// <summary>The runs; together Width times Height, none but the first is 0.</summary>
    public IReadOnlyList<int> Runs => runs;

    /// <summary>Pixels inside.</summary>
    public long Area
    {
        get
        {
            long area = 0;
            for (int k = 1; k < runs.Length; k += 2) area += runs[k];
            return area;
        }
    }

    /// <summary>The smallest box around the pixels inside; null where there are none.</summary>
    public PixelBox? Bounds
    {
        get
        {
            int left = Width, top = Height, right = 0, bottom = 0, place = runs[0];
            for (int k = 1; k < runs.Length; place += runs[k] + (k + 1 < runs.Length ? runs[k + 1] : 0), k += 2)
            {
                var (first, upper) = Math.DivRem(place, Height);
                var (last, lower) = Math.DivRem(place + runs[k] - 1, Height);
                (left, right) = (Math.Min(left, first), Math.Max(right, last + 1));
                (top, bottom) = first < last ? (0, Height) : (Math.Min(top, upper), Math.Max(bottom, lower + 1));
            }

            return right > left ? new PixelBox(left, top, right, bottom) : null;
        }
    }

    /// <summary>A mask from its runs.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="runs">Outside, inside, outside, …</param>
    /// <exception cref="DataException">A negative run, or runs that are not width times height together.</exception>
    public static RunLengthMask FromRuns(int width, int height, IReadOnlyList<int> runs)
    {
        int pixels = Pixels(width, height);
        var kept = new List<int>(runs.Count) { 0 };
        long sum = 0;
        for (int k = 0; k < runs.Count; k++)
        {
            if (runs[k] < 0) throw new DataException($"run {k + 1} of its mask is {runs[k]}: lengths are not negative");
            sum += runs[k];
            if (k % 2 == (kept.Count + 1) % 2) kept[^1] = (int)Math.Min(int.MaxValue, (long)kept[^1] + runs[k]); // goes on after a run of 0
            else if (runs[k] > 0) kept.Add(runs[k]);
        }

        if (sum != pixels)
            throw new DataException($"the runs of its mask make {sum} pixels together, but the picture has {width} x {height} = {pixels}");
        return new RunLengthMask(width, height, [.. kept]);
    }

    /// <summary>A mask from COCO's compressed text (<c>counts</c> as a text).</summary>
    /// <exception cref="DataException">It is no such text, or its runs are not width times height together.</exception>
    public static RunLengthMask Parse(int width, int height, string text) =>
        FromRuns(width, height, RunLengthText.Read(text, Pixels(width, height)));

    /// <summary>What lies in any of some polygons, pixel for pixel as pycocotools says it.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="polygons">Each x, y, x, y, … in pixels, 0 being the left or upper edge of the first.</param>
    /// <exception cref="DataException">A polygon that is none: an odd number, fewer than three corners, no numbers, or corners more than
    /// the picture's size away from it.</exception>
    public static RunLengthMask FromPolygons(int width, int height, IReadOnlyList<IReadOnlyList<double>> polygons)
    {
        _ = Pixels(width, height);
        for (int k = 0; k < polygons.Count; k++)
            PolygonRaster.Check(polygons[k], width, height,
                polygons.Count > 1 ? $"polygon {k + 1} of its mask" : "the polygon of its mask");
        PolygonRaster.CheckLength(polygons, "its mask");
        return polygons.Select(polygon => FromRuns(width, height, PolygonRaster.Runs(polygon, width, height)))
            .Aggregate(Empty(width, height), (all, one) => all.Union(one));
    }

    /// <summary>The pixels of a picture of one channel of 8 bits that are not 0.</summary>
    public static RunLengthMask FromImage(Image image)
    {
        if (image.Channels != 1) throw new ArgumentException($"a mask has one channel of 8 bits; this picture has {image}", nameof(image));
        var pixels = image.Pixels;
        var runs = new List<int>();
        bool inside = false;
        int run = 0;
        for (int x = 0; x < image.Width; x++)
        {
            for (int k = x; k < pixels.Length; k += image.Width)
            {
                if (pixels[k] != 0 != inside)
                {
                    runs.Add(run);
                    (inside, run) = (!inside, 0);
                }

                run++;
            }
        }

        runs.Add(run);
        return new RunLengthMask(image.Width, image.Height, [.. runs]);
    }

    /// <summary>A mask without pixels inside.</summary>
    public static RunLengthMask Empty(int width, int height) => new(width, height, [Pixels(width, height)]);

    /// <summary>One channel of 8 bits: 1 inside, 0 outside.</summary>
    public Image ToImage()
    {
        var image = new Image(Width, Height, 1);
        var pixels = image.Pixels;
        int place = 0;
        for (int k = 0; k < runs.Length; place += runs[k++])
        {
            if (k % 2 == 0) continue;
            var (x, y) = Math.DivRem(place, Height);
            int at = (y * Width) + x;
            for (int left = runs[k]; left > 0; left--)
            {
                pixels[at] = 1;
                at += Width;
                if (++y < Height) continue;
                (y, at) = (0, ++x);
            }
        }

        return image;
    }

    /// <summary>COCO's compressed text, of characters that JSON needs not escape but <c>\</c>.</summary>
    public string ToText() => RunLengthText.Write(runs);

    /// <summary>The pixels inside both.</summary>
    /// <exception cref="ArgumentException">Masks of two sizes.</exception>
    public long Intersection(RunLengthMask other)
    {
        long shared = 0;
        foreach (var (length, mine, others) in Together(other))
        {
            if (mine && others) shared += length;
        }

        return shared;
    }

    /// <summary>Intersection over union, in [0, 1]; 0 where nothing is shared.</summary>
    public double Iou(RunLengthMask other)
    {
        long shared = Intersection(other);
        return shared == 0 ? 0 : (double)shared / (Area + other.Area - shared);
    }

    /// <summary>The pixels inside either.</summary>
    public RunLengthMask Union(RunLengthMask other)
    {
        var joined = new List<int> { 0 };
        foreach (var (length, mine, others) in Together(other))
        {
            bool inside = mine || others;
            if (inside == (joined.Count % 2 == 0)) joined[^1] += length;
            else joined.Add(length);
        }

        return new RunLengthMask(Width, Height, [.. joined]);
    }

    /// <inheritdoc/>
    public bool Equals(RunLengthMask? other) =>
        other is not null && Width == other.Width && Height == other.Height && runs.AsSpan().SequenceEqual(other.runs);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RunLengthMask);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Width);
        hash.Add(Height);
        foreach (int run in runs) hash.Add(run);
        return hash.ToHashCode();
    }

    /// <summary>Such as <c>120 of 40 x 30 pixels</c>.</summary>
    public override string ToString() => $"{Area} of {Width} x {Height} pixels";

    /// <summary>The mask after a change of the picture.</summary>
    internal RunLengthMask Changed(Func<Image, Image> change) => FromImage(change(ToImage()));

    private static int Pixels(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        return (long)width * height <= int.MaxValue ? width * height
            : throw new DataException($"a picture of {width} x {height} is too large for a mask, which has at most {int.MaxValue} pixels");
    }

    /// <summary>Stretches in which neither mask changes.</summary>
    private IEnumerable<(int Length, bool Mine, bool Others)> Together(RunLengthMask other)
    {
        if (other.Width != Width || other.Height != Height)
            throw new ArgumentException($"a mask of {Width} x {Height} and one of {other.Width} x {other.Height} are not of "
                + $"one picture", nameof(other));
        int a = 0, b = 0, leftA = runs[0], leftB = other.runs[0];
        while (true)
        {
            while (leftA == 0 && ++a < runs.Length) leftA = runs[a];
            while (leftB == 0 && ++b < other.runs.Length) leftB = other.runs[b];
            if (leftA == 0) yield break;
            int length = Math.Min(leftA, leftB);
            yield return (length, a % 2 == 1, b % 2 == 1);
            leftA -= length;
            leftB -= length;
        }
    }
}
