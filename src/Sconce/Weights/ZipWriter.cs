using System.Buffers.Binary;
using System.Text;

namespace Sconce.Weights;

/// <summary>Writes a zip archive of stored records whose bytes begin at multiples of 64, as PyTorch's own do, so that readers can map them.
/// Large ones become zip64.</summary>
internal sealed class ZipWriter(Stream stream)
{
    const int Alignment = 64;
    const uint Beyond = 0xFFFFFFFF;
    readonly List<(byte[] Name, uint Crc, long Size, long Header)> entries = [];

    public void Add(string name, byte[] content, CancellationToken cancellationToken) =>
        StorageData.Of(content).Use(pointer => Add(name, pointer, content.Length, cancellationToken));

    public void Add(string name, nint bytes, long size, CancellationToken cancellationToken)
    {
        var header = stream.Position;
        var raw = Encoding.UTF8.GetBytes(name);
        var large = size >= Beyond;
        var fixedLength = 30 + raw.Length + (large ? 20 : 0) + 4;    // 4: the padding field's own head
        var padding = (int)((Alignment - (header + fixedLength) % Alignment) % Alignment);
        var local = new byte[fixedLength + padding];
        var span = local.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(span, 0x04034b50);
        Common(span[4..], large, 0, size);
        BinaryPrimitives.WriteUInt16LittleEndian(span[26..], (ushort)raw.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(span[28..], (ushort)(local.Length - 30 - raw.Length));
        raw.CopyTo(span[30..]);
        var extra = span[(30 + raw.Length)..];
        if (large)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(extra, 1);
            BinaryPrimitives.WriteUInt16LittleEndian(extra[2..], 16);
            BinaryPrimitives.WriteInt64LittleEndian(extra[4..], size);
            BinaryPrimitives.WriteInt64LittleEndian(extra[12..], size);
            extra = extra[20..];
        }
        "FB"u8.CopyTo(extra);
        BinaryPrimitives.WriteUInt16LittleEndian(extra[2..], (ushort)padding);
        extra[4..].Fill((byte)'Z');
        stream.Write(local);

        uint crc = 0;
        TensorBytes.WriteBytes(stream, bytes, size, cancellationToken, part => crc = Crc32.Append(crc, part));
        var end = stream.Position;
        Span<byte> sum = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(sum, crc);
        stream.Position = header + 14;
        stream.Write(sum);
        stream.Position = end;
        entries.Add((raw, crc, size, header));
    }

    /// <summary>Writes the directory.</summary>
    public void Finish()
    {
        var start = stream.Position;
        foreach (var (name, crc, size, header) in entries)
        {
            bool large = size >= Beyond, far = header >= Beyond;
            var extraLength = large || far ? 4 + (large ? 16 : 0) + (far ? 8 : 0) : 0;
            var entry = new byte[46 + name.Length + extraLength];
            var span = entry.AsSpan();
            BinaryPrimitives.WriteUInt32LittleEndian(span, 0x02014b50);
            BinaryPrimitives.WriteUInt16LittleEndian(span[4..], 45);
            Common(span[6..], large || far, crc, size);
            BinaryPrimitives.WriteUInt16LittleEndian(span[28..], (ushort)name.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(span[30..], (ushort)extraLength);
            BinaryPrimitives.WriteUInt32LittleEndian(span[42..], far ? Beyond : (uint)header);
            name.CopyTo(span[46..]);
            if (extraLength > 0)
            {
                var extra = span[(46 + name.Length)..];
                BinaryPrimitives.WriteUInt16LittleEndian(extra, 1);
                BinaryPrimitives.WriteUInt16LittleEndian(extra[2..], (ushort)(extraLength - 4));
                extra = extra[4..];
                if (large)
                {
                    BinaryPrimitives.WriteInt64LittleEndian(extra, size);
                    BinaryPrimitives.WriteInt64LittleEndian(extra[8..], size);
                    extra = extra[16..];
                }
                if (far)
                    BinaryPrimitives.WriteInt64LittleEndian(extra, header);
            }
            stream.Write(entry);
        }
        End(start, stream.Position - start);
    }

    /// <summary>What local headers and directory entries share: version, flags, method, time (1980-01-01, so that equal content makes equal
    /// files), checksum, sizes.</summary>
    static void Common(Span<byte> span, bool zip64, uint crc, long size)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(span, (ushort)(zip64 ? 45 : 20));
        BinaryPrimitives.WriteUInt16LittleEndian(span[2..], 0x0800);    // names are UTF-8
        BinaryPrimitives.WriteUInt16LittleEndian(span[8..], 0x0021);
        BinaryPrimitives.WriteUInt32LittleEndian(span[10..], crc);
        var shown = size >= Beyond ? Beyond : (uint)size;
        BinaryPrimitives.WriteUInt32LittleEndian(span[14..], shown);
        BinaryPrimitives.WriteUInt32LittleEndian(span[18..], shown);
    }

    void End(long start, long length)
    {
        Span<byte> span = stackalloc byte[98];
        span.Clear();
        var used = 22;
        if (entries.Count >= 0xFFFF || start >= Beyond || length >= Beyond)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(span, 0x06064b50);
            BinaryPrimitives.WriteInt64LittleEndian(span[4..], 44);
            BinaryPrimitives.WriteUInt16LittleEndian(span[12..], 45);
            BinaryPrimitives.WriteUInt16LittleEndian(span[14..], 45);
            BinaryPrimitives.WriteInt64LittleEndian(span[24..], entries.Count);
            BinaryPrimitives.WriteInt64LittleEndian(span[32..], entries.Count);
            BinaryPrimitives.WriteInt64LittleEndian(span[40..], length);
            BinaryPrimitives.WriteInt64LittleEndian(span[48..], start);
            BinaryPrimitives.WriteUInt32LittleEndian(span[56..], 0x07064b50);
            BinaryPrimitives.WriteInt64LittleEndian(span[64..], start + length);
            BinaryPrimitives.WriteUInt32LittleEndian(span[72..], 1);
            used = 98;
        }
        var end = span[(used - 22)..];
        BinaryPrimitives.WriteUInt32LittleEndian(end, 0x06054b50);
        BinaryPrimitives.WriteUInt16LittleEndian(end[8..], (ushort)Math.Min(entries.Count, 0xFFFF));
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], (ushort)Math.Min(entries.Count, 0xFFFF));
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], (uint)Math.Min(length, Beyond));
        BinaryPrimitives.WriteUInt32LittleEndian(end[16..], (uint)Math.Min(start, Beyond));
        stream.Write(span[..used]);
    }
}
