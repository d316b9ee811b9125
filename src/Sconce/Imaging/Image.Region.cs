using Sconce.Imaging.Resampling;

namespace Sconce.Imaging;

public sealed partial class Image
{
    /// <summary>
    /// Cuts out <paramref name="box"/> and resamples it to (newWidth, newHeight): the same as <see cref="Crop"/> and then
    /// <see cref="Resize(int, int, ResizeFilter)"/>, without the copy between. Pixels outside the box have no influence.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The box is empty or leaves the image, or a size below 1.</exception>
    public Image ResizeRegion(PixelBox box, int newWidth, int newHeight, ResizeFilter filter = ResizeFilter.Bilinear)
    {
        if (box == new PixelBox(0, 0, Width, Height))
            return Resize(newWidth, newHeight, filter);
        if (box.Width == newWidth && box.Height == newHeight)
            return Crop(box);
        if (filter == ResizeFilter.Nearest || BitDepth == 16 || Channels == 4)
            return Crop(box).Resize(newWidth, newHeight, filter);
        CheckInside(box);
        ByteCount(newWidth, newHeight, Channels, BitDepth);
        var view = new PixelView(bytes, RowBytes, box.Top * RowBytes + box.Left * Channels, box.Width, box.Height, Channels);
        return Sized(newWidth, newHeight, ByteResampler.Resize(view, newWidth, newHeight, filter));
    }

    /// <summary>
    /// Adds the given numbers of pixels around by mirroring, without repeating the edge (NumPy's and torchvision's <c>reflect</c>).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">A negative number, or one that is not below the image's side.</exception>
    public Image PadReflect(int left, int top, int right, int bottom)
    {
        foreach (var (amount, side) in (ReadOnlySpan<(int, int)>)[(left, Width), (right, Width), (top, Height), (bottom, Height)])
        {
            if (amount < 0 || amount >= side)
                throw new ArgumentOutOfRangeException(nameof(left), amount,
                    $"Reflection of an image of {Width} x {Height} adds at least 0 and fewer pixels than the side has.");
        }
        var result = Like(checked(Width + left + right), checked(Height + top + bottom));
        for (var y = 0; y < result.Height; y++)
        {
            Span<byte> from = Row(Mirror(y - top, Height)), to = result.Row(y);
            for (var x = 0; x < result.Width; x++)
                from.Slice(Mirror(x - left, Width) * BytesPerPixel, BytesPerPixel).CopyTo(to[(x * BytesPerPixel)..]);
        }
        return result;
    }

    private static int Mirror(int at, int size) => at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at;

    private void CheckInside(PixelBox box)
    {
        if (box.Left < 0 || box.Top < 0 || box.Right > Width || box.Bottom > Height || box.Right <= box.Left || box.Bottom <= box.Top)
            throw new ArgumentOutOfRangeException(nameof(box), box,
                $"The box is empty or leaves the image of {Width} x {Height}; Pad the image first if that is meant.");
    }
}
