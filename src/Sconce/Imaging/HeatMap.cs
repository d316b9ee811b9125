namespace Sconce.Imaging;

/// <summary>Numbers over a picture, from cold to hot, as colours: blue, yellow at the middle, red.</summary>
/// <param name="Values">Row by row, 0 for cold to 1 for hot.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public sealed record HeatMap(IReadOnlyList<double> Values, int Width, int Height)
{
    private static readonly (double At, double R, double G, double B)[] Colours =
        [(0, 20, 40, 160), (0.25, 30, 140, 220), (0.5, 250, 230, 60), (0.75, 240, 110, 20), (1, 200, 0, 0)];

    /// <summary>Between the four nearest numbers, at a place of the whole: (0, 0) is the upper left corner, (1, 1) the lower
    /// right.</summary>
    public double At(double across, double down)
    {
        double column = Math.Clamp((across * Width) - 0.5, 0, Width - 1), row = Math.Clamp((down * Height) - 0.5, 0, Height - 1);
        int left = (int)column, top = (int)row, right = Math.Min(left + 1, Width - 1), bottom = Math.Min(top + 1, Height - 1);
        double above = double.Lerp(Values[(top * Width) + left], Values[(top * Width) + right], column - left);
        double below = double.Lerp(Values[(bottom * Width) + left], Values[(bottom * Width) + right], column - left);
        return Math.Clamp(double.Lerp(above, below, row - top), 0, 1);
    }

    /// <summary>The heat over a part of a picture; the hot hides more than the cold.</summary>
    /// <param name="picture">Any size and kind; it is left as it is.</param>
    /// <param name="seen">The part that the numbers are of, in pixels of the picture; it may reach beyond its edges.</param>
    /// <param name="opacity">In [0, 1].</param>
    public Image Over(Image picture, PixelBox seen, double opacity)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var drawn = picture.To8Bit().ToRgb().Clone();
        var pixels = drawn.Pixels;
        for (int y = Math.Max(0, seen.Top); y < Math.Min(drawn.Height, seen.Bottom); y++)
        {
            for (int x = Math.Max(0, seen.Left); x < Math.Min(drawn.Width, seen.Right); x++)
            {
                double share = At((x + 0.5 - seen.Left) / (seen.Right - seen.Left), (y + 0.5 - seen.Top) / (seen.Bottom - seen.Top));
                double weight = opacity * Math.Min(1, 0.3 + (1.4 * share));
                var (r, g, b) = Colour(share);
                var pixel = pixels.Slice(3 * ((y * drawn.Width) + x), 3);
                (pixel[0], pixel[1], pixel[2]) = (Mix(pixel[0], r, weight), Mix(pixel[1], g, weight), Mix(pixel[2], b, weight));
            }
        }

        return drawn;
    }

    private static (double R, double G, double B) Colour(double share)
    {
        int k = 1;
        while (k < Colours.Length - 1 && Colours[k].At < share) k++;
        var (from, to) = (Colours[k - 1], Colours[k]);
        double part = (share - from.At) / (to.At - from.At);
        return (double.Lerp(from.R, to.R, part), double.Lerp(from.G, to.G, part), double.Lerp(from.B, to.B, part));
    }

    private static byte Mix(byte below, double above, double weight) => (byte)Math.Round(double.Lerp(below, above, weight));
}
