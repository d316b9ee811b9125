using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Sconce.Weights;

/// <summary>The bytes of a pickle, read front to back; whatever is not there is a fault with its place.</summary>
internal ref struct PickleInput(ReadOnlySpan<byte> bytes, CheckpointFile file, string record)
{
    const int LongestNumber = 1000;    // bytes: parsing decimal digits costs their square
    readonly ReadOnlySpan<byte> bytes = bytes;

    public int Position { get; private set; }

    public readonly CheckpointException Fault(string fault) => file.Fault($"{record}, byte {Position}: {fault}");

    public readonly CheckpointException Damage(string fault) => Fault($"{fault} {CheckpointFile.Damaged}");

    public byte Byte() => Take(1, "an instruction or its operand")[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2, "a 2-byte number"));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4, "a 4-byte number"));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, "a 4-byte number"));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, "an 8-byte number"));

    public double BigEndianDouble() => BinaryPrimitives.ReadDoubleBigEndian(Take(8, "a floating-point number"));

    /// <summary>A declared number of bytes.</summary>
    public ReadOnlySpan<byte> Take(ulong length, string what)
    {
        var left = (ulong)(bytes.Length - Position);
        if (length > left)
            throw Damage($"the pickle breaks off: {what} of {length} bytes, where {left} are left.");
        var part = bytes.Slice(Position, (int)length);
        Position += (int)length;
        return part;
    }

    public ReadOnlySpan<byte> Text(ulong length, string what)
    {
        if (length > (ulong)file.Limits.MaxTextBytes && length <= (ulong)(bytes.Length - Position))
            throw Fault($"{what} of {length} bytes. {CheckpointFile.TooMuch}");
        return Take(length, what);
    }

    public string Utf8(ulong length)
    {
        var text = Text(length, "a string");
        return Utf8Text(text);
    }

    public readonly string Utf8Text(ReadOnlySpan<byte> text) =>
        System.Text.Unicode.Utf8.IsValid(text) ? Encoding.UTF8.GetString(text) : throw Damage("a string that is not UTF-8.");

    /// <summary>A frame only says how many bytes to read ahead; it must be inside the pickle.</summary>
    public void Frame()
    {
        var length = UInt64();
        if (length > (ulong)(bytes.Length - Position))
            throw Damage($"the pickle breaks off: a frame of {length} bytes, where {bytes.Length - Position} are left.");
    }

    /// <summary>Text up to the end of the line, as protocol 0 writes.</summary>
    public ReadOnlySpan<byte> Line(int longest)
    {
        var rest = bytes[Position..];
        var length = rest.IndexOf((byte)'\n');
        if (length < 0)
            throw Damage("the pickle breaks off inside a line.");
        if (length > longest)
            throw Fault($"a line of {length} bytes. {CheckpointFile.TooMuch}");
        Position += length + 1;
        return rest[..length];
    }

    public string Name(string what)
    {
        var line = Line(LongestNumber);
        return line.IsEmpty ? throw Damage($"an empty {what}.") : Utf8Text(line);
    }

    /// <summary>A two's-complement number of any width.</summary>
    public object Long(uint length)
    {
        if (length > LongestNumber)
            throw Fault($"a number of {length} bytes. No checkpoint holds such numbers: do not trust the file.");
        return Shorten(new BigInteger(Take(length, "a number")));
    }

    public object DecimalInteger(bool mayBeBool)
    {
        var line = Line(LongestNumber);
        if (mayBeBool && line.SequenceEqual("00"u8))
            return false;
        if (mayBeBool && line.SequenceEqual("01"u8))
            return true;
        var text = Utf8Text(line).TrimEnd('L', '\r');
        return BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? Shorten(value) : throw Damage("a line that is no integer.");
    }

    public double DecimalFloat()
    {
        var text = Utf8Text(Line(LongestNumber));
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? value : throw Damage("a line that is no number.");
    }

    static object Shorten(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
}
