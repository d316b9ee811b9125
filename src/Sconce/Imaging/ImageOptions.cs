namespace Sconce.Imaging;

/// <summary>The channels that a decoded image is to have.</summary>
public enum ColorMode
{
    /// <summary>Three channels: grey is repeated, CMYK is converted, alpha is dropped (Pillow's <c>convert("RGB")</c>). A transparent GIF
    /// pixel has no colour; it becomes black.</summary>
    Rgb,

    /// <summary>Four channels, the last one alpha (opaque where the file has none), not premultiplied.</summary>
    Rgba,

    /// <summary>One channel: ITU-R 601 luma with Pillow's 16-bit integer weights (<c>convert("L")</c>).</summary>
    Gray,

    /// <summary>As the file stores it: one channel, three, or four with alpha. Grey with alpha becomes RGBA, CMYK becomes RGB.</summary>
    Stored,
}

/// <summary>How to decode an image. The defaults give what Pillow's <c>ImageOps.exif_transpose(Image.open(f)).convert("RGB")</c>
/// gives.</summary>
public sealed record ImageOptions
{
    /// <summary>512 MiB: Pillow's limit against decompression bombs (178,956,970 pixels) in bytes, for three channels of 8 bits.</summary>
    public const long DefaultMaxBytes = 1 << 29;

    /// <summary>The defaults.</summary>
    public static ImageOptions Default { get; } = new();

    /// <summary>The channels wanted; RGB by default.</summary>
    public ColorMode Mode { get; init; } = ColorMode.Rgb;

    /// <summary>
    /// True: a file of more than 8 bits a sample gives a 16-bit image, with its samples as stored. False (default): 8 bits, the high byte
    /// of the bits in use
    /// (<see cref="SampleBits"/>), as Pillow gives it for files that use all 16.
    /// </summary>
    public bool Keep16Bits { get; init; }

    /// <summary>
    /// How many bits of 16 the samples use, from 9: 12 for a 12-bit camera. Null (default): what the file says (a PGM's greatest value);
    /// where it says
    /// nothing, the least of 10, 12, 14 and 16 bits that holds the picture's brightest sample, so that no such picture comes out black.
    /// State it where
    /// pictures of one set must be equally bright.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 9 to 16.</exception>
    public int? SampleBits
    {
        get;
        init => field = value is null or (>= 9 and <= 16) ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Samples use 9 to 16 bits.");
    }

    /// <summary>True (default): the image is turned as its EXIF orientation says.</summary>
    public bool ApplyOrientation { get; init; } = true;

    /// <summary>The colour that transparent pixels are blended on. Null (default): alpha is ignored where the mode has none.</summary>
    public Rgb? Background { get; init; }

    /// <summary>Which frame (GIF, WebP) or page (TIFF) to decode, from 0.</summary>
    public int Frame { get; init; }

    /// <summary>
    /// The most bytes that an image's samples may take, as stored or as wanted; more is an <see cref="ImageException"/> before any pixel is
    /// decoded. Files of
    /// more than twice as many bytes are not read, and a JPEG's scans may not go over eight times as many samples in all.
    /// </summary>
    public long MaxBytes { get; init; } = DefaultMaxBytes;

    /// <summary>
    /// JPEG only. Above 0: decode at 1/2, 1/4 or 1/8 of the size (libjpeg's scaled inverse DCT), the smallest whose shorter side is at
    /// least this. Several times faster for big photographs, but the pixels differ from a full decode followed by a resize; so 0 (off) by
    /// default.
    /// </summary>
    public int MinimumShortSide { get; init; }
}
