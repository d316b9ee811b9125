using Sconce.Torch;

namespace Sconce.Nn.Detection;

/// <summary>In which order the anchors of one cell come.</summary>
public enum AnchorOrder
{
    /// <summary>All sizes of one ratio, then the next ratio; edges rounded to whole pixels (torchvision 0.14.1).</summary>
    RatiosFirst,

    /// <summary>All ratios of one size, then the next size; edges as they are (detectron2).</summary>
    SizesFirst,
}

/// <summary>Boxes of several sizes and shapes around every cell of a pyramid's maps. 1506.01497 §3.1.1.</summary>
/// <param name="Sizes">Of each level, in pixels: the square root of an anchor's area.</param>
/// <param name="Ratios">Height by width, the same at all levels.</param>
/// <param name="Order">Whose conventions hold.</param>
public sealed record AnchorGrid(IReadOnlyList<IReadOnlyList<double>> Sizes, IReadOnlyList<double> Ratios, AnchorOrder Order)
{
    /// <summary>Anchors a cell, at each level.</summary>
    public int PerCell(int level) => Sizes[level].Count * Ratios.Count;

    /// <summary>A level's anchors: cell by cell, row by row; corners in pixels, <c>(h·w·A, 4)</c>.</summary>
    /// <param name="level">Its number, from 0.</param>
    /// <param name="grid">Height and width of its map.</param>
    /// <param name="stride">Pixels a cell, down and across.</param>
    /// <exception cref="ArgumentException">There is no such level.</exception>
    public Tensor Level(int level, (long Height, long Width) grid, (long Y, long X) stride)
    {
        if (level < 0 || level >= Sizes.Count)
        {
            throw new ArgumentException($"anchors: there is no level {level}: sizes are given for {Sizes.Count}");
        }

        using var scope = new TensorScope();
        var across = Tensor.Arange(grid.Width, DType.Float32) * stride.X;
        var down = Tensor.Arange(grid.Height, DType.Float32) * stride.Y;
        var x = across.Unsqueeze(0).Expand([grid.Height, grid.Width]).Reshape([-1]);
        var y = down.Unsqueeze(1).Expand([grid.Height, grid.Width]).Reshape([-1]);
        var shifts = Tensor.Stack([x, y, x, y], 1).Unsqueeze(1); // (h·w, 1, 4)
        return scope.Keep((shifts + Cell(level)).Reshape([-1, 4]));
    }

    /// <summary>The anchors of every level, one below the other, with strides of whole pixels from the picture's size.</summary>
    /// <param name="image">Height and width of the padded picture.</param>
    /// <param name="grids">Height and width of each level's map.</param>
    public Tensor Levels((long Height, long Width) image, IReadOnlyList<(long Height, long Width)> grids)
    {
        using var scope = new TensorScope();
        var levels = grids.Select((grid, level) => Level(level, grid, (image.Height / grid.Height, image.Width / grid.Width)));
        return scope.Keep(Tensor.Cat([.. levels], 0));
    }

    /// <summary>The anchors of one cell around 0: <c>(A, 4)</c>.</summary>
    private Tensor Cell(int level)
    {
        var shapes = Order == AnchorOrder.RatiosFirst
            ? Ratios.SelectMany(ratio => Sizes[level].Select(size => (Size: size, Ratio: ratio)))
            : Sizes[level].SelectMany(size => Ratios.Select(ratio => (Size: size, Ratio: ratio)));
        float[] edges = [.. shapes.SelectMany(shape => Edges(shape.Size, shape.Ratio))];
        return Tensor.From(edges, [edges.Length / 4, 4]);
    }

    private float[] Edges(double size, double ratio)
    {
        double width = size / Math.Sqrt(ratio), height = size * Math.Sqrt(ratio);
        float[] edges = [(float)(-width / 2), (float)(-height / 2), (float)(width / 2), (float)(height / 2)];
        return Order == AnchorOrder.RatiosFirst ? [.. edges.Select(edge => MathF.Round(edge, MidpointRounding.ToEven))] : edges;
    }
}
