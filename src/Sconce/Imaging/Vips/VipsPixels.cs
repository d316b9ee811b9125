using NetVips;

namespace Sconce.Imaging.Vips;

/// <summary>
/// Computes an image's pixels on the calling thread, strip by strip from the top. libvips's own writer starts a worker thread even where it
/// may
/// use one only, and for small images the hand-over costs more than the decoding.
/// </summary>
internal static class VipsPixels
{
    private const int StripBytes = 1 << 20;

    /// <summary>
    /// Fills <paramref name="samples"/> with all rows of <paramref name="image"/>: height * width * bands samples of its format.
    /// </summary>
    internal static void Read(NetVips.Image image, Span<byte> samples)
    {
        using var region = Region.New(image);
        var rowBytes = samples.Length / image.Height;
        // Loaders give rows in blocks of eight or sixteen: whole blocks are asked for.
        var strip = Math.Max(StripBytes / rowBytes & ~15, 16);
        for (var y = 0; y < image.Height; y += strip)
            region.Fetch(0, y, image.Width, Math.Min(strip, image.Height - y)).CopyTo(samples[(y * rowBytes)..]);
    }
}
