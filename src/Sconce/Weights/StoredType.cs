using System.Buffers.Binary;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>
/// A type of elements that files have and libtorch, in the versions that this library speaks to, has not: it is widened to one that holds
/// all its values, or it is only listed.
/// </summary>
/// <param name="Name">As the file's format spells it.</param>
/// <param name="Width">Bytes of an element in the file; 0 where it is less than one, or not known.</param>
/// <param name="Target">What its elements become.</param>
/// <param name="Widen">From the file's element, as a number without a sign, to the bits of the target's; null: nothing can be made of
/// it.</param>
internal sealed record StoredType(string Name, int Width, DType Target, Func<ulong, ulong>? Widen)
{
    /// <summary>The types of <c>safetensors/src/tensor.rs</c>.</summary>
    public static StoredType? InSafetensors(string name) => name switch
    {
        "F8_E4M3" => Float(name, exponent: 4, mantissa: 3, bias: 7, Specials.LastIsNan),
        "F8_E5M2" => Float(name, exponent: 5, mantissa: 2, bias: 15, Specials.Ieee),
        "F8_E4M3FNUZ" => Float(name, exponent: 4, mantissa: 3, bias: 8, Specials.NegativeZeroIsNan),
        "F8_E5M2FNUZ" => Float(name, exponent: 5, mantissa: 2, bias: 16, Specials.NegativeZeroIsNan),
        "F8_E8M0" => new(name, 1, DType.Float32, PowerOfTwo),
        "U16" => new(name, 2, DType.Int32, static bits => bits),
        "U32" => new(name, 4, DType.Int64, static bits => bits),
        "U64" => new(name, 8, DType.Int64, Signed),
        _ => null,
    };

    /// <summary>PyTorch's names, <c>float8_e4m3fn</c> say.</summary>
    public static StoredType? InTorch(string name) => name switch
    {
        "float8_e4m3fn" => InSafetensors("F8_E4M3")! with { Name = name },
        "float8_e5m2" => InSafetensors("F8_E5M2")! with { Name = name },
        "float8_e4m3fnuz" => InSafetensors("F8_E4M3FNUZ")! with { Name = name },
        "float8_e5m2fnuz" => InSafetensors("F8_E5M2FNUZ")! with { Name = name },
        "float8_e8m0fnu" => InSafetensors("F8_E8M0")! with { Name = name },
        "uint16" => InSafetensors("U16")! with { Name = name },
        "uint32" => InSafetensors("U32")! with { Name = name },
        "uint64" => InSafetensors("U64")! with { Name = name },
        _ => null,
    };

    /// <summary>NumPy's type strings, <c>&lt;u2</c> say.</summary>
    public static StoredType? InNumpy(string code) => code.TrimStart('<', '>', '|', '=') switch
    {
        "u2" or "uint16" => InSafetensors("U16")! with { Name = "uint16" },
        "u4" or "uint32" => InSafetensors("U32")! with { Name = "uint32" },
        "u8" or "uint64" => InSafetensors("U64")! with { Name = "uint64" },
        _ => null,
    };

    /// <summary>A type of which nothing can be made here.</summary>
    public static StoredType Unknown(string name) => new(name, 0, DType.UInt8, null);

    /// <summary>The same elements widened; memory is taken at the first use.</summary>
    /// <param name="file">Frees the memory when it closes, and is named in faults.</param>
    /// <param name="where">The tensor, for faults.</param>
    /// <param name="source">Whole elements of <see cref="Width"/> bytes.</param>
    /// <param name="bigEndian">Their byte order.</param>
    public unsafe ByteSource Widened(CheckpointFile file, string where, ByteSource source, bool bigEndian)
    {
        var (width, size, widen) = (Width, Target.Size(), Widen!);
        return file.Own(new FilledSource(source.Length / width * size, (destination, length) =>
        {
            var from = source.Pointer;
            for (long i = 0; i < length / size; i++, from += width)
            {
                var bits = Element(new ReadOnlySpan<byte>(from, width), bigEndian);
                ulong wide;
                try
                {
                    wide = widen(bits);
                }
                catch (OverflowException e)
                {
                    throw file.Fault($"{where}: it holds {bits}, more than an {Target.TorchName()} does. Convert it to a type that "
                        + $"libtorch has and save again.", e);
                }
                var to = new Span<byte>(destination + i * size, size);
                if (size == 4)
                    BitConverter.TryWriteBytes(to, (uint)wide);
                else
                    BitConverter.TryWriteBytes(to, wide);
            }
        }));
    }

    private enum Specials
    {
        /// <summary>The highest exponent is infinity, or with a fraction no number.</summary>
        Ieee,

        /// <summary>No infinity; all bits set but the sign is no number (OCP's E4M3).</summary>
        LastIsNan,

        /// <summary>Neither infinity nor a negative zero, whose bits are no number.</summary>
        NegativeZeroIsNan,
    }

    private static StoredType Float(string name, int exponent, int mantissa, int bias, Specials specials) =>
        new(name, 1, DType.Float32, bits =>
    {
        int fraction = (int)bits & ((1 << mantissa) - 1), power = (int)(bits >> mantissa) & ((1 << exponent) - 1),
            highest = (1 << exponent) - 1;
        var negative = bits >> 7 != 0;
        float value = specials switch
        {
            Specials.Ieee when power == highest => fraction == 0 ? float.PositiveInfinity : float.NaN,
            Specials.LastIsNan when (bits & 0x7F) == 0x7F => float.NaN,
            Specials.NegativeZeroIsNan when bits == 0x80 => float.NaN,
            _ when power == 0 => float.ScaleB(fraction, 1 - bias - mantissa),
            _ => float.ScaleB((1 << mantissa) + fraction, power - bias - mantissa),
        };
        return BitConverter.SingleToUInt32Bits(negative && !float.IsNaN(value) ? -value : value);
    });

    private static ulong PowerOfTwo(ulong bits) =>
        BitConverter.SingleToUInt32Bits(bits == 255 ? float.NaN : float.ScaleB(1, (int)bits - 127));

    private static ulong Signed(ulong bits) => bits <= long.MaxValue ? bits : throw new OverflowException();

    private static ulong Element(ReadOnlySpan<byte> bytes, bool bigEndian) => (bytes.Length, bigEndian) switch
    {
        (1, _) => bytes[0],
        (2, false) => BinaryPrimitives.ReadUInt16LittleEndian(bytes),
        (2, true) => BinaryPrimitives.ReadUInt16BigEndian(bytes),
        (4, false) => BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        (4, true) => BinaryPrimitives.ReadUInt32BigEndian(bytes),
        (_, false) => BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        _ => BinaryPrimitives.ReadUInt64BigEndian(bytes),
    };
}
