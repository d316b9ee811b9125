namespace Sconce.Imaging;

/// <summary>The channels that a decoded image is to have.</summary>
public enum ColorMode
{
    /// <summary>Three channels: grey is repeated, CMYK is converted, alpha is dropped (Pillow's <c>convert("RGB")</c>). A transparent GIF pixel has no colour; it becomes black.</summary>
    Rgb,

    /// <summary>Four channels, the last one alpha (opaque where the file has none), not premultiplied.</summary>
    Rgba,

    /// <summary>One channel: ITU-R 601 luma with Pillow's 16-bit integer weights (<c>convert("L")</c>).</summary>
    Gray,

    /// <summary>As the file stores it: one channel, three, or four with alpha. Grey with alpha becomes RGBA, CMYK becomes RGB.</summary>
    Stored,
}

/// <summary>How to decode an image. The defaults give what Pillow's <c>ImageOps.exif_transpose(Image.open(f)).convert("RGB")</c> gives.</summary>
public sealed record ImageOptions
{
    /// <summary>Pillow's decompression-bomb limit: 178,956,970 pixels.</summary>
    public const long DefaultMaxPixels = 178_956_970;

    /// <summary>The defaults.</summary>
    public static ImageOptions Default { get; } = new();

    /// <summary>The channels wanted; RGB by default.</summary>
    public ColorMode Mode { get; init; } = ColorMode.Rgb;

    /// <summary>True: a file of 16-bit samples gives a 16-bit image. False (default): it gives the high bytes, as Pillow does.</summary>
    public bool Keep16Bits { get; init; }

    /// <summary>True (default): the image is turned as its EXIF orientation says.</summary>
    public bool ApplyOrientation { get; init; } = true;

    /// <summary>The colour that transparent pixels are blended on. Null (default): alpha is ignored where the mode has none.</summary>
    public Rgb? Background { get; init; }

    /// <summary>Which frame (GIF, WebP) or page (TIFF) to decode, from 0.</summary>
    public int Frame { get; init; }

    /// <summary>The most pixels that an image may declare; more is an <see cref="ImageException"/> before any pixel is decoded.</summary>
    public long MaxPixels { get; init; } = DefaultMaxPixels;

    /// <summary>
    /// JPEG only. Above 0: decode at 1/2, 1/4 or 1/8 of the size (libjpeg's scaled inverse DCT), the smallest whose shorter side is at least this.
    /// Several times faster for big photographs, but the pixels differ from a full decode followed by a resize; so 0 (off) by default.
    /// </summary>
    public int MinimumShortSide { get; init; }
}
