using System.Buffers.Binary;
using System.Text;

namespace Sconce.Tests.Imaging;

/// <summary>
/// A sound progressive grey JPEG of many scans, each of a few bytes: one of DC coefficients, then AC bands and refinements that are all
/// zero.
/// </summary>
internal static class JpegOfScans
{
    internal static byte[] Write(int side, int count)
    {
        using var file = new MemoryStream();
        var blocks = (side + 7) / 8 * ((side + 7) / 8);
        file.Write([0xFF, 0xD8]);
        Segment(file, 0xDB, [0, .. Enumerable.Repeat((byte)1, 64)]);
        Segment(file, 0xC2, [8, (byte)(side >> 8), (byte)side, (byte)(side >> 8), (byte)side, 1, 1, 0x11, 0]);
        Segment(file, 0xC4, [0x00, 1, .. new byte[15], 0x00]);     // DC: one code, "0", for no difference
        // AC: one code, "0", for a run of 16384 blocks and more without coefficients
        Segment(file, 0xC4, [0x10, 1, .. new byte[15], 0xE0]);
        Segment(file, 0xDA, [1, 1, 0x00, 0, 0, 0]);
        file.Write(Packed(new string('0', blocks)));
        var runs = new StringBuilder();
        for (var left = blocks; left > 0;)
        {
            var run = Math.Min(Math.Max(left, 16384), 32767);
            runs.Append('0').Append(Convert.ToString(run - 16384, 2).PadLeft(14, '0'));
            left -= run;
        }
        var bands = Packed(runs.ToString());
        for (int scan = 0, low = 13; low >= 0; low--)
        {
            for (var k = 1; k < 64 && scan < count; k++, scan++)
            {
                Segment(file, 0xDA, [1, 1, 0, (byte)k, (byte)k, (byte)((low == 13 ? 0 : low + 1) << 4 | low)]);
                file.Write(bands);
            }
        }
        file.Write([0xFF, 0xD9]);
        return file.ToArray();
    }

    private static void Segment(Stream file, byte marker, byte[] body)
    {
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)(body.Length + 2));
        file.Write([0xFF, marker]);
        file.Write(length);
        file.Write(body);
    }

    /// <summary>Bits to bytes, ones at the end, zeros stuffed after 0xFF.</summary>
    private static byte[] Packed(string bits)
    {
        var bytes = new List<byte>(bits.Length / 8 + 1);
        for (var i = 0; i < bits.Length; i += 8)
        {
            bytes.Add(Convert.ToByte(bits.Substring(i, Math.Min(8, bits.Length - i)).PadRight(8, '1'), 2));
            if (bytes[^1] == 0xFF)
                bytes.Add(0);
        }
        return [.. bytes];
    }
}
