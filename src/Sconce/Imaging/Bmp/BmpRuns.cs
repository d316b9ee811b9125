namespace Sconce.Imaging.Bmp;

/// <summary>
/// Run lengths of 8 and 4 bits: pairs of a count and a value, with escapes for a row's end, the picture's end, a jump and a stretch of
/// plain pixels.
/// </summary>
internal static class BmpRuns
{
    private const int EndOfRow = 0, EndOfPicture = 1, Jump = 2;

    /// <summary>The palette's indices, row by row from the top; what jumps leave out is 0.</summary>
    internal static byte[] Read(ReadOnlySpan<byte> data, BmpHeader header, string name)
    {
        int width = header.Width, height = header.Height, x = 0, row = 0, at = 0;
        var four = header.Bits == 4;
        var indices = new byte[checked(width * height)];
        while (at + 1 < data.Length)
        {
            int count = data[at], value = data[at + 1];
            at += 2;
            if (count > 0)
            {
                var run = Pixels(indices, ref x, row, count);
                for (var i = 0; i < count; i++)
                    run[i] = (byte)(!four ? value : i % 2 == 0 ? value >> 4 : value & 15);
            }
            else if (value == EndOfRow)
            {
                (x, row) = (0, row + 1);
            }
            else if (value == EndOfPicture)
            {
                return indices;
            }
            else if (value == Jump)
            {
                if (at + 2 > data.Length)
                    break;
                (x, row) = (x + data[at], row + data[at + 1]);
                at += 2;
            }
            else
            {
                var bytes = four ? value + 1 >> 1 : value;
                if (at + bytes > data.Length)
                    break;
                var run = Pixels(indices, ref x, row, value);
                for (var i = 0; i < value; i++)
                    run[i] = (byte)(!four ? data[at + i] : i % 2 == 0 ? data[at + i / 2] >> 4 : data[at + i / 2] & 15);
                at += bytes + 1 & ~1;    // stretches end on whole words
            }
        }
        // Some writers leave the last mark out; the picture is whole where its last row is.
        return row >= height || (row == height - 1 && x >= width) ? indices
            : throw new ImageException(name, $"the BMP image is cut short: {row} of {height} rows are there");

        Span<byte> Pixels(byte[] all, ref int from, int line, int length)
        {
            if (line >= height || from + length > width)
                throw new ImageException(name,
                    $"the BMP image is damaged: a run of {length} pixels from ({from}, {line}) leaves its {width} x {height}");
            from += length;
            return all.AsSpan((height - 1 - line) * width + from - length, length);
        }
    }
}
