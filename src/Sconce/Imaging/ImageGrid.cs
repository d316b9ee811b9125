namespace Sconce.Imaging;

/// <summary>Several images side by side in one, for reports.</summary>
public static class ImageGrid
{
    /// <summary>
    /// Lays the images out row by row, each in the middle of a cell as large as the largest image, with <paramref name="padding"/> pixels
    /// around every cell. The result is 8-bit RGB; alpha is blended on the background.
    /// </summary>
    /// <param name="images">One or more, of any sizes.</param>
    /// <param name="columns">Cells a row, at least 1; fewer images make a narrower grid.</param>
    /// <param name="padding">Pixels between and around the cells.</param>
    /// <param name="background">Black if null.</param>
    /// <exception cref="ArgumentException">There is no image.</exception>
    public static Image Create(IEnumerable<Image> images, int columns = 8, int padding = 2, Rgb? background = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(padding);
        var ground = background ?? Rgb.Black;
        var cells = images.Select(image => image.To8Bit().ToRgb(ground)).ToArray();
        if (cells.Length == 0)
            throw new ArgumentException("A grid takes at least one image.", nameof(images));
        columns = Math.Min(columns, cells.Length);
        var rows = (cells.Length + columns - 1) / columns;
        int width = cells.Max(cell => cell.Width), height = cells.Max(cell => cell.Height);
        var grid = new Image(checked(columns * (width + padding) + padding), checked(rows * (height + padding) + padding));
        grid.Fill(new PixelBox(0, 0, grid.Width, grid.Height), ground);
        for (var i = 0; i < cells.Length; i++)
        {
            var (row, column) = Math.DivRem(i, columns);
            var left = padding + column * (width + padding) + (width - cells[i].Width) / 2;
            var top = padding + row * (height + padding) + (height - cells[i].Height) / 2;
            grid.Paste(cells[i], left, top);
        }
        return grid;
    }
}
