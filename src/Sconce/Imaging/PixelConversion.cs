using System.Numerics;
using System.Runtime.InteropServices;

namespace Sconce.Imaging;

/// <summary>Between stored samples and channels wanted, with Pillow's integer formulas (libImaging/Convert.c).</summary>
internal static class PixelConversion
{
    internal static Image ToImage(RawPixels raw, bool isCmyk, ColorMode mode, Rgb? background, int frames)
    {
        var hasAlpha = isCmyk ? raw.Bands == 5 : raw.Bands is 2 or 4;
        var channels = mode switch
        {
            ColorMode.Rgb => 3,
            ColorMode.Rgba => 4,
            ColorMode.Gray => 1,
            _ => hasAlpha ? background is null ? 4 : 3 : raw.Bands == 1 ? 1 : 3,
        };
        return Convert(raw, isCmyk, channels, background, frames);
    }

    internal static Image Convert(RawPixels raw, bool isCmyk, int channels, Rgb? background, int frames)
    {
        if (raw.Bands == channels && !isCmyk && (channels < 4 || background is null))
            return new Image(raw.Width, raw.Height, channels, raw.Depth, raw.Bytes) { FrameCount = frames };
        var image = new Image(raw.Width, raw.Height, channels, raw.Depth) { FrameCount = frames };
        if (raw.Depth == 8)
            Convert<byte>(raw.Bytes, raw.Bands, isCmyk, image.Pixels, channels, background, 255, 1);
        else
            Convert(MemoryMarshal.Cast<byte, ushort>(raw.Bytes), raw.Bands, isCmyk, image.Pixels16, channels, background, 65535, 257);
        return image;
    }

    private static void Convert<T>(ReadOnlySpan<T> source, int bands, bool isCmyk, Span<T> target, int channels, Rgb? background,
        long most, long unit)
        where T : unmanaged, IBinaryInteger<T>
    {
        var alphaAt = isCmyk ? 4 : bands is 2 or 4 ? bands - 1 : int.MaxValue;
        var (groundR, groundG, groundB) = background is { } b ? (b.R * unit, b.G * unit, b.B * unit) : default;
        for (int i = 0, o = 0; i < source.Length; i += bands, o += channels)
        {
            var pixel = source.Slice(i, bands);
            long r = long.CreateTruncating(pixel[0]), g = r, blue = r, alpha = most;
            if (isCmyk)
            {
                var light = most - long.CreateTruncating(pixel[3]);
                r = light - Round(r * light, most);
                g = light - Round(long.CreateTruncating(pixel[1]) * light, most);
                blue = light - Round(long.CreateTruncating(pixel[2]) * light, most);
            }
            else if (bands >= 3)
            {
                g = long.CreateTruncating(pixel[1]);
                blue = long.CreateTruncating(pixel[2]);
            }
            if (alphaAt < bands)
                alpha = long.CreateTruncating(pixel[alphaAt]);
            if (background is not null)
            {
                r = Round(r * alpha + groundR * (most - alpha), most);
                g = Round(g * alpha + groundG * (most - alpha), most);
                blue = Round(blue * alpha + groundB * (most - alpha), most);
                alpha = most;
            }
            if (channels == 1)
            {
                target[o] = T.CreateTruncating((r * 19595 + g * 38470 + blue * 7471 + 0x8000) >> 16);    // L24; a grey stays itself
                continue;
            }
            target[o] = T.CreateTruncating(r);
            target[o + 1] = T.CreateTruncating(g);
            target[o + 2] = T.CreateTruncating(blue);
            if (channels == 4)
                target[o + 3] = T.CreateTruncating(alpha);
        }
    }

    /// <summary>value / most to the nearest (Pillow's MULDIV255, DIV255: exact for these ranges).</summary>
    private static long Round(long value, long most) => (value + most / 2) / most;
}
