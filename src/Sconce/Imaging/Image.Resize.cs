using System.Runtime.InteropServices;
using Sconce.Imaging.Resampling;

namespace Sconce.Imaging;

public sealed partial class Image
{
    /// <summary>
    /// Resamples to (newWidth, newHeight). 8-bit results equal Pillow's <c>Image.resize</c> sample for sample (two passes in 22-bit fixed point with antialias; with
    /// 4 channels, colours are premultiplied by alpha meanwhile). 16-bit images go through floats and are rounded once.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A size below 1, or more than 2 GB.</exception>
    public Image Resize(int newWidth, int newHeight, ResizeFilter filter = ResizeFilter.Bicubic)
    {
        var samples = ByteCount(newWidth, newHeight, Channels, BitDepth);
        if (newWidth == Width && newHeight == Height)
            return Clone();
        if (filter == ResizeFilter.Nearest)
            return Sized(newWidth, newHeight, NearestResampler.Resize<byte>(bytes, Width, Height, BytesPerPixel, newWidth, newHeight));
        if (BitDepth == 16)
            return Sized(newWidth, newHeight, Resize16(samples, newWidth, newHeight, filter));
        if (Channels < 4)
            return Sized(newWidth, newHeight, ByteResampler.Resize(bytes, Width, Height, Channels, newWidth, newHeight, filter));
        var resized = ByteResampler.Resize(AlphaPremultiplication.Multiply(bytes), Width, Height, 4, newWidth, newHeight, filter);
        AlphaPremultiplication.Divide(resized);
        return Sized(newWidth, newHeight, resized);
    }

    /// <summary>
    /// Resizes so that the shorter side is <paramref name="size"/> and the longer one int(size * long / short), as torchvision's Resize(size) does; where
    /// <paramref name="maxSize"/> is given and the longer side would exceed it, so that the longer side is that.
    /// </summary>
    public Image ResizeShortSide(int size, ResizeFilter filter = ResizeFilter.Bilinear, int? maxSize = null)
    {
        var (newWidth, newHeight) = ShortSideSize(Width, Height, size, maxSize);
        return Resize(newWidth, newHeight, filter);
    }

    /// <summary>The size that <see cref="ResizeShortSide"/> gives an image of (width, height).</summary>
    internal static (int Width, int Height) ShortSideSize(int width, int height, int size, int? maxSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (maxSize <= size)
            throw new ArgumentException($"The longest side allowed ({maxSize}) must exceed the shorter side wanted ({size}).", nameof(maxSize));
        int shorter = Math.Min(width, height), longer = Math.Max(width, height);
        var newShort = size;
        var newLong = (int)((double)size * longer / shorter);
        if (newLong > maxSize)
            (newShort, newLong) = ((int)((double)maxSize.Value * newShort / newLong), maxSize.Value);
        return width <= height ? (newShort, newLong) : (newLong, newShort);
    }

    private Image Sized(int width, int height, byte[] pixels) => new(width, height, Channels, BitDepth, pixels) { FrameCount = FrameCount };

    private byte[] Resize16(int byteCount, int newWidth, int newHeight, ResizeFilter filter)
    {
        var wide = Pixels16;
        var floats = new float[wide.Length];
        for (var i = 0; i < floats.Length; i++)
            floats[i] = wide[i];
        if (Channels == 4)
            AlphaPremultiplication.Multiply(floats);
        var resized = FloatResampler.Resize(floats, Width, Height, Channels, newWidth, newHeight, filter);
        if (Channels == 4)
            AlphaPremultiplication.Divide(resized);
        var result = new byte[byteCount];
        var rounded = MemoryMarshal.Cast<byte, ushort>(result.AsSpan());
        for (var i = 0; i < rounded.Length; i++)
            rounded[i] = (ushort)Math.Clamp(resized[i] + 0.5f, 0f, 65535f);
        return result;
    }
}
