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
        return null;
    }

    /// <summary>What a file that is no image of ours seems to be, for the error.</summary>
    internal static string Describe(ReadOnlySpan<byte> start)
    {
        if (start.StartsWith("%PDF"u8))
            return "a PDF document";
        if (start.StartsWith("BM"u8))
            return "a BMP image, a format not read here";
        if (start.Length >= 12 && start[4..8].SequenceEqual("ftyp"u8))
            return "an HEIC, AVIF or MP4 file, formats not read here";
        if (start.StartsWith("PK"u8))
            return "a zip archive";
        var text = true;
        foreach (var b in start[..Math.Min(start.Length, SniffLength)])
            text &= b is >= 0x20 and not 0x7F or (byte)'\n' or (byte)'\r' or (byte)'\t';
        if (!text)
            return "binary data of an unknown kind";
        return start.TrimStart(" \r\n\t"u8).StartsWith("<"u8) ? "an HTML, XML or SVG text" : "plain text";
    }

    /// <summary>libvips's operation that reads the format from a source.</summary>
    internal static string Loader(ImageFormat format) => format switch
    {
        ImageFormat.Jpeg => "jpegload_source",
        ImageFormat.Png => "pngload_source",
        ImageFormat.WebP => "webpload_source",
        ImageFormat.Tiff => "tiffload_source",
        _ => "gifload_source",
    };

    /// <summary>The format that a path's extension asks to be written.</summary>
    internal static ImageFormat ForWriting(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => ImageFormat.Png,
        ".jpg" or ".jpeg" => ImageFormat.Jpeg,
        ".webp" => ImageFormat.WebP,
        var other => throw new ImageException(path, $"images are written as .png, .jpg, .jpeg or .webp, not as '{other}'; choose one of these extensions"),
    };
}
