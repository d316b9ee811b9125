using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>One level's cells.</summary>
/// <param name="Stride">Pixels a cell.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
internal readonly record struct FcosGrid(int Stride, long Height, long Width)
{
    internal long Count => Height * Width;

    /// <summary>Where a cell stands: its middle, in whole pixels.</summary>
    internal (float X, float Y) Location(long cell) => (((cell % Width) * Stride) + (Stride / 2), ((cell / Width) * Stride) + (Stride / 2));

    /// <summary>All cells of all levels, x and y in pixels: <c>(T, 2)</c>.</summary>
    internal static Tensor Locations(IReadOnlyList<FcosGrid> grids)
    {
        var locations = grids.SelectMany(grid => Enumerable.Range(0, (int)grid.Count).Select(cell => grid.Location(cell)));
        float[] places = [.. locations.SelectMany(at => new[] { at.X, at.Y })];
        return Tensor.From(places, [places.Length / 2, 2]);
    }

    /// <summary>Each cell's level: <c>(T)</c> int64.</summary>
    internal static Tensor LevelNumbers(IReadOnlyList<FcosGrid> grids) =>
        Tensor.From(grids.SelectMany((grid, level) => Enumerable.Repeat((long)level, (int)grid.Count)).ToArray());
}

/// <summary>The objects of one picture.</summary>
/// <param name="Boxes">Left, top, right, bottom of each in pixels.</param>
/// <param name="Labels">Of each, from 0.</param>
internal sealed record FcosObjects(IReadOnlyList<(float Left, float Top, float Right, float Bottom)> Boxes, IReadOnlyList<long> Labels)
{
    private Tensor? corners;

    /// <summary>The boxes <c>(G, 4)</c>, on the tape where they came from it.</summary>
    internal Tensor Corners => corners ?? (Boxes.Count == 0
        ? Tensor.Zeros([0, 4])
        : Tensor.From(Boxes.SelectMany(box => new[] { box.Left, box.Top, box.Right, box.Bottom }).ToArray(), [Boxes.Count, 4]));

    /// <summary>From tensors.</summary>
    /// <param name="boxes"><c>(G, 4)</c></param>
    /// <param name="labels"><c>(G)</c></param>
    internal static FcosObjects Of(Tensor boxes, Tensor labels)
    {
        float[] edges = boxes.Detach().Float().Cpu().ToArray<float>();
        return new FcosObjects(
            [.. edges.Chunk(4).Select(box => (box[0], box[1], box[2], box[3]))],
            labels.To(DType.Int64).Cpu().ToArray<long>())
        { corners = boxes };
    }
}

/// <summary>Which object each cell is to find. 1904.01355 §3.1, with sampling around the middle.</summary>
internal sealed record FcosAssignment
{
    /// <summary>How far from an object's middle a cell may be, in strides; 0 or less for anywhere in the box.</summary>
    internal double Radius { get; init; } = 1.5;

    /// <summary>The greatest distance to a side that each level finds, but for the last, which finds all larger ones.</summary>
    internal IReadOnlyList<double> Sizes { get; init; } = [64, 128, 256, 512];

    /// <summary>Assigns the cells of every picture: of several objects the smallest.</summary>
    /// <param name="grids">The levels.</param>
    /// <param name="objects">Of each picture.</param>
    /// <param name="classes">How many; the number of the background.</param>
    internal FcosTargets Assign(IReadOnlyList<FcosGrid> grids, IReadOnlyList<FcosObjects> objects, int classes)
    {
        if (grids.Count > Sizes.Count + 1)
        {
            throw new ArgumentException($"FCOS: {grids.Count} levels for {Sizes.Count} bounds of sizes: one less than levels is wanted");
        }

        int cells = (int)grids.Sum(grid => grid.Count), row = 0, firstObject = 0;
        var labels = new long[objects.Count * cells];
        var owners = new long[labels.Length];
        foreach (var picture in objects)
        {
            for (int level = 0; level < grids.Count; level++)
            {
                for (long cell = 0; cell < grids[level].Count; cell++, row++)
                {
                    var at = grids[level].Location(cell);
                    int found = Smallest(picture, grids[level], level, at);
                    (labels[row], owners[row]) = found < 0 ? (classes, -1) : (picture.Labels[found], firstObject + found);
                }
            }

            firstObject += picture.Boxes.Count;
        }

        var rows = Tensor.From(owners, [objects.Count, cells]);
        return new FcosTargets(classes, Tensor.From(labels, [objects.Count, cells]), rows, Sides(grids, objects, rows));
    }

    /// <summary>Distances to the sides of each cell's own object, on the tape of the boxes.</summary>
    private static Tensor Sides(IReadOnlyList<FcosGrid> grids, IReadOnlyList<FcosObjects> objects, Tensor owners)
    {
        using var scope = new TensorScope();
        var boxes = Tensor.Cat([.. objects.Select(picture => picture.Corners)], 0);
        if (boxes.Size(0) == 0) return scope.Keep(Tensor.Zeros([owners.Size(0), owners.Size(1), 4]));
        var own = boxes[owners.ClampMin(0)]; // (N, T, 4)
        var at = FcosGrid.Locations(grids); // (T, 2)
        float[] strides = [.. grids.SelectMany(grid => Enumerable.Repeat((float)grid.Stride, (int)grid.Count))];
        var sides = Tensor.Cat([at - own[TensorIndex.Ellipsis, ..2], own[TensorIndex.Ellipsis, 2..] - at], -1);
        return scope.Keep(sides / Tensor.From(strides, [strides.Length, 1]) * owners.Ge(0).Unsqueeze(2).To(sides.DType));
    }

    private int Smallest(FcosObjects picture, FcosGrid grid, int level, (float X, float Y) at)
    {
        float least = float.PositiveInfinity, low = level == 0 ? -1 : (float)Sizes[level - 1];
        float high = level < Sizes.Count ? (float)Sizes[level] : float.PositiveInfinity, reach = (float)(grid.Stride * Radius);
        int found = -1;
        for (int k = 0; k < picture.Boxes.Count; k++)
        {
            var box = picture.Boxes[k];
            float farthest = Math.Max(Math.Max(at.X - box.Left, at.Y - box.Top), Math.Max(box.Right - at.X, box.Bottom - at.Y));
            float area = (box.Right - box.Left) * (box.Bottom - box.Top);
            if (farthest < low || farthest > high || area >= least || !Inside(box, at, reach)) continue;
            (least, found) = (area, k);
        }

        return found;
    }

    private static bool Inside((float Left, float Top, float Right, float Bottom) box, (float X, float Y) at, float reach)
    {
        float x = (box.Left + box.Right) * 0.5f, y = (box.Top + box.Bottom) * 0.5f;
        if (reach > 0)
        {
            var (left, top) = (Math.Max(x - reach, box.Left), Math.Max(y - reach, box.Top));
            box = (left, top, Math.Min(x + reach, box.Right), Math.Min(y + reach, box.Bottom));
        }

        return at.X > box.Left && at.Y > box.Top && at.X < box.Right && at.Y < box.Bottom;
    }
}

/// <summary>What every cell of a batch should say.</summary>
/// <param name="Classes">How many; the label of the background.</param>
/// <param name="Labels"><c>(N, T)</c> int64.</param>
/// <param name="Owners">The number of the cell's object over the whole batch, -1 for none, <c>(N, T)</c> int64.</param>
/// <param name="Sides">Distances to the object's sides in strides, 0 where there is none, <c>(N, T, 4)</c>.</param>
internal sealed record FcosTargets(int Classes, Tensor Labels, Tensor Owners, Tensor Sides) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Labels, Owners, Sides];

    /// <summary>Cells that belong to an object, <c>(N, T)</c> bool.</summary>
    internal Tensor Positive => Labels.Ne(Classes);
}
