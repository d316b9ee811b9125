using System.Text;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Sconce.Weights;

/// <summary>
/// A strict reader of a zip archive's directory (PKWARE APPNOTE 6.3, zip64 included). Archives that two readers could read differently are
/// refused: duplicate or climbing names, overlapping records, local headers that contradict the directory, bytes between directory and end.
/// </summary>
internal sealed class ZipDirectory
{
    readonly Dictionary<string, ZipEntry> byName = new(StringComparer.Ordinal);
    readonly CheckpointFile file;
    long named;

    ZipDirectory(CheckpointFile file) => this.file = file;

    /// <summary>The records in the directory's order, folders left out.</summary>
    public List<ZipEntry> Entries { get; } = [];

    public ZipEntry? Find(string name) => byName.GetValueOrDefault(name);

    public static ZipDirectory Read(CheckpointFile file)
    {
        var zip = new ZipDirectory(file);
        var (offset, size, count) = zip.FindDirectory();
        zip.ReadEntries(offset, size, count);
        zip.CheckOverlaps(offset);
        zip.CheckBombs();
        return zip;
    }

    CheckpointException Fault(string fault) => file.Fault($"zip directory: {fault} {CheckpointFile.Damaged}");

    CheckpointException Fault(string name, string fault) =>
        file.Fault($"record {CheckpointFile.Quote(name)}: {fault} {CheckpointFile.Damaged}");

    (long Offset, long Size, long Count) FindDirectory()
    {
        var map = file.Map;
        var tailLength = (int)Math.Min(map.Length, 22 + 0xFFFF);
        var tail = map.Span(map.Length - tailLength, tailLength);
        var at = tail.Length - 22;
        while (at >= 0 && !(ReadUInt32LittleEndian(tail[at..]) == 0x06054b50
            && ReadUInt16LittleEndian(tail[(at + 20)..]) == tail.Length - at - 22))
            at--;
        if (at < 0)
            throw file.Fault($"the zip archive breaks off{LastRecordBegun()}: its directory, which comes last, is missing ({map.Length} "
                + $"bytes). {CheckpointFile.Damaged}");
        var end = tail[at..];
        var endOffset = map.Length - tailLength + at;
        long count = ReadUInt16LittleEndian(end[10..]), size = ReadUInt32LittleEndian(end[12..]),
            offset = ReadUInt32LittleEndian(end[16..]);
        if (ReadUInt16LittleEndian(end[4..]) is not (0 or 0xFFFF) || ReadUInt16LittleEndian(end[6..]) is not (0 or 0xFFFF)
            || ReadUInt16LittleEndian(end[8..]) != count)
            throw Fault("an archive in several volumes.");
        var directoryEnd = endOffset;
        if (endOffset >= 20 && ReadUInt32LittleEndian(map.Span(endOffset - 20, 20)) == 0x07064b50)
        {
            var at64 = ReadUInt64LittleEndian(map.Span(endOffset - 12, 8));
            if (at64 > (ulong)Math.Max(0, endOffset - 20 - 56) || ReadUInt32LittleEndian(map.Span((long)at64, 56)) != 0x06064b50)
                throw Fault("the zip64 end record is not where its locator says.");
            var end64 = map.Span((long)at64, 56);
            ulong count64 = ReadUInt64LittleEndian(end64[32..]), size64 = ReadUInt64LittleEndian(end64[40..]),
                offset64 = ReadUInt64LittleEndian(end64[48..]);
            if (count != 0xFFFF && (ulong)count != count64 || size != 0xFFFFFFFF && (ulong)size != size64 || offset != 0xFFFFFFFF
                && (ulong)offset != offset64)
                throw Fault("its two end records contradict each other.");
            if (size64 > long.MaxValue || offset64 > long.MaxValue || count64 > long.MaxValue)
                throw Fault("its end record holds absurd numbers.");
            (count, size, offset) = ((long)count64, (long)size64, (long)offset64);
            directoryEnd = (long)at64;
        }
        if (count > file.Limits.MaxEntries)
            throw file.Fault($"zip directory: {count} records. {CheckpointFile.TooMuch}");
        if (size > directoryEnd || offset != directoryEnd - size || size > int.MaxValue || size / 46 < count)
            throw Fault($"{count} records in {size} bytes at {offset}, where the file has room up to byte {directoryEnd}.");
        return (offset, size, count);
    }

    /// <summary>Names the record in which a truncated archive ends: the last local header with a printable name.</summary>
    string LastRecordBegun()
    {
        var length = (int)Math.Min(file.Map.Length, int.MaxValue);
        var bytes = file.Map.Span(file.Map.Length - length, length);
        for (var at = bytes.LastIndexOf("PK\u0003\u0004"u8); at >= 0; at = bytes[..at].LastIndexOf("PK\u0003\u0004"u8))
        {
            if (bytes.Length - at < 30)
                continue;
            int nameLength = ReadUInt16LittleEndian(bytes[(at + 26)..]);
            if (nameLength > 0 && nameLength <= bytes.Length - at - 30
                && !bytes.Slice(at + 30, nameLength).ContainsAnyExceptInRange((byte)0x20, (byte)0x7E))
                return " in record " + CheckpointFile.Quote(Encoding.ASCII.GetString(bytes.Slice(at + 30, nameLength)));
        }
        return "";
    }

    void ReadEntries(long offset, long size, long count)
    {
        var bytes = file.Map.Span(offset, (int)size);
        for (long i = 0; i < count; i++)
        {
            if (bytes.Length < 46 || ReadUInt32LittleEndian(bytes) != 0x02014b50)
                throw Fault($"record {i + 1} of {count} is not a directory entry.");
            int flags = ReadUInt16LittleEndian(bytes[8..]), method = ReadUInt16LittleEndian(bytes[10..]);
            var crc = ReadUInt32LittleEndian(bytes[16..]);
            int nameLength = ReadUInt16LittleEndian(bytes[28..]), extraLength = ReadUInt16LittleEndian(bytes[30..]),
                commentLength = ReadUInt16LittleEndian(bytes[32..]);
            var length = 46 + nameLength + extraLength + commentLength;
            if (length > bytes.Length)
                throw Fault($"record {i + 1} of {count} is cut off.");
            var rawName = bytes.Slice(46, nameLength);
            var name = Name(rawName);
            long packed = ReadUInt32LittleEndian(bytes[20..]), unpacked = ReadUInt32LittleEndian(bytes[24..]),
                header = ReadUInt32LittleEndian(bytes[42..]);
            Zip64(name, bytes.Slice(46 + nameLength, extraLength), ref packed, ref unpacked, ref header);
            if ((flags & 1) != 0)
                throw file.Fault($"record {CheckpointFile.Quote(name)}: it is encrypted. Unpack and repack the archive without "
                    + $"a password.");
            if (method is not (0 or 8))
                throw file.Fault($"record {CheckpointFile.Quote(name)}: compression method {method}, where checkpoints are stored (0) or "
                    + $"deflated (8). Repack the archive.");
            if (method == 0 && packed != unpacked)
                throw Fault(name, $"stored, yet {packed} bytes in the file and {unpacked} unpacked.");
            var data = CheckLocalHeader(name, rawName, flags, method, packed, unpacked, header, offset);
            var entry = new ZipEntry(name, method == 0, packed, unpacked, crc, header, data);
            if (!byName.TryAdd(name, entry))
                throw file.Fault($"record {CheckpointFile.Quote(name)} is in the archive twice, so that what it holds depends on who reads "
                    + $"it. Repack the archive.");
            if (!name.EndsWith('/'))
                Entries.Add(entry);
            else if (unpacked != 0)
                throw Fault(name, "a folder with content.");
            bytes = bytes[length..];
        }
        if (!bytes.IsEmpty)
            throw Fault($"{bytes.Length} bytes after its last record.");
    }

    string Name(ReadOnlySpan<byte> raw)
    {
        named += raw.Length;
        if (named > file.Limits.MaxNameCharacters)
            throw file.Fault($"zip directory: names of more than {file.Limits.MaxNameCharacters} characters together. "
                + $"{CheckpointFile.TooMuch}");
        var name = System.Text.Unicode.Utf8.IsValid(raw) ? Encoding.UTF8.GetString(raw) : Encoding.Latin1.GetString(raw);
        if (name.Length == 0 || name[0] == '/' || name.Contains('\\') || name.Any(char.IsControl)
            || name.Split('/').Any(part => part is ".." or ".") || name.Contains(':') && name.IndexOf(':') == 1)
            throw file.Fault($"record {CheckpointFile.Quote(name)}: a name that leads out of the archive or into its own spelling. No "
                + $"program writes checkpoints so: do not trust the file.");
        return name;
    }

    void Zip64(string name, ReadOnlySpan<byte> extra, ref long packed, ref long unpacked, ref long header)
    {
        while (extra.Length >= 4)
        {
            int id = ReadUInt16LittleEndian(extra), length = ReadUInt16LittleEndian(extra[2..]);
            if (length > extra.Length - 4)
                throw Fault(name, "an extra field that is cut off.");
            if (id == 1)
            {
                var field = extra.Slice(4, length);
                Widen(ref unpacked, ref field);
                Widen(ref packed, ref field);
                Widen(ref header, ref field);
            }
            extra = extra[(4 + length)..];
        }

        void Widen(ref long value, ref ReadOnlySpan<byte> field)
        {
            if (value != 0xFFFFFFFF)
                return;
            if (field.Length < 8 || ReadInt64LittleEndian(field) < 0)
                throw Fault(name, "a zip64 field that is cut off or negative.");
            value = ReadInt64LittleEndian(field);
            field = field[8..];
        }
    }

    long CheckLocalHeader(string name, ReadOnlySpan<byte> rawName, int flags, int method, long packed, long unpacked,
        long header, long directory)
    {
        if (header > directory - 30 || ReadUInt32LittleEndian(file.Map.Span(header, 30)) != 0x04034b50)
            throw Fault(name, $"no record begins at byte {header}, where the directory has it.");
        var local = file.Map.Span(header, 30);
        int nameLength = ReadUInt16LittleEndian(local[26..]), extraLength = ReadUInt16LittleEndian(local[28..]);
        var data = header + 30 + nameLength + extraLength;
        if (data > directory || packed > directory - data)
            throw Fault(name, $"its {packed} bytes reach beyond the archive.");
        if (!file.Map.Span(header + 30, nameLength).SequenceEqual(rawName) || ReadUInt16LittleEndian(local[8..]) != method
            || ((ReadUInt16LittleEndian(local[6..]) ^ flags) & 1) != 0)
            throw Fault(name, "its own header contradicts the directory.");
        long localPacked = ReadUInt32LittleEndian(local[18..]), localUnpacked = ReadUInt32LittleEndian(local[22..]);
        // With flag 8 (PyTorch) the sizes follow the data and the header's are zero.
        var late = (ReadUInt16LittleEndian(local[6..]) & 8) != 0;
        if (!Agrees(localPacked, packed, late) || !Agrees(localUnpacked, unpacked, late))
            throw Fault(name, $"its own header says {localPacked} bytes, the directory {packed}.");
        return data;

        static bool Agrees(long local, long central, bool late) => local == central || local == 0xFFFFFFFF || late && local == 0;
    }

    void CheckOverlaps(long directory)
    {
        var end = 0L;
        foreach (var entry in byName.Values.OrderBy(e => e.HeaderOffset))
        {
            if (entry.HeaderOffset < end)
                throw Fault(entry.Name, "it overlaps the record before it.");
            end = entry.DataOffset + entry.PackedSize;
        }
        if (end > directory)
            throw Fault("records reach into it.");
    }

    void CheckBombs()
    {
        Int128 total = 0;
        foreach (var entry in Entries.Where(e => !e.Stored))
        {
            // Deflate packs 258 bytes into two bits at best: 1,032 to one.
            if (entry.Size / 1040 > entry.PackedSize + 16)
                throw Fault(entry.Name, $"{entry.PackedSize} compressed bytes cannot hold the {entry.Size} declared.");
            total += entry.Size;
        }
        if (total > file.Limits.MaxInflatedBytes)
            throw file.Fault($"its compressed records would expand to {total} bytes, more than {file.Limits.MaxInflatedBytes}. "
                + $"{CheckpointFile.TooMuch}");
    }
}
