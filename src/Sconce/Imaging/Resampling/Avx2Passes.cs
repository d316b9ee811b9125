using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sconce.Imaging.Resampling;

/// <summary>The inner loops of <see cref="ByteResampler"/> with 256-bit vectors. Sums are of 32 bits, exact modulo 2^32.</summary>
internal static unsafe class Avx2Passes
{
    // Bytes of four RGB or RGBA pixels, rearranged to 16-bit lanes: channel by channel the pixels 0 and 1, in the upper half 2 and 3. 0x80
    // gives zero.
    private static readonly Vector256<byte> PairsOfRgb = Pairs(3);
    private static readonly Vector256<byte> PairsOfRgba = Pairs(4);

    // Four 16-bit weights, both halves holding all: pair 0-1 four times below, pair 2-3 four times above.
    private static readonly Vector256<byte> WeightPairs =
        Vector256.Create(0x03020100, 0x03020100, 0x03020100, 0x03020100, 0x07060504, 0x07060504, 0x07060504, 0x07060504).AsByte();

    private static Vector256<byte> Pairs(int channels)
    {
        Span<byte> lanes = stackalloc byte[32];
        lanes.Fill(0x80);
        for (var half = 0; half < 2; half++)
        {
            for (var c = 0; c < channels; c++)
            {
                lanes[half * 16 + c * 4] = (byte)(half * 2 * channels + c);
                lanes[half * 16 + c * 4 + 2] = (byte)((half * 2 + 1) * channels + c);
            }
        }
        return Vector256.Create<byte>(lanes);
    }

    /// <summary>One row of 3- or 4-channel pixels. Reads up to 16 pixels past the last one used, writes up to 1 byte past the
    /// end.</summary>
    internal static void HorizontalColor(byte* row, byte* target, int channels, FixedWeights weights)
    {
        var order = channels == 3 ? PairsOfRgb : PairsOfRgba;
        var weightOrder = WeightPairs;
        fixed (short* highs = weights.High, lows = weights.Low)
        fixed (int* firsts = weights.First, counts = weights.Count)
        {
            for (var x = 0; x < weights.Outputs; x++)
            {
                var read = row + firsts[x] * channels;
                short* high = highs + (long)x * weights.Stride, low = lows + (long)x * weights.Stride;
                var sumHigh = Vector256<int>.Zero;
                var sumLow = Vector256<int>.Zero;
                for (var i = 0; i < counts[x]; i += 4)
                {
                    var four = Vector128.Load(read + i * channels);
                    var pixels = Avx2.Shuffle(Vector256.Create(four, four), order).AsInt16();
                    var weightHigh = Avx2.Shuffle(Vector256.Create(*(long*)(high + i)).AsByte(), weightOrder).AsInt16();
                    var weightLow = Avx2.Shuffle(Vector256.Create(*(long*)(low + i)).AsByte(), weightOrder).AsInt16();
                    sumHigh += Avx2.MultiplyAddAdjacent(pixels, weightHigh);
                    sumLow += Avx2.MultiplyAddAdjacent(pixels, weightLow);
                }
                var sums = (sumHigh << FixedWeights.LowBits) + sumLow;
                var sum = sums.GetLower() + sums.GetUpper() + Vector128.Create(FixedWeights.Rounding);
                var words = Sse2.PackSignedSaturate(sum >> FixedWeights.PrecisionBits, Vector128<int>.Zero);
                *(uint*)(target + x * channels) = Sse2.PackUnsignedSaturate(words, words).AsUInt32().ToScalar();
            }
        }
    }

    /// <summary>One row of grey pixels. Reads up to 15 pixels past the last one used.</summary>
    internal static void HorizontalGray(byte* row, byte* target, FixedWeights weights)
    {
        fixed (short* highs = weights.High, lows = weights.Low)
        fixed (int* firsts = weights.First, counts = weights.Count)
        {
            for (var x = 0; x < weights.Outputs; x++)
            {
                var read = row + firsts[x];
                short* high = highs + (long)x * weights.Stride, low = lows + (long)x * weights.Stride;
                var sumHigh = Vector256<int>.Zero;
                var sumLow = Vector256<int>.Zero;
                for (var i = 0; i < counts[x]; i += 16)
                {
                    var pixels = Avx2.ConvertToVector256Int16(read + i);
                    sumHigh += Avx2.MultiplyAddAdjacent(pixels, Vector256.Load(high + i));
                    sumLow += Avx2.MultiplyAddAdjacent(pixels, Vector256.Load(low + i));
                }
                var sum = Vector256.Sum((sumHigh << FixedWeights.LowBits) + sumLow) + FixedWeights.Rounding;
                target[x] = (byte)Math.Clamp(sum >> FixedWeights.PrecisionBits, 0, 255);
            }
        }
    }

    /// <summary>Output row y, 32 bytes at a time, the last 32 overlapping those before; so a row takes at least 32 bytes.</summary>
    internal static void VerticalRow(byte* source, int sourceStep, int rowBytes, byte* target, FixedWeights weights, int y)
    {
        fixed (short* high = &weights.High[y * weights.Stride], low = &weights.Low[y * weights.Stride])
        {
            var count = weights.Count[y];
            for (var x = 0; x < rowBytes; x += 32)
                Vertical32(source + Math.Min(x, rowBytes - 32), sourceStep, target + Math.Min(x, rowBytes - 32), high, low, count);
        }
    }

    private static void Vertical32(byte* source, int sourceStep, byte* target, short* high, short* low, int count)
    {
        Vector256<int> high0 = default, high1 = default, high2 = default, high3 = default, low0 = default, low1 = default,
            low2 = default, low3 = default;
        for (var i = 0; i < count; i += 2)
        {
            var upper = Vector256.Load(source + (long)i * sourceStep);
            var lower = i + 1 < count ? Vector256.Load(source + (long)(i + 1) * sourceStep) : Vector256<byte>.Zero;
            var weightHigh = Vector256.Create(*(int*)(high + i)).AsInt16();    // the weights of the two rows, side by side
            var weightLow = Vector256.Create(*(int*)(low + i)).AsInt16();
            var left = Avx2.UnpackLow(upper, lower);
            var right = Avx2.UnpackHigh(upper, lower);
            var pair0 = Avx2.UnpackLow(left, Vector256<byte>.Zero).AsInt16();
            var pair1 = Avx2.UnpackHigh(left, Vector256<byte>.Zero).AsInt16();
            var pair2 = Avx2.UnpackLow(right, Vector256<byte>.Zero).AsInt16();
            var pair3 = Avx2.UnpackHigh(right, Vector256<byte>.Zero).AsInt16();
            high0 += Avx2.MultiplyAddAdjacent(pair0, weightHigh);
            high1 += Avx2.MultiplyAddAdjacent(pair1, weightHigh);
            high2 += Avx2.MultiplyAddAdjacent(pair2, weightHigh);
            high3 += Avx2.MultiplyAddAdjacent(pair3, weightHigh);
            low0 += Avx2.MultiplyAddAdjacent(pair0, weightLow);
            low1 += Avx2.MultiplyAddAdjacent(pair1, weightLow);
            low2 += Avx2.MultiplyAddAdjacent(pair2, weightLow);
            low3 += Avx2.MultiplyAddAdjacent(pair3, weightLow);
        }
        // Packing undoes the unpacking's order within each 128 bits.
        var words0 = Avx2.PackSignedSaturate(Round(high0, low0), Round(high1, low1));
        var words1 = Avx2.PackSignedSaturate(Round(high2, low2), Round(high3, low3));
        Avx2.PackUnsignedSaturate(words0, words1).Store(target);
    }

    private static Vector256<int> Round(Vector256<int> high, Vector256<int> low) =>
        ((high << FixedWeights.LowBits) + low + Vector256.Create(FixedWeights.Rounding)) >> FixedWeights.PrecisionBits;
}
