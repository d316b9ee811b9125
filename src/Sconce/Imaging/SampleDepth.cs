using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Sconce.Imaging;

/// <summary>
/// Samples of 9 to 16 bits to 8. A camera of 10, 12 or 14 bits is often stored in 16 without being scaled up; taken for 16 bits, such a
/// picture is black.
/// The scale is what the caller says, else what the file says, else found: the least of 10, 12, 14 and 16 bits that holds the picture's
/// brightest sample.
/// </summary>
internal static class SampleDepth
{
    internal static RawPixels ToBytes(RawPixels raw, bool isCmyk, int? stated)
    {
        var samples = MemoryMarshal.Cast<byte, ushort>(raw.Bytes);
        var alphaAt = isCmyk ? 4 : raw.Bands is 2 or 4 ? raw.Bands - 1 : int.MaxValue;
        var bytes = GC.AllocateUninitializedArray<byte>(samples.Length);
        stated ??= raw.Most > 0 && BitOperations.IsPow2(raw.Most + 1) ? BitOperations.Log2((uint)raw.Most + 1) : null;
        if (stated is null && raw.Most > 0)
            Scale(samples, bytes, raw.Most);
        else
            Shift(samples, bytes, (stated ?? Bits(Brightest(samples, raw.Bands, alphaAt))) - 8, raw.Bands, alphaAt);
        return raw with { Depth = 8, Bytes = bytes, Most = 0 };
    }

    /// <summary>The least of 10, 12, 14 and 16 bits that holds a sample.</summary>
    internal static int Bits(int brightest) => brightest switch { < 1 << 10 => 10, < 1 << 12 => 12, < 1 << 14 => 14, _ => 16 };

    /// <summary>
    /// The high bytes of the bits in use, as Pillow reads 16-bit PNG and TIFF; alpha is always of 16 bits where colours are not scaled up.
    /// </summary>
    private static void Shift(ReadOnlySpan<ushort> samples, Span<byte> bytes, int shift, int bands, int alphaAt)
    {
        for (var i = 0; i < samples.Length; i++)
            bytes[i] = (byte)Math.Min(samples[i] >> shift, 255);
        for (var i = alphaAt; alphaAt < bands && i < samples.Length; i += bands)
            bytes[i] = (byte)(samples[i] >> 8);
    }

    /// <summary>To the nearest of 255 parts of white, as Netpbm's pamdepth.</summary>
    private static void Scale(ReadOnlySpan<ushort> samples, Span<byte> bytes, int most)
    {
        for (var i = 0; i < samples.Length; i++)
            bytes[i] = (byte)((samples[i] * 255L + most / 2) / most);
    }

    private static int Brightest(ReadOnlySpan<ushort> samples, int bands, int alphaAt)
    {
        var most = 0;
        if (alphaAt >= bands)
            return TensorPrimitives.Max(samples);
        for (var i = 0; i < samples.Length; i++)
        {
            if (i % bands != alphaAt)
                most = Math.Max(most, samples[i]);
        }
        return most;
    }
}
