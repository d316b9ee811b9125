using System.Numerics;
using System.Runtime.InteropServices;

namespace Sconce.Imaging.Resampling;

/// <summary>The same resampling in floating point, sums in double (Pillow's 32-bit float images): for 16-bit images, depth and heat
/// maps.</summary>
public static class FloatResampler
{
    /// <summary>
    /// (height, width, channels) -> (newHeight, newWidth, channels), interleaved, antialiased. Values outside [0, 1] are as good as any;
    /// bicubic and Lanczos overshoot the range of the input.
    /// </summary>
    /// <exception cref="ArgumentException">A length that is not height * width * channels, or a size below 1.</exception>
    public static float[] Resize(ReadOnlySpan<float> source, int width, int height, int channels, int newWidth, int newHeight,
        ResizeFilter filter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(Math.Min(width, height), channels), 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(newWidth, newHeight), 1);
        if (source.Length != (long)width * height * channels)
            throw new ArgumentException($"{height} x {width} x {channels} takes {(long)width * height * channels} floats, not "
                + $"{source.Length}.", nameof(source));
        if (filter == ResizeFilter.Nearest)
            return NearestResampler.Resize(source, width, height, channels, newWidth, newHeight);
        return Resize(source, width, height, channels, newWidth, newHeight, new PixelBox(0, 0, newWidth, newHeight), filter);
    }

    /// <summary>Of the result only what lies in the window.</summary>
    internal static float[] Resize(ReadOnlySpan<float> source, int width, int height, int channels, int newWidth, int newHeight,
        PixelBox window, ResizeFilter filter)
    {
        var pixels = source;
        if (newHeight == height)
        {
            pixels = pixels.Slice(window.Top * width * channels, window.Height * width * channels);
            height = newHeight = window.Height;
        }
        if (newWidth != width)
            pixels = Horizontal(pixels, height, channels, ResampleWeights.Compute(width, newWidth, filter, window.Left, window.Width),
                window.Width);
        else if (window.Width != width)
            pixels = Columns(pixels, width * channels, window.Left * channels, window.Width * channels);
        return newHeight == height
            ? pixels.ToArray()
            : Vertical(pixels, window.Width * channels, ResampleWeights.Compute(height, newHeight, filter, window.Top, window.Height),
                window.Height);
    }

    private static float[] Columns(ReadOnlySpan<float> source, int rowLength, int from, int count)
    {
        var result = new float[source.Length / rowLength * count];
        for (var y = 0; y < source.Length / rowLength; y++)
            source.Slice(y * rowLength + from, count).CopyTo(result.AsSpan(y * count));
        return result;
    }

    private static float[] Horizontal(ReadOnlySpan<float> source, int height, int channels, ResampleWeights weights, int newWidth)
    {
        var result = new float[checked(height * newWidth * channels)];
        var rowLength = source.Length / height;
        for (int y = 0, o = 0; y < height; y++)
        {
            var row = source.Slice(y * rowLength, rowLength);
            for (var x = 0; x < newWidth; x++)
            {
                var taps = weights.Weights.AsSpan(x * weights.Stride, weights.Count[x]);
                for (var c = 0; c < channels; c++, o++)
                {
                    var sum = 0.0;
                    var at = weights.First[x] * channels + c;
                    foreach (var weight in taps)
                    {
                        sum += row[at] * weight;
                        at += channels;
                    }
                    result[o] = (float)sum;
                }
            }
        }
        return result;
    }

    private static float[] Vertical(ReadOnlySpan<float> source, int rowLength, ResampleWeights weights, int newHeight)
    {
        var result = new float[checked(newHeight * rowLength)];
        var sums = new double[rowLength];
        for (var y = 0; y < newHeight; y++)
        {
            Array.Clear(sums);
            for (var i = 0; i < weights.Count[y]; i++)
                Accumulate(source.Slice((weights.First[y] + i) * rowLength, rowLength), weights.Weights[y * weights.Stride + i], sums);
            var row = result.AsSpan(y * rowLength, rowLength);
            for (var x = 0; x < row.Length; x++)
                row[x] = (float)sums[x];
        }
        return result;
    }

    private static void Accumulate(ReadOnlySpan<float> row, double weight, Span<double> sums)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        var totals = MemoryMarshal.Cast<double, Vector<double>>(sums);
        for (var v = 0; v < vectors.Length; v++)
        {
            Vector.Widen(vectors[v], out var low, out var high);
            totals[2 * v] += low * weight;
            totals[2 * v + 1] += high * weight;
        }
        for (var x = vectors.Length * Vector<float>.Count; x < row.Length; x++)
            sums[x] += row[x] * weight;
    }
}
