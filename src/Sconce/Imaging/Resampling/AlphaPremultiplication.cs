namespace Sconce.Imaging.Resampling;

/// <summary>Colours times alpha while resampling, so that the colour of transparent pixels does not bleed in (Pillow's RGBa).</summary>
internal static class AlphaPremultiplication
{
    /// <summary>Pillow's rgbA2rgba: colour * alpha / 255, rounded.</summary>
    internal static byte[] Multiply(ReadOnlySpan<byte> rgba)
    {
        var result = new byte[rgba.Length];
        for (var i = 0; i < result.Length; i += 4)
        {
            int alpha = rgba[i + 3];
            result[i] = (byte)((rgba[i] * alpha + 127) / 255);
            result[i + 1] = (byte)((rgba[i + 1] * alpha + 127) / 255);
            result[i + 2] = (byte)((rgba[i + 2] * alpha + 127) / 255);
            result[i + 3] = (byte)alpha;
        }
        return result;
    }

    /// <summary>Pillow's rgba2rgbA, in place: 255 * colour / alpha, truncated and clipped.</summary>
    internal static void Divide(Span<byte> rgba)
    {
        for (var i = 0; i < rgba.Length; i += 4)
        {
            int alpha = rgba[i + 3];
            if (alpha is 0 or 255)
                continue;
            for (var c = i; c < i + 3; c++)
                rgba[c] = (byte)Math.Min(255 * rgba[c] / alpha, 255);
        }
    }

    /// <summary>16-bit samples as floats, in place: colour * alpha / 65535.</summary>
    internal static void Multiply(Span<float> rgba)
    {
        for (var i = 0; i < rgba.Length; i += 4)
        {
            for (var c = i; c < i + 3; c++)
                rgba[c] *= rgba[i + 3] / 65535f;
        }
    }

    /// <summary>The inverse, in place; without alpha the colour stays.</summary>
    internal static void Divide(Span<float> rgba)
    {
        for (var i = 0; i < rgba.Length; i += 4)
        {
            for (var c = i; c < i + 3 && rgba[i + 3] > 0; c++)
                rgba[c] *= 65535f / rgba[i + 3];
        }
    }
}
