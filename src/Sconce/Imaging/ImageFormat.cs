using Sconce.Files;

namespace Sconce.Imaging;

/// <summary>The image formats that are read; PNG, JPEG and WebP are also written.</summary>
public enum ImageFormat
{
    /// <summary>JPEG: grey, RGB or CMYK.</summary>
    Jpeg,

    /// <summary>PNG: 1 to 16 bits a sample, palettes, alpha.</summary>
    Png,

    /// <summary>WebP: lossy, lossless, alpha, animated.</summary>
    WebP,

    /// <summary>TIFF and BigTIFF: 8 or 16 bits a sample, any number of pages.</summary>
    Tiff,

    /// <summary>GIF, animated too.</summary>
    Gif,

    /// <summary>BMP of Windows and OS/2: 1 to 32 bits a pixel, palettes, run lengths, bit fields.</summary>
    Bmp,

    /// <summary>PBM, PGM and PPM (Netpbm), binary or text, up to 16 bits a sample.</summary>
    Netpbm,

    /// <summary>AVIF, of 8 to 12 bits.</summary>
    Avif,
}

/// <summary>Tells a format by its first bytes; file extensions are not believed.</summary>
internal static class ImageFormats
{
    /// <summary>How many first bytes <see cref="Sniff"/> looks at.</summary>
    internal const int SniffLength = 64;

    internal static ImageFormat? Sniff(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return ImageFormat.Jpeg;
        if (start.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]))
            return ImageFormat.Png;
        if (start.StartsWith("GIF87a"u8) || start.StartsWith("GIF89a"u8))
            return ImageFormat.Gif;
        if (start.StartsWith("RIFF"u8) && start.Length >= 12 && start[8..12].SequenceEqual("WEBP"u8))
            return ImageFormat.WebP;
        if (start.StartsWith("II*\0"u8) || start.StartsWith("MM\0*"u8) || start.StartsWith("II+\0"u8) || start.StartsWith("MM\0+"u8))
            return ImageFormat.Tiff;
        if (Bmp.BmpHeader.Begins(start))
            return ImageFormat.Bmp;
        if (start.Length >= 3 && start[0] == 'P' && start[1] is >= (byte)'1' and <= (byte)'6'
            && start[2] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)'#')
            return ImageFormat.Netpbm;
        return start.Length >= 12 && start[4..8].SequenceEqual("ftyp"u8) && IsAvif(start[8..12]) ? ImageFormat.Avif : null;
    }

    /// <summary>The brands of AV1's pictures in ISO's container (AV1 Image File Format, 6), and those that leave the coding open.</summary>
    private static bool IsAvif(ReadOnlySpan<byte> brand) =>
        brand.SequenceEqual("avif"u8) || brand.SequenceEqual("avis"u8) || brand.SequenceEqual("mif1"u8) || brand.SequenceEqual("msf1"u8);

    /// <summary>The brands of the same container with HEVC inside, as phones write it.</summary>
    private static bool IsHevc(ReadOnlySpan<byte> brand) => brand[..3].SequenceEqual("hei"u8) || brand[..3].SequenceEqual("hev"u8);

    /// <summary>What a file that is no image of ours seems to be, for the error.</summary>
    internal static string Describe(ReadOnlySpan<byte> start)
    {
        if (GitLfsPointer.Is(start))
            return GitLfsPointer.Sentence;
        if (start.StartsWith("%PDF"u8))
            return "a PDF document";
        if (start.StartsWith("BM"u8))
            return "a BMP image of an unknown kind";
        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || start.StartsWith("\0\0\0\x0CJXL "u8))
            return "a JPEG XL image, a format not read here";
        if (start.StartsWith("\0\0\0\x0CjP  "u8) || start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]))
            return "a JPEG 2000 image, a format not read here";
        if (start.StartsWith("8BPS"u8))
            return "a Photoshop document";
        if (start.StartsWith((ReadOnlySpan<byte>)[0x76, 0x2F, 0x31, 0x01]))
            return "an OpenEXR image, a format not read here";
        if (start.Length >= 12 && start[4..8].SequenceEqual("ftyp"u8) && IsHevc(start[8..12]))
            return "a HEIC image, coded in HEVC, which is not decoded here; convert it to JPEG, PNG or AVIF";
        if (start.Length >= 12 && start[4..8].SequenceEqual("ftyp"u8))
            return "a video or camera file (MP4, CR3 or the like)";
        if (start.StartsWith("PK"u8))
            return "a zip archive";
        var text = true;
        foreach (var b in start[..Math.Min(start.Length, SniffLength)])
            text &= b is >= 0x20 and not 0x7F or (byte)'\n' or (byte)'\r' or (byte)'\t';
        if (!text)
            return "binary data of an unknown kind";
        return start.TrimStart(" \r\n\t"u8).StartsWith("<"u8) ? "an HTML, XML or SVG text" : "plain text";
    }

    /// <summary>The format that a path's extension asks to be written.</summary>
    internal static ImageFormat ForWriting(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => ImageFormat.Png,
        ".jpg" or ".jpeg" => ImageFormat.Jpeg,
        ".webp" => ImageFormat.WebP,
        var other => throw new ImageException(path,
            $"images are written as .png, .jpg, .jpeg or .webp, not as '{other}'; choose one of these extensions"),
    };
}
