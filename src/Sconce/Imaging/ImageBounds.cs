namespace Sconce.Imaging;

/// <summary>What a picture may cost: counted from its header, before any pixel is decoded.</summary>
internal static class ImageBounds
{
    /// <summary>
    /// Scans are cheap where they hold little; this many times the samples allowed go over a picture in all, one or two seconds' work.
    /// </summary>
    private const long Passes = 8;

    /// <summary>
    /// Refuses a picture without pixels, and one whose samples, as stored or as wanted, take more bytes than
    /// <see cref="ImageOptions.MaxBytes"/>.
    /// </summary>
    internal static void Check(ImageInfo info, string name, ImageOptions options)
    {
        if (info.Width < 1 || info.Height < 1)
            throw new ImageException(name, $"the file declares {info.Width} x {info.Height} pixels: there is no picture in it");
        var wanted = options.Mode switch
        {
            ColorMode.Rgb => 3,
            ColorMode.Rgba => 4,
            ColorMode.Gray => 1,
            _ => info.Channels == 2 ? 4
            : info.Channels
        };
        var depth = info.BitDepth / 8;
        var bytes = (Int128)info.Width * info.Height * Math.Max(info.Channels * depth, wanted * (options.Keep16Bits ? depth : 1));
        if (bytes > options.MaxBytes)
        {
            throw new ImageException(name,
                $"the file declares {info.Width} x {info.Height} pixels of {info.Channels} x {info.BitDepth} bits, "
                + $"{bytes:N0} bytes in memory, more than the limit of {options.MaxBytes:N0}; make it smaller first");
        }
    }

    /// <summary>Refuses a JPEG whose scans go over the picture too often: a few bytes a scan can ask for minutes of work.</summary>
    internal static void CheckScans(ReadOnlySpan<byte> file, long samples, string name, ImageOptions options)
    {
        if (samples <= 0)
            return;
        var most = Math.Max(Passes * options.MaxBytes / samples, 1);
        if (Jpeg.JpegScans.Count(file, most) > most)
            throw new ImageException(name,
                $"the JPEG goes over its {samples:N0} samples in more than {most} scans, which no camera or program does; save it anew");
    }

    /// <summary>Refuses a file of more bytes than any picture allowed has uncompressed, before it is read.</summary>
    internal static void CheckFile(long bytes, string name, ImageOptions options)
    {
        if (bytes > 2 * options.MaxBytes)
            throw new ImageException(name,
                $"the file has {bytes:N0} bytes, more than twice the {options.MaxBytes:N0} that a picture may take in memory");
    }
}
