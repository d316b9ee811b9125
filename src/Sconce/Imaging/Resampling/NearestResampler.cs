namespace Sconce.Imaging.Resampling;

/// <summary>Pillow's nearest neighbour (ImagingScaleAffine): positions are summed up step by step, which decides ties as Pillow
/// does.</summary>
internal static class NearestResampler
{
    internal static T[] Resize<T>(ReadOnlySpan<T> source, int width, int height, int samplesPerPixel, int newWidth, int newHeight) =>
        Resize(source, width, height, samplesPerPixel, newWidth, newHeight, new PixelBox(0, 0, newWidth, newHeight));

    /// <summary>Of the result only what lies in the window.</summary>
    internal static T[] Resize<T>(ReadOnlySpan<T> source, int width, int height, int samplesPerPixel, int newWidth, int newHeight,
        PixelBox window)
    {
        var columns = Positions(width, newWidth, window.Left, window.Width);
        var rows = Positions(height, newHeight, window.Top, window.Height);
        var result = new T[checked(window.Width * window.Height * samplesPerPixel)];
        var o = 0;
        foreach (var y in rows)
        {
            var row = source.Slice(y * width * samplesPerPixel, width * samplesPerPixel);
            foreach (var x in columns)
            {
                for (var c = 0; c < samplesPerPixel; c++)
                    result[o++] = row[x * samplesPerPixel + c];
            }
        }
        return result;
    }

    private static int[] Positions(int inputs, int outputs, int from, int count)
    {
        var step = (double)inputs / outputs;
        var at = step * 0.5;
        var positions = new int[count];
        for (var o = 0; o < from; o++)    // summed up, not multiplied: ties are decided by the rounding of the sums
            at += step;
        for (var o = 0; o < count; o++, at += step)
            positions[o] = Math.Min((int)at, inputs - 1);
        return positions;
    }
}
