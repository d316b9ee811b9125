using System.Buffers.Binary;
using System.Numerics;

namespace Sconce.Imaging.Bmp;

/// <summary>How a BMP stores its pixels (BITMAPINFOHEADER's biCompression).</summary>
internal enum BmpCompression
{
    None = 0,
    Runs8 = 1,
    Runs4 = 2,
    BitFields = 3,
    AlphaBitFields = 6,
}

/// <summary>
/// A BMP's two headers and its palette, of every generation: OS/2's of 12, 16 and 64 bytes and Windows's of 40, 52, 56, 108 and 124
/// (wingdi.h: BITMAPCOREHEADER to BITMAPV5HEADER).
/// </summary>
internal sealed class BmpHeader
{
    /// <summary>The most bytes that a header, its masks and its palette take.</summary>
    internal const int MostBytes = FileHeader + 124 + 16 + 4 * 256;

    private const int FileHeader = 14, CoreHeader = 12, Os2Header = 64, WindowsHeader = 40, MasksEnd = 52, AlphaEnd = 56;

    private BmpHeader(int width, int height, int bits)
    {
        (Width, Height, Bits) = (width, height, bits);
    }

    internal int Width { get; }

    internal int Height { get; }

    /// <summary>Bits a pixel: 1, 2, 4, 8, 16, 24 or 32.</summary>
    internal int Bits { get; }

    /// <summary>Whether the first row stored is the uppermost one.</summary>
    internal bool TopDown { get; private init; }

    internal BmpCompression Compression { get; private init; }

    /// <summary>Where the pixels begin in the file.</summary>
    internal int PixelsAt { get; private set; }

    /// <summary>Red, green and blue of each entry; empty above 8 bits a pixel.</summary>
    internal byte[] Palette { get; private set; } = [];

    /// <summary>Red's, green's, blue's and alpha's bits in a pixel of 16 or 32.</summary>
    internal uint[] Masks { get; private set; } = [];

    /// <summary>1 where the palette holds greys alone, 4 with alpha, otherwise 3.</summary>
    internal int Bands { get; private set; } = 3;

    internal ImageInfo Info() => new(ImageFormat.Bmp, Width, Height, Bands, 8, 1, 1);

    /// <summary>Whether a file begins as a BMP whose header is of a known kind.</summary>
    internal static bool Begins(ReadOnlySpan<byte> start) =>
        start.Length >= FileHeader + 4 && start.StartsWith("BM"u8)
        && BinaryPrimitives.ReadUInt32LittleEndian(start[FileHeader..]) is 12 or 16 or 40 or 52 or 56 or 64 or 108 or 124;

    /// <summary>Reads the headers and the palette.</summary>
    /// <exception cref="ImageException">They are cut short, or say what cannot be.</exception>
    internal static BmpHeader Read(ReadOnlySpan<byte> file, string name)
    {
        var size = Int(file, FileHeader, name);
        var core = size == CoreHeader;
        int width, height, bits;
        if (core)
            (width, height, bits) = (Word(file, 18, name), Word(file, 20, name), Word(file, 24, name));
        else
            (width, height, bits) = (Int(file, 18, name), Int(file, 22, name), Word(file, 28, name));
        if (height == int.MinValue)
            throw new ImageException(name, "the BMP image declares a height that cannot be");
        var compression = size > 16 ? (BmpCompression)Int(file, 30, name) : BmpCompression.None;
        var header = new BmpHeader(width, Math.Abs(height), bits) { TopDown = height < 0, Compression = compression };
        header.CheckKind(size == Os2Header, name);
        header.Fill(file, size, name);
        return header;
    }

    private void CheckKind(bool os2, string name)
    {
        var known = Compression switch
        {
            BmpCompression.None => Bits is 1 or 2 or 4 or 8 or 16 or 24 or 32,
            BmpCompression.Runs8 => Bits == 8 && !TopDown,
            BmpCompression.Runs4 => Bits == 4 && !TopDown,
            BmpCompression.BitFields => Bits is 16 or 32 && !os2,
            BmpCompression.AlphaBitFields => Bits is 16 or 32,
            _ => false,
        };
        if (!known)
            throw new ImageException(name,
                $"the BMP image has {Bits} bits a pixel in the form {(int)Compression}, which is not read; save it as PNG");
    }

    /// <summary>Masks, palette and the pixels' place.</summary>
    private void Fill(ReadOnlySpan<byte> file, int size, string name)
    {
        var at = FileHeader + size;
        if (Bits is 16 or 32)
        {
            Masks = Bits == 16 ? [0x7C00, 0x03E0, 0x001F, 0] : [0xFF0000, 0xFF00, 0xFF, 0];
            if (Compression != BmpCompression.None)
            {
                // In Windows's first header the masks follow it; in later ones they lie at the same place, inside.
                var alpha = size >= AlphaEnd || Compression == BmpCompression.AlphaBitFields;
                for (var band = 0; band < (alpha ? 4 : 3); band++)
                    Masks[band] = (uint)Int(file, FileHeader + WindowsHeader + 4 * band, name);
                at += size >= MasksEnd ? 0 : alpha ? 16 : 12;
                CheckMasks(name);
            }
            Bands = Masks[3] != 0 ? 4 : 3;
        }
        else if (Bits <= 8)
        {
            at = ReadPalette(file, at, size, name);
        }
        var stated = Int(file, 10, name);
        PixelsAt = stated >= at || (stated > FileHeader + size && Bits <= 8) ? stated : stated == 0 ? at
            : throw new ImageException(name, $"the BMP image's pixels begin at byte {stated}, inside its headers");
    }

    private int ReadPalette(ReadOnlySpan<byte> file, int at, int size, string name)
    {
        var entry = size == CoreHeader ? 3 : 4;
        var used = size >= WindowsHeader ? Int(file, 46, name) : 0;
        var stated = Int(file, 10, name);
        var count = used > 0 && used < 1 << Bits ? used : 1 << Bits;
        // Some writers leave out entries without saying so: the pixels begin where the palette ends.
        if (stated > at && stated - at < count * entry)
            count = (stated - at) / entry;
        Palette = new byte[3 * count];
        var grey = true;
        for (var i = 0; i < count; i++, at += entry)
        {
            if (at + 3 > file.Length)
                throw new ImageException(name, "the BMP image is cut short inside its palette");
            (Palette[3 * i], Palette[3 * i + 1], Palette[3 * i + 2]) = (file[at + 2], file[at + 1], file[at]);
            grey &= file[at] == file[at + 1] && file[at] == file[at + 2];
        }
        Bands = grey ? 1 : 3;
        return at;
    }

    private void CheckMasks(string name)
    {
        uint seen = 0;
        foreach (var mask in Masks)
        {
            var run = mask == 0 ? 0 : mask >> BitOperations.TrailingZeroCount(mask);
            if ((run & (run + 1)) != 0 || (mask & seen) != 0 || (Bits == 16 && mask > 0xFFFF))
                throw new ImageException(name,
                    $"the BMP image's bit fields ({string.Join(", ", Masks.Select(m => m.ToString("x8")))}) are torn or overlap");
            seen |= mask;
        }
    }

    private static int Int(ReadOnlySpan<byte> file, int at, string name) =>
        at + 4 <= file.Length ? BinaryPrimitives.ReadInt32LittleEndian(file[at..]) : throw Short(name);

    private static int Word(ReadOnlySpan<byte> file, int at, string name) =>
        at + 2 <= file.Length ? BinaryPrimitives.ReadUInt16LittleEndian(file[at..]) : throw Short(name);

    private static ImageException Short(string name) => new(name, "the BMP image is cut short inside its header");
}
