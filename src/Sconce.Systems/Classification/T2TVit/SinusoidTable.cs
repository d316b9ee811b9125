using Sconce.Torch;

namespace Sconce.Systems.Classification.T2TVit;

/// <summary>Fixed positions: sines on even channels, cosines on odd ones, of wavelengths from 2π to 10000·2π; 1706.03762 §3.5.</summary>
public static class SinusoidTable
{
    /// <summary>The table <c>(1, positions, width)</c>, computed in double precision, stored in single.</summary>
    /// <param name="positions">Rows, the class token's first.</param>
    /// <param name="width">Channels.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is below 1.</exception>
    public static Tensor Create(int positions, int width)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(positions, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        var table = new float[(long)positions * width];
        for (int position = 0; position < positions; position++)
        {
            for (int channel = 0; channel < width; channel++)
            {
                double angle = position / Math.Pow(10000, 2.0 * (channel / 2) / width);
                table[((long)position * width) + channel] = (float)(channel % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle));
            }
        }

        return Tensor.From(table, [1, positions, width]);
    }
}
