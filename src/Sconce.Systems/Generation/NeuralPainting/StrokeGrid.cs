using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>A canvas cut into cells, row by row.</summary>
/// <param name="Rows">From top to bottom.</param>
/// <param name="Columns">From left to right.</param>
/// <param name="Width">Of the canvas, in units of its shorter side.</param>
/// <param name="Height">Of the canvas, in units of its shorter side.</param>
public sealed record StrokeGrid(int Rows, int Columns, double Width = 1, double Height = 1)
{
    /// <summary>How many cells there are.</summary>
    public int Cells => Rows * Columns;

    /// <summary>A grid of a number of cells along the shorter side, and about square ones along the longer.</summary>
    /// <param name="side">Cells along the shorter side.</param>
    /// <param name="width">Of the canvas in pixels.</param>
    /// <param name="height">Of the canvas in pixels.</param>
    public static StrokeGrid Of(int side, int width, int height)
    {
        double unit = Math.Min(width, height);
        return new((int)Math.Round(side * height / unit), (int)Math.Round(side * width / unit), width / unit, height / unit);
    }

    /// <summary>A picture in cells: <c>(3, rows·s, columns·s) -> (cells, 3, s, s)</c>.</summary>
    /// <param name="picture">Of that size.</param>
    /// <param name="side">Of a cell in pixels.</param>
    public Tensor Cut(Tensor picture, int side)
    {
        using var scope = new TensorScope();
        var cells = picture.Reshape([picture.Size(0), Rows, side, Columns, side]).Permute([1, 3, 0, 2, 4]);
        return scope.Keep(cells.Reshape([Cells, picture.Size(0), side, side]).Contiguous());
    }
}
