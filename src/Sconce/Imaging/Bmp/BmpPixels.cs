using System.Buffers.Binary;
using System.Numerics;

namespace Sconce.Imaging.Bmp;

/// <summary>A BMP's pixels: packed indices, run lengths, or colours in bit fields.</summary>
internal static class BmpPixels
{
    internal static RawPixels Read(ReadOnlySpan<byte> file, BmpHeader header, string name)
    {
        var pixels = header.Compression is BmpCompression.Runs8 or BmpCompression.Runs4
            ? Coloured(BmpRuns.Read(file[Math.Min(header.PixelsAt, file.Length)..], header, name), header, name)
            : Rows(file, header, name);
        return new RawPixels(header.Width, header.Height, header.Bands, 8, pixels);
    }

    private static byte[] Rows(ReadOnlySpan<byte> file, BmpHeader header, string name)
    {
        int width = header.Width, bits = header.Bits;
        var rowBytes = (long)width * bits + 7 >> 3;
        var stride = (long)width * bits + 31 >> 5 << 2;
        if (header.PixelsAt + (header.Height - 1) * stride + rowBytes > file.Length)
            throw new ImageException(name,
                $"the BMP image is cut short: it has {file.Length:N0} bytes, fewer than its {width} x {header.Height} pixels take");
        var indexed = bits <= 8;
        var target = GC.AllocateUninitializedArray<byte>(checked(width * header.Height * (indexed ? 1 : header.Bands)));
        var fields = Array.ConvertAll(header.Masks, mask => new Field(mask));
        var targetRow = target.Length / header.Height;
        for (var y = 0; y < header.Height; y++)
        {
            var from = file.Slice((int)(header.PixelsAt + y * stride), (int)rowBytes);
            var to = target.AsSpan((header.TopDown ? y : header.Height - 1 - y) * targetRow, targetRow);
            switch (bits)
            {
                case 24: SwapRedAndBlue(from, to); break;
                case 16: FromWords(from, to, fields, header.Bands); break;
                case 32: FromDoubleWords(from, to, fields, header.Bands); break;
                default: Indices(from, to, bits); break;
            }
        }
        return indexed ? Coloured(target, header, name) : target;
    }

    /// <summary>Palette indices to colours, or to greys where the palette has no other.</summary>
    private static byte[] Coloured(byte[] indices, BmpHeader header, string name)
    {
        var palette = header.Palette;
        var most = indices.Length == 0 ? 0 : System.Numerics.Tensors.TensorPrimitives.Max<byte>(indices);
        if (most * 3 >= palette.Length)
            throw new ImageException(name, $"the BMP image is damaged: a pixel has the colour {most} of a palette of {palette.Length / 3}");
        if (header.Bands == 1)
        {
            for (var i = 0; i < indices.Length; i++)
                indices[i] = palette[3 * indices[i]];
            return indices;
        }
        var colours = GC.AllocateUninitializedArray<byte>(checked(3 * indices.Length));
        for (var i = 0; i < indices.Length; i++)
            palette.AsSpan(3 * indices[i], 3).CopyTo(colours.AsSpan(3 * i));
        return colours;
    }

    /// <summary>The leftmost pixel lies in the highest bits.</summary>
    private static void Indices(ReadOnlySpan<byte> from, Span<byte> to, int bits)
    {
        var inByte = 8 / bits;
        for (var x = 0; x < to.Length; x++)
            to[x] = (byte)(from[x / inByte] >> 8 - bits * (x % inByte + 1) & (1 << bits) - 1);
    }

    private static void SwapRedAndBlue(ReadOnlySpan<byte> from, Span<byte> to)
    {
        for (var i = 0; i < to.Length; i += 3)
            (to[i], to[i + 1], to[i + 2]) = (from[i + 2], from[i + 1], from[i]);
    }

    private static void FromWords(ReadOnlySpan<byte> from, Span<byte> to, Field[] fields, int bands)
    {
        for (int i = 0, o = 0; o < to.Length; i += 2, o += bands)
        {
            for (var band = 0; band < bands; band++)
                to[o + band] = fields[band].Of(BinaryPrimitives.ReadUInt16LittleEndian(from[i..]));
        }
    }

    private static void FromDoubleWords(ReadOnlySpan<byte> from, Span<byte> to, Field[] fields, int bands)
    {
        for (int i = 0, o = 0; o < to.Length; i += 4, o += bands)
        {
            for (var band = 0; band < bands; band++)
                to[o + band] = fields[band].Of(BinaryPrimitives.ReadUInt32LittleEndian(from[i..]));
        }
    }

    /// <summary>
    /// A colour's bits in a pixel, brought to 8 by value * 255 / most, truncated, as Pillow does (libImaging/Unpack.c, unpackBGR16).
    /// </summary>
    private readonly struct Field(uint mask)
    {
        private readonly int shift = mask == 0 ? 0 : BitOperations.TrailingZeroCount(mask);
        private readonly ulong most = mask == 0 ? 1 : mask >> BitOperations.TrailingZeroCount(mask);

        internal byte Of(uint pixel) => (byte)(((pixel & mask) >> shift) * 255UL / most);
    }
}
