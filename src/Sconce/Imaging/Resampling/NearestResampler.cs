namespace Sconce.Imaging.Resampling;

/// <summary>Pillow's nearest neighbour (ImagingScaleAffine): positions are summed up step by step, which decides ties as Pillow does.</summary>
internal static class NearestResampler
{
    internal static T[] Resize<T>(ReadOnlySpan<T> source, int width, int height, int samplesPerPixel, int newWidth, int newHeight)
    {
        var columns = Positions(width, newWidth);
        var rows = Positions(height, newHeight);
        var result = new T[checked(newWidth * newHeight * samplesPerPixel)];
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

    private static int[] Positions(int inputs, int outputs)
    {
        var step = (double)inputs / outputs;
        var at = step * 0.5;
        var positions = new int[outputs];
        for (var o = 0; o < outputs; o++, at += step)
            positions[o] = Math.Min((int)at, inputs - 1);
        return positions;
    }
}
