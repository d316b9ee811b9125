using System.Text;
using System.Text.Unicode;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>UTF-8 as programs write it: the standard, Java's two-byte zero, and CESU-8's six-byte surrogate pairs.</summary>
static class Utf8Variants
{
    /// <summary>The text; null if the bytes are none of the three.</summary>
    public static string? Decode(byte[] bytes)
    {
        if (bytes.AsSpan().IndexOfAny((byte)0xC0, (byte)0xED) >= 0)
            bytes = Standardise(bytes);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
    }

    // As ftfy's codec does it, a line feed that ends the text passes for the last byte of a sequence.
    static byte[] Standardise(byte[] bytes)
    {
        var output = new List<byte>(bytes.Length);
        Span<byte> utf8 = stackalloc byte[4];
        var last = bytes.Length - 1;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] == 0xC0 && i < last && (bytes[i + 1] == 0x80 || (bytes[i + 1] == '\n' && i + 1 == last)))
            {
                output.Add(0);
                i++;
            }
            else if (bytes[i] == 0xED && i + 5 <= last && IsPair(bytes.AsSpan(i, 6), atEnd: i + 5 == last))
            {
                var scalar = new Rune((((bytes[i + 1] & 0x0F) << 16) | ((bytes[i + 2] & 0x3F) << 10)
                    | ((bytes[i + 4] & 0x0F) << 6) | (bytes[i + 5] & 0x3F)) + 0x10000);
                output.AddRange(utf8[..scalar.EncodeToUtf8(utf8)]);
                i += 5;
            }
            else
            {
                output.Add(bytes[i]);
            }
        }
        return [.. output];
    }

    static bool IsPair(ReadOnlySpan<byte> six, bool atEnd) =>
        six[1] is >= 0xA0 and <= 0xAF && IsContinuation(six[2]) && six[3] == 0xED && six[4] is >= 0xB0 and <= 0xBF
        && (IsContinuation(six[5]) || (atEnd && six[5] == '\n'));

    static bool IsContinuation(byte b) => (b & 0xC0) == 0x80;
}
