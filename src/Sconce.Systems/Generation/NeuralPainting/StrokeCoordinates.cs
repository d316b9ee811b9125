using Sconce.Torch;

namespace Sconce.Systems.Generation.NeuralPainting;

/// <summary>Between the coordinates of a patch and those of the canvas. painter.py <c>PainterBase._normalize_strokes</c>.</summary>
public static class StrokeCoordinates
{
    /// <summary>
    /// Strokes of a grid's patches on the whole canvas: places are moved into their cell, sizes divided by the grid. A curve's middle point
    /// is relative, and stays.
    /// </summary>
    /// <param name="strokes"><c>(grid², strokes, d)</c>, patches row by row.</param>
    /// <param name="brush">What the numbers mean.</param>
    /// <param name="grid">Cells along a side.</param>
    /// <returns>Of the same shape.</returns>
    /// <exception cref="TorchException">The shape is another.</exception>
    public static Tensor OnCanvas(Tensor strokes, Brush brush, int grid) => OnCanvas(strokes, brush, new StrokeGrid(grid, grid));

    /// <summary>The same for a canvas that is not square: in units of its shorter side.</summary>
    /// <param name="strokes"><c>(cells, strokes, d)</c>, cells row by row.</param>
    /// <param name="brush">What the numbers mean.</param>
    /// <param name="grid">The cells.</param>
    /// <exception cref="TorchException">The shape is another.</exception>
    public static Tensor OnCanvas(Tensor strokes, Brush brush, StrokeGrid grid)
    {
        if (strokes.Dimensions != 3 || strokes.Size(0) != grid.Cells || strokes.Size(2) != brush.Width)
        {
            throw new TorchException(
                $"strokes of shape [{string.Join(", ", strokes.Shape.ToArray())}]; a grid of {grid.Rows} x {grid.Columns} with the brush "
                + $"'{brush.Name}' has ({grid.Cells}, strokes, {brush.Width})");
        }

        double width = grid.Width / grid.Columns, height = grid.Height / grid.Rows;
        var scale = Enumerable.Repeat(1f, brush.Width).ToArray();
        foreach (int place in brush.Columns) scale[place] = (float)width;
        foreach (int place in brush.Rows) scale[place] = (float)height;
        foreach (int place in brush.Sizes) scale[place] = (float)(grid.Width < grid.Height ? width : height);
        var offset = new float[grid.Cells * brush.Width];
        for (int cell = 0; cell < grid.Cells; cell++)
        {
            foreach (int place in brush.Columns) offset[(cell * brush.Width) + place] = (float)(cell % grid.Columns * width);
            foreach (int place in brush.Rows) offset[(cell * brush.Width) + place] = (float)(cell / grid.Columns * height);
        }

        using var scope = new TensorScope();
        var moved = Tensor.From(offset, [grid.Cells, 1, brush.Width], strokes.Device);
        return scope.Keep((strokes * Tensor.From(scale, device: strokes.Device)) + moved);
    }
}
