namespace Sconce.Imaging.Resampling;

/// <summary>
/// Weights as 22-bit fixed point (Pillow's normalize_coeffs_8bpc), kept as two 16-bit halves, weight = High * 2^12 + Low with 0 &lt;= Low
/// &lt; 2^12, because the processor's multiply-and-add of 16-bit pairs is twice as fast as its 32-bit multiplication. Sums of both halves,
/// put together modulo 2^32, are exact.
/// </summary>
internal sealed class FixedWeights
{
    /// <summary>32 bits, less 8 of the sample, less 2 for overshoot.</summary>
    internal const int PrecisionBits = 32 - 8 - 2;

    internal const int LowBits = 12;

    /// <summary>One half: added before the shift, so that it rounds.</summary>
    internal const int Rounding = 1 << (PrecisionBits - 1);

    private FixedWeights(int[] first, int[] count, int stride)
    {
        (First, Count, Stride) = (first, count, stride);
        High = new short[first.Length * stride];
        Low = new short[first.Length * stride];
    }

    internal int[] First { get; }

    internal int[] Count { get; }

    /// <summary>A multiple of 16, zeros behind the last weight.</summary>
    internal int Stride { get; }

    internal short[] High { get; }

    internal short[] Low { get; }

    internal int Outputs => First.Length;

    /// <summary>The weight itself.</summary>
    internal int this[int output, int tap] => (High[output * Stride + tap] << LowBits) + Low[output * Stride + tap];

    internal static FixedWeights Compute(int inputs, int outputs, ResizeFilter filter, int from = 0, int? count = null)
    {
        var exact = ResampleWeights.Compute(inputs, outputs, filter, from, count);
        var result = new FixedWeights(exact.First, exact.Count, checked(exact.Stride + 15 & ~15));
        for (var o = 0; o < result.Outputs; o++)
        {
            for (var i = 0; i < exact.Count[o]; i++)
            {
                var scaled = exact.Weights[o * exact.Stride + i] * (1 << PrecisionBits);
                var weight = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
                result.High[o * result.Stride + i] = (short)(weight >> LowBits);
                result.Low[o * result.Stride + i] = (short)(weight & ((1 << LowBits) - 1));
            }
        }
        return result;
    }
}
