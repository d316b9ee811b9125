using System.Buffers.Binary;

namespace Sconce.Weights;

/// <summary>The checksum of zip records (polynomial 0xEDB88320), eight bytes a step. The first state is 0.</summary>
internal static class Crc32
{
    static readonly uint[] Tables = MakeTables();

    public static uint Append(uint state, ReadOnlySpan<byte> bytes)
    {
        var t = Tables.AsSpan();
        var crc = ~state;
        while (bytes.Length >= 8)
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ crc;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = t[(int)(0x700 + (low & 255))] ^ t[(int)(0x600 + (low >> 8 & 255))] ^ t[(int)(0x500
                + (low >> 16 & 255))] ^ t[(int)(0x400 + (low >> 24))]
                ^ t[(int)(0x300 + (high & 255))] ^ t[(int)(0x200 + (high >> 8 & 255))] ^ t[(int)(0x100
                    + (high >> 16 & 255))] ^ t[(int)(high >> 24)];
            bytes = bytes[8..];
        }
        foreach (var b in bytes)
            crc = t[(int)((crc ^ b) & 255)] ^ crc >> 8;
        return ~crc;
    }

    /// <summary>The checksum of bytes that may exceed 2 GiB.</summary>
    public static uint Of(ByteSource source)
    {
        uint crc = 0;
        for (long at = 0; at < source.Length; at += 1 << 24)
            crc = Append(crc, source.Span(at, (int)Math.Min(1 << 24, source.Length - at)));
        return crc;
    }

    static uint[] MakeTables()
    {
        var tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            var crc = i;
            for (var k = 0; k < 8; k++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
            tables[i] = crc;
        }
        for (var i = 256; i < tables.Length; i++)
            tables[i] = tables[i - 256] >> 8 ^ tables[tables[i - 256] & 255];
        return tables;
    }
}
