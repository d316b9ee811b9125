using System.Buffers.Binary;

namespace Sconce.Imaging.Jpeg;

/// <summary>The orientation in a JPEG's EXIF segment (CIPA DC-008: tag 0x0112 of the first directory).</summary>
internal static class ExifOrientation
{
    private const int App1 = 0xE1, StartOfScan = 0xDA, Tag = 0x0112, Short = 3;

    /// <summary>1 to 8, 1 where the file has no EXIF; null where the segments are not plain enough to be sure.</summary>
    internal static int? Find(ReadOnlySpan<byte> file)
    {
        var at = 2;
        while (at + 4 <= file.Length && file[at] == 0xFF)
        {
            int marker = file[at + 1], length = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 2)..]);
            if (marker is 0xFF or 0x00 or (>= 0xD0 and <= 0xD9) || length < 2 || at + 2 + length > file.Length)
                return null;
            if (marker == StartOfScan)
                return 1;
            var segment = file.Slice(at + 4, length - 2);
            if (marker == App1 && segment.StartsWith("Exif\0\0"u8))
                return InDirectory(segment[6..]);
            at += 2 + length;
        }
        return null;
    }

    private static int? InDirectory(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 8)
            return null;
        bool? order = tiff[..4].SequenceEqual("II*\0"u8) ? true : tiff[..4].SequenceEqual("MM\0*"u8) ? false : null;
        if (order is not { } little)
            return null;
        var directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]);
        if (directory > tiff.Length - 2)
            return null;
        var entries = Word(tiff, (int)directory, little);
        for (var e = 0; e < entries; e++)
        {
            var entry = (int)directory + 2 + 12 * e;
            if (entry + 12 > tiff.Length)
                return null;
            if (Word(tiff, entry, little) != Tag)
                continue;
            return Word(tiff, entry + 2, little) == Short && Word(tiff, entry + 8, little) is >= 1 and <= 8 and var value ? value : null;
        }
        return 1;
    }

    private static int Word(ReadOnlySpan<byte> data, int at, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(data[at..]) : BinaryPrimitives.ReadUInt16BigEndian(data[at..]);
}
