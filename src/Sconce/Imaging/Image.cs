using System.Runtime.InteropServices;

namespace Sconce.Imaging;

/// <summary>
/// A picture in managed memory: <see cref="Height"/> rows of <see cref="Width"/> pixels of 1 (grey), 3 (RGB) or 4 (RGBA, alpha not
/// premultiplied) interleaved samples of 8 or 16 bits, without gaps. Methods that change geometry return a new image; only the Draw methods
/// and the spans change this one. Reading from several threads is safe, as is decoding.
/// </summary>
public sealed partial class Image
{
    private readonly byte[] bytes;

    /// <summary>A black image (transparent, with 4 channels).</summary>
    /// <param name="width">At least 1.</param>
    /// <param name="height">At least 1.</param>
    /// <param name="channels">1, 3 or 4.</param>
    /// <param name="bitDepth">8 or 16.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size, channel count or depth outside these, or more than 2 GB.</exception>
    public Image(int width, int height, int channels = 3, int bitDepth = 8)
        : this(width, height, channels, bitDepth, new byte[ByteCount(width, height, channels, bitDepth)])
    {
    }

    /// <summary>Takes the array over, without copying.</summary>
    internal Image(int width, int height, int channels, int bitDepth, byte[] bytes)
    {
        if (bytes.Length != ByteCount(width, height, channels, bitDepth))
            throw new ArgumentException($"An image of {width} x {height} with {channels} channels of {bitDepth} bits takes "
                + $"{ByteCount(width, height, channels, bitDepth)} bytes, not {bytes.Length}.", nameof(bytes));
        (Width, Height, Channels, BitDepth, this.bytes) = (width, height, channels, bitDepth, bytes);
    }

    /// <summary>Width in pixels, at least 1.</summary>
    public int Width { get; }

    /// <summary>Height in pixels, at least 1.</summary>
    public int Height { get; }

    /// <summary>1 (grey), 3 (RGB) or 4 (RGBA).</summary>
    public int Channels { get; }

    /// <summary>Bits a sample: 8 or 16.</summary>
    public int BitDepth { get; }

    /// <summary>How many frames or pages the file had that this image was decoded from; 1 for an image made in memory.</summary>
    public int FrameCount { get; internal init; } = 1;

    /// <summary>The whole image as bytes, (Height, Width, Channels) row-major; 16-bit samples in the machine's byte order. Can be
    /// pinned.</summary>
    public Span<byte> Bytes => bytes;

    /// <summary>The 8-bit samples, (Height, Width, Channels) row-major.</summary>
    /// <exception cref="InvalidOperationException">The image has 16-bit samples.</exception>
    public Span<byte> Pixels => BitDepth == 8 ? bytes
        : throw new InvalidOperationException("This image has 16-bit samples: read Pixels16, or convert it with To8Bit().");

    /// <summary>The 16-bit samples, (Height, Width, Channels) row-major.</summary>
    /// <exception cref="InvalidOperationException">The image has 8-bit samples.</exception>
    public Span<ushort> Pixels16 => BitDepth == 16 ? MemoryMarshal.Cast<byte, ushort>(bytes.AsSpan())
        : throw new InvalidOperationException("This image has 8-bit samples: read Pixels.");

    /// <summary>Bytes that one pixel takes: 1 to 8.</summary>
    public int BytesPerPixel => Channels * BitDepth / 8;

    /// <summary>The bytes of row <paramref name="y"/>.</summary>
    public Span<byte> Row(int y) => Bytes.Slice(checked(y * RowBytes), RowBytes);

    internal int RowBytes => Width * BytesPerPixel;

    internal byte[] Buffer => bytes;

    /// <summary>An 8-bit image with a copy of the given samples, (height, width, channels) row-major.</summary>
    /// <exception cref="ArgumentException">The number of samples is not height * width * channels.</exception>
    public static Image FromPixels(int width, int height, int channels, ReadOnlySpan<byte> pixels) =>
        new(width, height, channels, 8, pixels.ToArray());

    /// <summary>A 16-bit image with a copy of the given samples, (height, width, channels) row-major.</summary>
    /// <exception cref="ArgumentException">The number of samples is not height * width * channels.</exception>
    public static Image FromPixels(int width, int height, int channels, ReadOnlySpan<ushort> pixels) =>
        new(width, height, channels, 16, MemoryMarshal.AsBytes(pixels).ToArray());

    /// <summary>Decodes an image file (<see cref="ImageFormat"/>), told by its content and not by its extension.</summary>
    /// <exception cref="ImageException">The file cannot be read, is no image, is damaged or cut short, or is too large; the message names
    /// it.</exception>
    public static Image Load(string path, ImageOptions? options = null) =>
        ImageReader.Load(path, options ?? ImageOptions.Default);

    /// <summary>Decodes the bytes of an image file. <paramref name="name"/> stands for the file in errors.</summary>
    /// <exception cref="ImageException">As for <see cref="Load"/>.</exception>
    public static Image Decode(ReadOnlySpan<byte> data, string name, ImageOptions? options = null) =>
        ImageReader.Decode(data, name, options ?? ImageOptions.Default);

    /// <summary>The size that <see cref="Load"/> would give with default options (after EXIF orientation), from the header alone.</summary>
    /// <exception cref="ImageException">As for <see cref="Load"/>, as far as the header tells.</exception>
    public static (int Width, int Height) ReadSize(string path) => ReadInfo(path).OrientedSize;

    /// <summary>What the file's header says, without decoding pixels.</summary>
    /// <exception cref="ImageException">As for <see cref="Load"/>, as far as the header tells.</exception>
    public static ImageInfo ReadInfo(string path) => ImageReader.ReadInfo(path);

    /// <summary>
    /// Writes the image as PNG, JPEG or WebP, by the path's extension: beside the target first, flushed, then renamed, so that a
    /// crash leaves the old file or the new one. JPEG and WebP take 8 bits; JPEG drops alpha.
    /// </summary>
    /// <param name="path">Ends in .png, .jpg, .jpeg or .webp.</param>
    /// <param name="quality">1 to 100, for JPEG and WebP.</param>
    /// <exception cref="ImageException">The extension is another one, or the file cannot be written.</exception>
    public void Save(string path, int quality = 90) => ImageWriter.Save(this, path, quality);

    /// <summary>The bytes of the image as a PNG, JPEG or WebP file.</summary>
    /// <param name="format">PNG (1, 3 or 4 channels of 8 or 16 bits), JPEG or WebP (8 bits).</param>
    /// <param name="quality">1 to 100, for JPEG and WebP.</param>
    public byte[] Encode(ImageFormat format, int quality = 90) => ImageWriter.Encode(this, format, quality);

    /// <summary>A copy with memory of its own.</summary>
    public Image Clone() => new(Width, Height, Channels, BitDepth, (byte[])bytes.Clone());

    /// <summary>For example <c>640 x 480, 3 channels of 8 bits</c>.</summary>
    public override string ToString() => $"{Width} x {Height}, {Channels} channel{(Channels == 1 ? "" : "s")} of {BitDepth} bits";

    private static int ByteCount(int width, int height, int channels, int bitDepth)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is not (1 or 3 or 4))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "An image has 1 (grey), 3 (RGB) or 4 (RGBA) channels.");
        if (bitDepth is not (8 or 16))
            throw new ArgumentOutOfRangeException(nameof(bitDepth), bitDepth, "An image has 8 or 16 bits a sample.");
        var count = (Int128)width * height * (channels * bitDepth / 8);
        if (count > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(width), width,
                $"An image of {width} x {height} with {channels} channels of {bitDepth} bits takes more than 2 GB.");
        return (int)count;
    }
}
