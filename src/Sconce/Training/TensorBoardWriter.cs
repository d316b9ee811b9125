using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Sconce.Training;

/// <summary>
/// Scalars as TensorBoard's event files hold them: records of a length, its masked CRC-32C, an <c>Event</c> message, its masked CRC-32C
/// (tensorflow/core/lib/io/record_writer.h, core/util/event.proto, core/framework/summary.proto).
/// </summary>
internal sealed class TensorBoardWriter : IDisposable
{
    /// <summary>TensorBoard looks for <c>tfevents</c> in names.</summary>
    public const string FileName = "events.out.tfevents.0.sconce";

    private const uint Mask = 0xA282EAD8;
    private readonly FileStream file;

    /// <summary>Opens the file and cuts off what is beyond <paramref name="length"/>, which a run that was killed wrote after its last
    /// checkpoint.</summary>
    public TensorBoardWriter(string path, long length)
    {
        file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        if (file.Length > length) file.SetLength(length);
        file.Seek(0, SeekOrigin.End);
        if (file.Length == 0) Write(Event(0, writer => Text(writer, 3, "brain.Event:2")));
    }

    /// <summary>Bytes written so far.</summary>
    public long Length => file.Length;

    /// <summary>Waits until the disk has it.</summary>
    public void FlushToDisk() => file.Flush(flushToDisk: true);

    /// <summary>Writes one point of each curve.</summary>
    public void Scalars(long step, params IEnumerable<(string Tag, double Value)> scalars) => Write(Event(step, writer =>
    {
        var summary = new ArrayBufferWriter<byte>();
        foreach (var (tag, value) in scalars)
        {
            var entry = new ArrayBufferWriter<byte>();
            Text(entry, 1, tag);
            Key(entry, 2, 5);
            BinaryPrimitives.WriteSingleLittleEndian(entry.GetSpan(4), (float)value);
            entry.Advance(4);
            Bytes(summary, 1, entry.WrittenSpan);
        }

        Bytes(writer, 5, summary.WrittenSpan);
    }));

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    /// <summary>The checksum as records have it: rotated and shifted, since checksums of data that hold checksums are weak.</summary>
    internal static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte one in data) crc = BitOperations.Crc32C(crc, one);
        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + Mask);
    }

    private static byte[] Event(long step, Action<ArrayBufferWriter<byte>> content)
    {
        var writer = new ArrayBufferWriter<byte>();
        Key(writer, 1, 1);
        BinaryPrimitives.WriteDoubleLittleEndian(writer.GetSpan(8), (DateTime.UtcNow - DateTime.UnixEpoch).TotalSeconds);
        writer.Advance(8);
        if (step != 0)
        {
            Key(writer, 2, 0);
            VarInt(writer, (ulong)step);
        }

        content(writer);
        return writer.WrittenSpan.ToArray();
    }

    private void Write(ReadOnlySpan<byte> data)
    {
        byte[] record = new byte[8 + 4 + data.Length + 4];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc(record.AsSpan(0, 8)));
        data.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), MaskedCrc(data));
        file.Write(record);
        file.Flush();
    }

    // Protocol buffers: a field is its number and wire type (0 varint, 1 eight bytes, 2 a length and bytes, 5 four bytes), then its value.
    private static void Key(ArrayBufferWriter<byte> writer, int field, int wire) => VarInt(writer, (ulong)((field << 3) | wire));

    private static void VarInt(ArrayBufferWriter<byte> writer, ulong value)
    {
        for (; value >= 0x80; value >>= 7) writer.Write([(byte)(value | 0x80)]);
        writer.Write([(byte)value]);
    }

    private static void Bytes(ArrayBufferWriter<byte> writer, int field, ReadOnlySpan<byte> bytes)
    {
        Key(writer, field, 2);
        VarInt(writer, (ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Text(ArrayBufferWriter<byte> writer, int field, string text) => Bytes(writer, field, Encoding.UTF8.GetBytes(text));
}
