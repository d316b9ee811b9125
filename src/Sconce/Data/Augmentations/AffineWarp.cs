using Sconce.Imaging;

namespace Sconce.Data.Augmentations;

/// <summary>Pillow's <c>Image.transform(AFFINE)</c>, sample for sample: each pixel of the result is looked up where the map takes it
/// (libImaging's Geometry.c, 9.4).</summary>
internal static class AffineWarp
{
    /// <summary>The same size; what lies outside the source is <paramref name="fill"/>.</summary>
    /// <param name="image">8 bits.</param>
    /// <param name="inverse">From the result's points to the source's.</param>
    /// <param name="filter">Nearest, Bilinear or Bicubic.</param>
    /// <param name="fill">Black where left out.</param>
    internal static Image Apply(Image image, AffineMap inverse, ResizeFilter filter, Rgb fill = default)
    {
        var result = new Image(image.Width, image.Height, image.Channels);
        if (fill != default)
            result.Fill(new PixelBox(0, 0, image.Width, image.Height), fill);
        if (filter == ResizeFilter.Nearest)
            Nearest(image, result, inverse);
        else
            Interpolated(image, result, inverse, filter);
        return result;
    }

    /// <summary>In 16.16 fixed point, where the coordinates fit it (pictures below 32,768 pixels a side); a pure shift in floating
    /// point.</summary>
    private static void Nearest(Image image, Image result, AffineMap map)
    {
        var step = image.Channels;
        if ((map.B == 0 && map.D == 0) || image.Width >= 32768 || image.Height >= 32768)
        {
            for (var y = 0; y < result.Height; y++)
            {
                for (var x = 0; x < result.Width; x++)
                {
                    var (u, v) = map.Apply(x + 0.5, y + 0.5);
                    if (u >= 0 && u < image.Width && v >= 0 && v < image.Height)
                        image.Row((int)v).Slice((int)u * step, step).CopyTo(result.Row(y)[(x * step)..]);
                }
            }
            return;
        }
        long a = Fixed(map.A), b = Fixed(map.B), d = Fixed(map.D), e = Fixed(map.E);
        long startX = Fixed(map.C + map.A * 0.5 + map.B * 0.5), startY = Fixed(map.F + map.D * 0.5 + map.E * 0.5);
        for (var y = 0; y < result.Height; y++, startX += b, startY += e)
        {
            var (u, v) = (startX, startY);
            var row = result.Row(y);
            for (var x = 0; x < result.Width; x++, u += a, v += d)
            {
                long column = u >> 16, line = v >> 16;
                if (column >= 0 && column < image.Width && line >= 0 && line < image.Height)
                    image.Row((int)line).Slice((int)column * step, step).CopyTo(row[(x * step)..]);
            }
        }

        static long Fixed(double value) => (long)Math.Floor(value * 65536.0 + 0.5);
    }

    private static void Interpolated(Image image, Image result, AffineMap map, ResizeFilter filter)
    {
        var step = image.Channels;
        for (var y = 0; y < result.Height; y++)
        {
            var row = result.Row(y);
            for (var x = 0; x < result.Width; x++)
            {
                var (u, v) = map.Apply(x + 0.5, y + 0.5);
                if (!(u >= 0 && u < image.Width && v >= 0 && v < image.Height))
                    continue;
                for (var c = 0; c < step; c++)
                    row[x * step + c] = filter == ResizeFilter.Bilinear
                        ? Bilinear(image, u - 0.5, v - 0.5, c) : Bicubic(image, u - 0.5, v - 0.5, c);
            }
        }
    }

    private static byte Bilinear(Image image, double u, double v, int channel)
    {
        int x = (int)Math.Floor(u), y = (int)Math.Floor(v);
        double dx = u - x, dy = v - y;
        var upper = Along(y);
        var lower = y + 1 < image.Height ? Along(y + 1) : upper;
        return (byte)(upper + (lower - upper) * dy);

        double Along(int line)
        {
            double left = Sample(image, x, line, channel), right = Sample(image, x + 1, line, channel);
            return left + (right - left) * dx;
        }
    }

    private static byte Bicubic(Image image, double u, double v, int channel)
    {
        int x = (int)Math.Floor(u), y = (int)Math.Floor(v);
        double dx = u - x, dy = v - y;
        var first = Along(y - 1);
        var second = y >= 0 && y < image.Height ? Along(y) : first;
        var third = y + 1 >= 0 && y + 1 < image.Height ? Along(y + 1) : second;
        var fourth = y + 2 >= 0 && y + 2 < image.Height ? Along(y + 2) : third;
        return (byte)Math.Clamp(Cubic(first, second, third, fourth, dy), 0, 255);

        double Along(int line) => Cubic(Sample(image, x - 1, line, channel), Sample(image, x, line, channel),
            Sample(image, x + 1, line, channel), Sample(image, x + 2, line, channel), dx);
    }

    private static double Cubic(double a, double b, double c, double d, double t) =>
        b + t * (-a + c + t * (2 * (a - b) + c - d + t * (-a + b - c + d)));

    private static byte Sample(Image image, int x, int y, int channel) =>
        image.Row(Math.Clamp(y, 0, image.Height - 1))[Math.Clamp(x, 0, image.Width - 1) * image.Channels + channel];
}
