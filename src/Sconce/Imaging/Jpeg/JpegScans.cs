using System.Buffers.Binary;

namespace Sconce.Imaging.Jpeg;

/// <summary>The scans of a JPEG (ITU T.81, annex B): each may cover the whole picture, whatever its length.</summary>
internal static class JpegScans
{
    private const int StartOfImage = 0xD8, EndOfImage = 0xD9, StartOfScan = 0xDA, FirstRestart = 0xD0, LastRestart = 0xD7;

    /// <summary>How many scans start before the file's end; counting stops beyond <paramref name="enough"/>.</summary>
    internal static long Count(ReadOnlySpan<byte> file, long enough)
    {
        long scans = 0;
        var at = 0;
        while (scans <= enough && file[at..].IndexOf((byte)0xFF) is >= 0 and var skip)
        {
            at += skip + 1;
            if (at >= file.Length)
                break;
            var marker = file[at];
            // Stuffed zeros and fill bytes belong to the data; these markers stand alone.
            if (marker is 0 or 0xFF or 0x01 or StartOfImage or (>= FirstRestart and <= LastRestart))
            {
                at += marker == 0xFF ? 0 : 1;
                continue;
            }
            if (marker == EndOfImage || at + 3 > file.Length)
                break;
            if (marker == StartOfScan)
                scans++;
            at = Math.Min(at + 1 + Math.Max(BinaryPrimitives.ReadUInt16BigEndian(file[(at + 1)..]), (ushort)2), file.Length);
        }
        return scans;
    }
}
