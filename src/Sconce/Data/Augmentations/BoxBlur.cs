using Sconce.Imaging;

namespace Sconce.Data.Augmentations;

/// <summary>Pillow's GaussianBlur: three extended box filters along each axis (Gwosdek et al., SSVM 2011), in 24-bit fixed point
/// (libImaging's BoxBlur.c, 9.4).</summary>
internal static class BoxBlur
{
    private const int Passes = 3;
    private const int Bits = 24;

    internal static Image Gaussian(Image image, double sigma)
    {
        var result = image.Clone();
        var radius = Radius((float)sigma);
        var whole = (int)radius;
        var weight = (uint)((1 << Bits) / (radius * 2 + 1));
        var outer = (uint)(((1 << Bits) - (whole * 2 + 1) * weight) / 2);
        int channels = image.Channels, row = image.Width * channels;
        byte[] line = new byte[Math.Max(image.Width, image.Height)], spare = new byte[line.Length];
        for (var y = 0; y < image.Height; y++)
        {
            for (var c = 0; c < channels; c++)
                Smooth(result.Pixels, y * row + c, channels, image.Width);
        }
        for (var at = 0; at < row; at++)
            Smooth(result.Pixels, at, row, image.Height);
        return result;

        void Smooth(Span<byte> pixels, int start, int step, int length)
        {
            for (var i = 0; i < length; i++)
                line[i] = pixels[start + i * step];
            for (var pass = 0; pass < Passes; pass++)
            {
                Pass(line.AsSpan(0, length), spare, whole, weight, outer);
                (line, spare) = (spare, line);
            }
            for (var i = 0; i < length; i++)
                pixels[start + i * step] = line[i];
        }
    }

    /// <summary>A box of 2 <paramref name="radius"/> + 1 samples of the given weight and one at each end of another; the ends of the line
    /// repeat.</summary>
    private static void Pass(ReadOnlySpan<byte> line, Span<byte> result, int radius, uint weight, uint outer)
    {
        var last = line.Length - 1;
        uint sum = 0;
        for (var i = -radius - 1; i < radius; i++)
            sum += line[Math.Clamp(i, 0, last)];    // the box around -1
        for (var x = 0; x <= last; x++)
        {
            sum += line[Math.Min(x + radius, last)];
            sum -= line[Math.Max(x - radius - 1, 0)];
            var ends = (uint)line[Math.Max(x - radius - 1, 0)] + line[Math.Min(x + radius + 1, last)];
            result[x] = (byte)((sum * weight + ends * outer + (1u << (Bits - 1))) >> Bits);
        }
    }

    /// <summary>The fractional radius of a box that, three times applied, has the deviation of the Gaussian.</summary>
    private static float Radius(float sigma)
    {
        var variance = sigma * sigma / Passes;
        var length = (float)Math.Sqrt(12.0 * variance + 1.0);
        var whole = (float)Math.Floor((length - 1.0) / 2.0);
        var rest = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
        rest /= 6 * (variance - (whole + 1) * (whole + 1));
        return whole + rest;
    }
}
