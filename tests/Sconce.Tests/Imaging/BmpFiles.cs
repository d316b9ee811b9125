using System.Buffers.Binary;

namespace Sconce.Tests.Imaging;

/// <summary>BMP files of every kind, written from what their pixels are to be.</summary>
internal static class BmpFiles
{
    internal const int Width = 8, Height = 6;

    /// <summary>A file of a Windows header (40 bytes and more) or OS/2's (12).</summary>
    internal static byte[] File(
        int bits, byte[] pixels, int compression = 0, byte[]? palette = null, uint[]? masks = null, bool topDown = false, int header = 40,
        int width = Width, int height = Height, int gap = 0, int used = 0)
    {
        var data = new byte[14 + header];
        var masksOutside = header < 52 ? 4 * (masks?.Length ?? 0) : 0;
        "BM"u8.CopyTo(data);
        var at = data.Length + masksOutside + (palette?.Length ?? 0) + gap;
        Put(data, 2, at + pixels.Length);
        Put(data, 10, at);
        Put(data, 14, header);
        if (header == 12)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(18), (ushort)width);
            BinaryPrimitives.WriteUInt16LittleEndian(data.AsSpan(20), (ushort)height);
            (data[22], data[24]) = (1, (byte)bits);
        }
        else
        {
            Put(data, 18, width);
            Put(data, 22, topDown ? -height : height);
            (data[26], data[28], data[30]) = (1, (byte)bits, (byte)compression);
            Put(data, 34, pixels.Length);
            Put(data, 46, used);
        }
        byte[] outside = new byte[masksOutside];
        for (var i = 0; masks is not null && i < masks.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(header < 52 ? outside.AsSpan(4 * i) : data.AsSpan(54 + 4 * i), masks[i]);
        return [.. data, .. outside, .. palette ?? [], .. new byte[gap], .. pixels];
    }

    /// <summary>
    /// Indices of <paramref name="bits"/> bits, drawn by a key ("white": the last colour everywhere), in a palette of colours.
    /// </summary>
    internal static byte[] Indexed(int bits, string key, bool topDown = false, int header = 40, bool grey = false) =>
        File(bits, Rows(Indices(key, bits), bits, topDown), palette: Palette(bits, header == 12 ? 3 : 4, grey), topDown: topDown,
            header: header);

    internal static byte[] Indices(string key, int bits) =>
        key == "white" ? [.. Enumerable.Repeat((byte)((1 << bits) - 1), Width * Height)]
            : Array.ConvertAll(Figures.Draws(key, Width * Height), d => (byte)(d % (ulong)(1 << bits)));

    /// <summary>Blue, green, red of each entry.</summary>
    internal static byte[] Palette(int bits, int entry, bool grey)
    {
        var palette = new byte[entry << bits];
        for (var i = 0; i < 1 << bits; i++)
        {
            var (r, g, b) = Colour(i, bits, grey);
            (palette[entry * i], palette[entry * i + 1], palette[entry * i + 2]) = (b, g, r);
        }
        return palette;
    }

    internal static (byte R, byte G, byte B) Colour(int index, int bits, bool grey)
    {
        var light = (byte)(index * 255 / ((1 << bits) - 1));
        return grey ? (light, light, light) : (light, (byte)(255 - light), (byte)(light / 2));
    }

    /// <summary>Packs values of <paramref name="bits"/> bits, bottom row first, each row filled up to whole double words.</summary>
    internal static byte[] Rows(ReadOnlySpan<byte> values, int bits, bool topDown)
    {
        var stride = (Width * bits + 31) / 32 * 4;
        var packed = new byte[stride * Height];
        for (var y = 0; y < Height; y++)
        {
            var row = packed.AsSpan((topDown ? y : Height - 1 - y) * stride, stride);
            if (bits > 8)
            {
                values.Slice(y * Width * bits / 8, Width * bits / 8).CopyTo(row);
                continue;
            }
            for (var x = 0; x < Width; x++)
                row[x * bits / 8] |= (byte)(values[y * Width + x] << 8 - bits - x * bits % 8);
        }
        return packed;
    }

    private static void Put(byte[] data, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(at), value);
}
