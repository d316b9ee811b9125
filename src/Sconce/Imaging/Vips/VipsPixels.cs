namespace Sconce.Imaging.Vips;

/// <summary>
/// Computes an image's pixels on the calling thread, strip by strip from the top, straight into given memory. libvips's own writer starts a worker thread even
/// where it may use one only, and for small images the hand-over costs more than the decoding.
/// </summary>
internal static unsafe class VipsPixels
{
    private const int StripHeight = 64;

    /// <summary>Writes all rows of <paramref name="image"/>; the memory has height * width * bands samples of the image's format.</summary>
    internal static void Write(VipsObject image, byte* memory, nuint size)
    {
        var pointer = image.Pointer;
        int width = VipsNative.ImageWidth(pointer), height = VipsNative.ImageHeight(pointer);
        using var target = new VipsObject(VipsNative.ImageFromMemory(memory, size, width, height, VipsNative.ImageBands(pointer), VipsNative.ImageFormat(pointer)));
        using var to = new VipsObject(VipsNative.RegionNew(target.Pointer));
        using var from = new VipsObject(VipsNative.RegionNew(pointer));
        var whole = new VipsNative.Rect(0, 0, width, height);
        Check(VipsNative.RegionImage(to.Pointer, &whole));
        for (var y = 0; y < height; y += StripHeight)
        {
            var strip = new VipsNative.Rect(0, y, width, Math.Min(StripHeight, height - y));
            Check(VipsNative.RegionPrepareTo(from.Pointer, to.Pointer, &strip, 0, y));
        }
    }

    private static void Check(int result)
    {
        if (result != 0)
            throw new VipsException(VipsLibrary.TakeError());
    }
}
