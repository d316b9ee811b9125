namespace Sconce.Imaging;

public sealed partial class Image
{
    /// <summary>Samples as floats in [0, 1], planes one after another: (Channels, Height, Width), value / 255 (or / 65535), as
    /// torchvision's ToTensor.</summary>
    /// <exception cref="ArgumentException">The destination does not hold exactly Channels * Height * Width floats.</exception>
    public void CopyTo(Span<float> destination)
    {
        CheckFloats(destination.Length);
        for (var c = 0; c < Channels; c++)
            WritePlane(c, destination, mean: 0f, std: 1f);
    }

    /// <summary>(value / 255 - mean) / std in float32 into (Channels, Height, Width), as torchvision's ToTensor and Normalize.</summary>
    /// <param name="mean">One a channel, on the scale [0, 1].</param>
    /// <param name="std">One a channel, not 0.</param>
    /// <param name="destination">Exactly Channels * Height * Width floats.</param>
    /// <exception cref="ArgumentException">Lengths that do not fit, or a std of 0.</exception>
    public void Normalize(ReadOnlySpan<float> mean, ReadOnlySpan<float> std, Span<float> destination)
    {
        CheckFloats(destination.Length);
        if (mean.Length != Channels || std.Length != Channels)
            throw new ArgumentException($"The image has {Channels} channels, but {mean.Length} means and {std.Length} standard "
                + $"deviations are given.");
        if (std.Contains(0f))
            throw new ArgumentException("A standard deviation is 0.", nameof(std));
        if (Channels == 3 && BitDepth == 8)
        {
            WriteRgb(destination, mean, std);
            return;
        }
        for (var c = 0; c < Channels; c++)
            WritePlane(c, destination, mean[c], std[c]);
    }

    /// <summary>An 8-bit image from floats in [0, 1], (channels, height, width): clamp(value * 255 + 0.5), as torchvision's save_image; NaN
    /// is 0.</summary>
    /// <exception cref="ArgumentException">Not exactly channels * height * width floats.</exception>
    public static Image FromFloats(int width, int height, int channels, ReadOnlySpan<float> planes)
    {
        var image = new Image(width, height, channels);
        image.CheckFloats(planes.Length);
        var plane = width * height;
        for (var c = 0; c < channels; c++)
        {
            var source = planes.Slice(c * plane, plane);
            for (int i = 0, o = c; i < plane; i++, o += channels)
                image.bytes[o] = (byte)Math.Clamp(float.IsNaN(source[i]) ? 0f : source[i] * 255f + 0.5f, 0f, 255f);
        }
        return image;
    }

    /// <summary>The three planes in one walk over the pixels, through tables of the 256 results: the same floats, with one load and one
    /// store a sample.</summary>
    private unsafe void WriteRgb(Span<float> destination, ReadOnlySpan<float> mean, ReadOnlySpan<float> std)
    {
        var tables = stackalloc float[3 * 256];
        for (var c = 0; c < 3; c++)
        {
            for (var v = 0; v < 256; v++)
                tables[c * 256 + v] = (v / 255f - mean[c]) / std[c];
        }
        var count = Width * Height;
        fixed (byte* pixels = bytes)
        fixed (float* planes = destination)
        {
            float* red = planes, green = planes + count, blue = planes + 2L * count;
            var at = pixels;
            for (var i = 0; i < count; i++, at += 3)
            {
                red[i] = tables[at[0]];
                green[i] = tables[256 + at[1]];
                blue[i] = tables[512 + at[2]];
            }
        }
    }

    private void WritePlane(int channel, Span<float> destination, float mean, float std)
    {
        var plane = destination.Slice(channel * Width * Height, Width * Height);
        if (BitDepth == 16)
        {
            var wide = Pixels16;
            for (int i = 0, at = channel; i < plane.Length; i++, at += Channels)
                plane[i] = (wide[at] / 65535f - mean) / std;
            return;
        }
        Span<float> table = stackalloc float[256];
        for (var v = 0; v < 256; v++)
            table[v] = (v / 255f - mean) / std;
        var (pixels, step) = (bytes, Channels);
        for (int i = 0, at = channel; i < plane.Length; i++, at += step)
            plane[i] = table[pixels[at]];
    }

    private void CheckFloats(int count)
    {
        if (count != (long)Width * Height * Channels)
            throw new ArgumentException($"An image of {Channels} x {Height} x {Width} takes {(long)Width * Height * Channels} floats, "
                + $"not {count}.");
    }
}
