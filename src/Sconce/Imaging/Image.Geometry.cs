using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Sconce.Imaging;

public sealed partial class Image
{
    /// <summary>The pixels inside the box, copied.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The box is empty or leaves the image.</exception>
    public Image Crop(PixelBox box)
    {
        CheckInside(box);
        var result = Like(box.Width, box.Height);
        for (var y = 0; y < box.Height; y++)
            Row(box.Top + y).Slice(box.Left * BytesPerPixel, result.RowBytes).CopyTo(result.Row(y));
        return result;
    }

    /// <summary>
    /// The middle (width, height) pixels, with torchvision's rounding: the corner is half the margin rounded to even. A smaller image is
    /// first padded with zeros, the odd pixel right and below (torchvision.transforms.functional.center_crop).
    /// </summary>
    public Image CenterCrop(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        int missingX = Math.Max(width - Width, 0), missingY = Math.Max(height - Height, 0);
        var image = missingX + missingY == 0 ? this : Pad(missingX / 2, missingY / 2, (missingX + 1) / 2, (missingY + 1) / 2);
        return image.Crop(CenterWindow(image.Width, image.Height, width, height));
    }

    /// <summary>The middle square of <paramref name="size"/> pixels a side.</summary>
    public Image CenterCrop(int size) => CenterCrop(size, size);

    /// <summary>Adds the given numbers of pixels around, in <paramref name="fill"/> (opaque); null fills with zeros, transparent where
    /// there is alpha.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number.</exception>
    public Image Pad(int left, int top, int right, int bottom, Rgb? fill = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(left);
        ArgumentOutOfRangeException.ThrowIfNegative(top);
        ArgumentOutOfRangeException.ThrowIfNegative(right);
        ArgumentOutOfRangeException.ThrowIfNegative(bottom);
        var result = Like(checked(Width + left + right), checked(Height + top + bottom));
        if (fill is { } colour)
            result.Fill(new PixelBox(0, 0, result.Width, result.Height), colour);
        result.Paste(this, left, top);
        return result;
    }

    /// <summary>Left and right exchanged.</summary>
    public Image HorizontalFlip()
    {
        if (BytesPerPixel != 3 || Width < 16 || !Ssse3.IsSupported)
            return Oriented(2);
        var result = Sized(Width, Height, GC.AllocateUninitializedArray<byte>(bytes.Length));
        for (var y = 0; y < Height; y++)
            MirrorRgb(Row(y), result.Row(y));
        return result;
    }

    /// <summary>Five pixels a step, reversed in a register.</summary>
    private static unsafe void MirrorRgb(ReadOnlySpan<byte> source, Span<byte> target)
    {
        var order = Vector128.Create((byte)0x80, 12, 13, 14, 9, 10, 11, 6, 7, 8, 3, 4, 5, 0, 1, 2);
        fixed (byte* from = source, to = target)
        {
            var at = 0;
            // the sixteenth byte stored is overwritten by the next step, or by the pixels below
            for (; at + 16 <= source.Length; at += 15)
                Ssse3.Shuffle(Vector128.Load(from + at), order).Store(to + source.Length - at - 16);
            for (; at < source.Length; at += 3)
            {
                var pixel = to + source.Length - at - 3;
                (pixel[0], pixel[1], pixel[2]) = (from[at], from[at + 1], from[at + 2]);
            }
        }
    }

    /// <summary>Top and bottom exchanged.</summary>
    public Image VerticalFlip() => Oriented(4);

    /// <summary>Turned by <paramref name="turns"/> quarters counter-clockwise (as <c>torch.rot90</c> and Pillow's ROTATE_90); negative is
    /// clockwise.</summary>
    public Image Rotate90(int turns = 1) => (turns & 3) switch { 0 => Clone(), 1 => Oriented(8), 2 => Oriented(3), _ => Oriented(6) };

    /// <summary>Rows and columns exchanged.</summary>
    public Image Transpose() => Oriented(5);

    /// <summary>
    /// Turned upright from an EXIF orientation (CIPA DC-008, tag 0x0112); any value but 2 to 8 leaves it as it is. Every case walks the
    /// source in two constant steps, one along an output row and one down.
    /// </summary>
    internal Image Oriented(int exif)
    {
        int w = Width, h = Height, last = w * h - 1;
        return exif switch
        {
            2 => Walk(w, h, w - 1, -1, w),
            3 => Walk(w, h, last, -1, -w),
            4 => Walk(w, h, (h - 1) * w, 1, -w),
            5 => Walk(h, w, 0, w, 1),
            6 => Walk(h, w, (h - 1) * w, -w, 1),
            7 => Walk(h, w, last, -w, -1),
            8 => Walk(h, w, w - 1, w, -1),
            _ => this,
        };
    }

    private Image Walk(int width, int height, int start, int alongRow, int downward)
    {
        var result = Like(width, height);
        switch (BytesPerPixel)
        {
            case 1: Walk<byte>(result, start, alongRow, downward); break;
            case 2: Walk<ushort>(result, start, alongRow, downward); break;
            case 3: Walk<Bytes3>(result, start, alongRow, downward); break;
            case 4: Walk<uint>(result, start, alongRow, downward); break;
            case 6: Walk<Bytes6>(result, start, alongRow, downward); break;
            default: Walk<ulong>(result, start, alongRow, downward); break;
        }
        return result;
    }

    private void Walk<T>(Image result, int start, int alongRow, int downward) where T : unmanaged
    {
        var source = MemoryMarshal.Cast<byte, T>(bytes);
        for (var y = 0; y < result.Height; y++)
        {
            var row = MemoryMarshal.Cast<byte, T>(result.Row(y));
            var at = start + y * downward;
            for (var x = 0; x < row.Length; x++, at += alongRow)
                row[x] = source[at];
        }
    }

    /// <summary>Copies an image of the same channels and depth into this one.</summary>
    /// <param name="image">What is copied.</param>
    /// <param name="left">Where its left edge comes to lie.</param>
    /// <param name="top">Where its upper edge comes to lie.</param>
    /// <exception cref="ArgumentException">It is of another kind, or does not fit.</exception>
    public void Paste(Image image, int left, int top)
    {
        ArgumentNullException.ThrowIfNull(image);
        bool isAlike = (image.Channels, image.BitDepth) == (Channels, BitDepth);
        if (!isAlike || left < 0 || top < 0 || left + image.Width > Width || top + image.Height > Height)
            throw new ArgumentException($"paste: {image} at {left}, {top} does not fit into {this}", nameof(image));
        for (var y = 0; y < image.Height; y++)
            image.Row(y).CopyTo(Row(top + y)[(left * BytesPerPixel)..]);
    }

    private Image Like(int width, int height) => new(width, height, Channels, BitDepth) { FrameCount = FrameCount };

    [InlineArray(3)]
    private struct Bytes3
    {
        private byte first;
    }

    [InlineArray(6)]
    private struct Bytes6
    {
        private byte first;
    }
}
