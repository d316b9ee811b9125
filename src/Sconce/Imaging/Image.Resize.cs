using System.Runtime.InteropServices;
using Sconce.Imaging.Resampling;

namespace Sconce.Imaging;

public sealed partial class Image
{
    /// <summary>
    /// Resamples to (newWidth, newHeight). 8-bit results equal Pillow's <c>Image.resize</c> sample for sample (two passes in 22-bit fixed
    /// point with antialias; with 4 channels, colours are premultiplied by alpha meanwhile). 16-bit images go through floats and are
    /// rounded once.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A size below 1, or more than 2 GB.</exception>
    public Image Resize(int newWidth, int newHeight, ResizeFilter filter = ResizeFilter.Bicubic)
    {
        ByteCount(newWidth, newHeight, Channels, BitDepth);
        return newWidth == Width && newHeight == Height ? Clone()
            : ResizeWindow(newWidth, newHeight, new PixelBox(0, 0, newWidth, newHeight), filter);
    }

    /// <summary>
    /// Resamples to (newWidth, newHeight) and keeps only what lies in the window: sample for sample
    /// <see cref="Resize(int, int, ResizeFilter)"/> and then <see cref="Crop"/>, but only
    /// the window is computed, so that a picture of 20,000 x 4 pixels, enlarged to a height of 256, takes no gigabyte.
    /// </summary>
    /// <param name="newWidth">Of the whole, in pixels; may be more than an image could have.</param>
    /// <param name="newHeight">Of the whole.</param>
    /// <param name="window">Inside it.</param>
    /// <param name="filter">The resampling filter.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size below 1, or a window that is empty or leaves the whole.</exception>
    public Image ResizeWindow(int newWidth, int newHeight, PixelBox window, ResizeFilter filter = ResizeFilter.Bicubic)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(newWidth, newHeight), 1);
        if (window.Left < 0 || window.Top < 0 || window.Right > newWidth || window.Bottom > newHeight || window.Right <= window.Left
            || window.Bottom <= window.Top)
            throw new ArgumentOutOfRangeException(nameof(window), window,
                $"The window is empty or leaves the picture of {newWidth} x {newHeight}.");
        if (newWidth == Width && newHeight == Height)
            return Crop(window);
        var samples = ByteCount(window.Width, window.Height, Channels, BitDepth);
        if (filter == ResizeFilter.Nearest)
            return Sized(window.Width, window.Height,
                NearestResampler.Resize<byte>(bytes, Width, Height, BytesPerPixel, newWidth, newHeight, window));
        if (BitDepth == 16)
            return Sized(window.Width, window.Height, Resize16(samples, newWidth, newHeight, window, filter));
        if (Channels < 4)
            return Sized(window.Width, window.Height,
                ByteResampler.Resize(new PixelView(bytes, RowBytes, 0, Width, Height, Channels), newWidth, newHeight, window, filter));
        var view = new PixelView(AlphaPremultiplication.Multiply(bytes), RowBytes, 0, Width, Height, 4);
        var resized = ByteResampler.Resize(view, newWidth, newHeight, window, filter);
        AlphaPremultiplication.Divide(resized);
        return Sized(window.Width, window.Height, resized);
    }

    /// <summary>
    /// <see cref="Resize(int, int, ResizeFilter)"/> and then <see cref="CenterCrop(int, int)"/>, of which only what is kept is computed.
    /// </summary>
    /// <param name="newWidth">Of the resized picture.</param>
    /// <param name="newHeight">Of the resized picture.</param>
    /// <param name="width">Of the result; where it is more than the resized picture has, zeros stand beside it.</param>
    /// <param name="height">Of the result.</param>
    /// <param name="filter">The resampling filter.</param>
    public Image ResizeCenterCrop(int newWidth, int newHeight, int width, int height, ResizeFilter filter = ResizeFilter.Bilinear)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Math.Min(width, height), 1);
        var window = CenterWindow(newWidth, newHeight, Math.Min(width, newWidth), Math.Min(height, newHeight));
        var kept = ResizeWindow(newWidth, newHeight, window, filter);
        int missingX = width - kept.Width, missingY = height - kept.Height;
        return missingX + missingY == 0 ? kept : kept.Pad(missingX / 2, missingY / 2, (missingX + 1) / 2, (missingY + 1) / 2);
    }

    /// <summary>The middle (width, height) pixels of a picture that has so many, by torchvision's rounding.</summary>
    internal static PixelBox CenterWindow(int pictureWidth, int pictureHeight, int width, int height) =>
        PixelBox.FromSize((int)Math.Round(((long)pictureWidth - width) / 2.0), (int)Math.Round(((long)pictureHeight - height) / 2.0),
            width, height);

    /// <summary>
    /// Resizes so that the shorter side is <paramref name="size"/> and the longer one int(size * long / short), as torchvision's
    /// Resize(size) does; where <paramref name="maxSize"/> is given and the longer side would exceed it, so that the longer side is that.
    /// </summary>
    public Image ResizeShortSide(int size, ResizeFilter filter = ResizeFilter.Bilinear, int? maxSize = null)
    {
        var (newWidth, newHeight) = ShortSideSize(Width, Height, size, maxSize);
        return Resize(newWidth, newHeight, filter);
    }

    /// <summary>The size that <see cref="ResizeShortSide"/> gives an image of (width, height).</summary>
    public static (int Width, int Height) ShortSideSize(int width, int height, int size, int? maxSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (maxSize <= size)
            throw new ArgumentException($"The longest side allowed ({maxSize}) must exceed the shorter side wanted ({size}).",
                nameof(maxSize));
        int shorter = Math.Min(width, height), longer = Math.Max(width, height);
        var newShort = size;
        var newLong = (int)Math.Min(int.MaxValue, (double)size * longer / shorter);
        if (newLong > maxSize)    // a line of one pixel keeps one: torchvision's formula would leave none
            (newShort, newLong) = (Math.Max(1, (int)((double)maxSize.Value * newShort / newLong)), maxSize.Value);
        return width <= height ? (newShort, newLong) : (newLong, newShort);
    }

    private Image Sized(int width, int height, byte[] pixels) => new(width, height, Channels, BitDepth, pixels) { FrameCount = FrameCount };

    private byte[] Resize16(int byteCount, int newWidth, int newHeight, PixelBox window, ResizeFilter filter)
    {
        var wide = Pixels16;
        var floats = new float[wide.Length];
        for (var i = 0; i < floats.Length; i++)
            floats[i] = wide[i];
        if (Channels == 4)
            AlphaPremultiplication.Multiply(floats);
        var resized = FloatResampler.Resize(floats, Width, Height, Channels, newWidth, newHeight, window, filter);
        if (Channels == 4)
            AlphaPremultiplication.Divide(resized);
        var result = new byte[byteCount];
        var rounded = MemoryMarshal.Cast<byte, ushort>(result.AsSpan());
        for (var i = 0; i < rounded.Length; i++)
            rounded[i] = (ushort)Math.Clamp(resized[i] + 0.5f, 0f, 65535f);
        return result;
    }
}
