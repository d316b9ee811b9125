using Sconce.Imaging;

namespace Sconce.Data.Augmentations;

/// <summary>
/// Changes of colour with Pillow's arithmetic (ImageEnhance, ImageOps, libImaging's Blend.c and Convert.c, 9.4), sample for sample, on
/// 8-bit images; alpha is left alone. A factor of 1 leaves an image as it is, 0 gives the degenerate one (black, grey), more than 1
/// exaggerates.
/// </summary>
public static class PixelOperations
{
    private static readonly byte[] Inverted = Table(v => (byte)(255 - v));

    /// <summary>Blended with black.</summary>
    public static Image Brightness(Image image, double factor) =>
        factor == 1 ? image : Mapped(image, Table(v => Blend(0, v, (float)factor)));

    /// <summary>Blended with the mean of its luma, rounded.</summary>
    public static Image Contrast(Image image, double factor)
    {
        if (factor == 1)
            return image;
        long sum = 0;
        var gray = image.ToGray();
        foreach (var v in gray.Pixels)
            sum += v;
        var mean = (int)((double)sum / gray.Pixels.Length + 0.5);
        return Mapped(image, Table(v => Blend(mean, v, (float)factor)));
    }

    /// <summary>Blended with its luma (ImageEnhance.Color).</summary>
    public static Image Saturation(Image image, double factor)
    {
        if (factor == 1 || image.Channels == 1)
            return image;
        var result = image.Clone();
        Span<byte> gray = image.ToGray().Pixels, pixels = result.Pixels;
        var step = image.Channels;
        for (int i = 0, at = 0; i < gray.Length; i++, at += step)
        {
            for (var c = 0; c < 3; c++)
                pixels[at + c] = Blend(gray[i], pixels[at + c], (float)factor);
        }
        return result;
    }

    /// <summary>Luma in all channels.</summary>
    public static Image Grayscale(Image image) => Saturation(image, 0);

    /// <summary>Blended with itself smoothed by (1 1 1; 1 5 1; 1 1 1) / 13, whose border is the image's.</summary>
    public static Image Sharpness(Image image, double factor)
    {
        if (factor == 1)
            return image;
        var result = image.Clone();
        Span<byte> from = image.Pixels, to = result.Pixels;
        int step = image.Channels, row = image.Width * step, colours = step == 4 ? 3 : step;
        for (var y = 1; y < image.Height - 1; y++)
        {
            for (var x = 1; x < image.Width - 1; x++)
            {
                for (var c = 0; c < colours; c++)
                {
                    var at = y * row + x * step + c;
                    var sum = 4 * from[at];
                    for (var above = at - row; above <= at + row; above += row)
                        sum += from[above - step] + from[above] + from[above + step];
                    to[at] = Blend((2 * sum + 13) / 26, from[at], (float)factor);
                }
            }
        }
        return result;
    }

    /// <summary>Values from <paramref name="threshold"/> on become 255 - value.</summary>
    public static Image Solarize(Image image, double threshold) => Mapped(image, Table(v => (byte)(v < threshold ? v : 255 - v)));

    /// <summary>Values below 128 grow by <paramref name="addition"/> (timm's SolarizeAdd).</summary>
    public static Image SolarizeAdd(Image image, int addition) =>
        Mapped(image, Table(v => (byte)(v < 128 ? Math.Clamp(v + addition, 0, 255) : v)));

    /// <summary>Only the highest bits of each value, 0 to 8 of them.</summary>
    public static Image Posterize(Image image, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bits);
        return bits >= 8 ? image : Mapped(image, Table(v => (byte)(v & ~((1 << (8 - bits)) - 1))));
    }

    /// <summary>255 - value.</summary>
    public static Image Invert(Image image) => Mapped(image, Inverted);

    /// <summary>Each channel stretched to 0 … 255.</summary>
    public static Image AutoContrast(Image image) => MappedByChannel(image, counts =>
    {
        int low = Array.FindIndex(counts, n => n > 0), high = Array.FindLastIndex(counts, n => n > 0);
        if (high <= low)
            return Table(v => (byte)v);
        var scale = 255.0 / (high - low);
        var offset = -low * scale;
        return Table(v => (byte)Math.Clamp((int)(v * scale + offset), 0, 255));
    });

    /// <summary>Each channel's histogram made flat.</summary>
    public static Image Equalize(Image image) => MappedByChannel(image, counts =>
    {
        var last = Array.FindLastIndex(counts, n => n > 0);
        var step = (counts.Sum() - counts[last]) / 255;
        if (step == 0)
            return Table(v => (byte)v);
        var table = new byte[256];
        var n = step / 2;
        for (var v = 0; v < 256; n += counts[v++])
            table[v] = (byte)Math.Min(n / step, 255);
        return table;
    });

    /// <summary>The image's mean colour, each channel rounded down.</summary>
    public static Rgb MeanColour(Image image)
    {
        var rgb = image.ToRgb();
        Span<long> sums = stackalloc long[3];
        for (var at = 0; at < rgb.Pixels.Length; at++)
            sums[at % 3] += rgb.Pixels[at];
        long count = rgb.Width * (long)rgb.Height;
        return new Rgb((byte)(sums[0] / count), (byte)(sums[1] / count), (byte)(sums[2] / count));
    }

    /// <summary>from + share * (to - from) in float32, cut to 0 … 255 and truncated (Blend.c).</summary>
    internal static byte Blend(int from, int to, float share) => (byte)Math.Clamp(from + share * (to - from), 0f, 255f);

    private static byte[] Table(Func<int, byte> value)
    {
        var table = new byte[256];
        for (var v = 0; v < 256; v++)
            table[v] = value(v);
        return table;
    }

    private static Image Mapped(Image image, byte[] table) => Mapped(image, [table, table, table]);

    private static Image Mapped(Image image, byte[][] tables)
    {
        var result = image.Clone();
        var pixels = result.Pixels;
        var step = image.Channels;
        for (var c = 0; c < (step == 4 ? 3 : step); c++)
        {
            var table = tables[c];
            for (var at = c; at < pixels.Length; at += step)
                pixels[at] = table[pixels[at]];
        }
        return result;
    }

    private static Image MappedByChannel(Image image, Func<int[], byte[]> table)
    {
        var tables = new byte[3][];
        for (var c = 0; c < (image.Channels == 1 ? 1 : 3); c++)
        {
            var counts = new int[256];
            for (var at = c; at < image.Pixels.Length; at += image.Channels)
                counts[image.Pixels[at]]++;
            tables[c] = table(counts);
        }
        return Mapped(image, tables);
    }
}
