using Sconce.Imaging;

namespace Sconce.Data.Augmentations;

/// <summary>Hue turned as torchvision's <c>adjust_hue</c> does it for Pillow images: to 8-bit HSV, hue plus a number modulo 256, and back
/// (libImaging's Convert.c).</summary>
internal static class Hue
{
    /// <param name="image">8 bits.</param>
    /// <param name="turn">In [-0.5, 0.5], a share of the circle.</param>
    internal static Image Turn(Image image, double turn)
    {
        var shift = (int)(turn * 255) & 255;
        if (image.Channels == 1)
            return image;
        var result = image.Clone();
        var pixels = result.Pixels;
        for (var at = 0; at < pixels.Length; at += image.Channels)
        {
            var (h, s, v) = ToHsv(pixels[at], pixels[at + 1], pixels[at + 2]);
            (pixels[at], pixels[at + 1], pixels[at + 2]) = ToRgb((byte)(h + shift), s, v);
        }
        return result;
    }

    // Where C computes in float and where in double is Pillow's choice; the casts keep it.
    private static (byte H, byte S, byte V) ToHsv(byte r, byte g, byte b)
    {
        byte most = Math.Max(r, Math.Max(g, b)), least = Math.Min(r, Math.Min(g, b));
        if (most == least)
            return (0, 0, most);
        float range = most - least;
        var saturation = range / most;
        float red = (most - r) / range, green = (most - g) / range, blue = (most - b) / range;
        var hue = r == most ? blue - green : g == most ? (float)(2.0 + red - blue) : (float)(4.0 + green - red);
        hue = (float)((hue / 6.0 + 1.0) % 1.0);
        return ((byte)Math.Clamp((int)(hue * 255.0), 0, 255), (byte)Math.Clamp((int)(saturation * 255.0), 0, 255), most);
    }

    private static (byte R, byte G, byte B) ToRgb(byte h, byte s, byte v)
    {
        if (s == 0)
            return (v, v, v);
        var sector = (int)Math.Floor(h * 6.0 / 255.0);
        var rest = (float)(h * 6.0 / 255.0 - sector);
        var share = (float)(s / 255.0);
        byte p = Rounded(v * (1.0 - share)), q = Rounded(v * (1.0 - share * rest)), t = Rounded(v * (1.0 - share * (1.0 - rest)));
        return (sector % 6) switch
        {
            0 => (v, t, p),
            1 => (q, v, p),
            2 => (p, v, t),
            3 => (p, q, v),
            4 => (t, p, v),
            _ => (v, p, q),
        };
    }

    private static byte Rounded(double value) => (byte)Math.Clamp(Math.Round(value, MidpointRounding.AwayFromZero), 0, 255);
}
