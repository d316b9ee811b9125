using NetVips;
using static NetVips.Enums;
using VipsImage = NetVips.Image;

namespace Sconce.Imaging.Vips;

/// <summary>Files and bytes to images through libvips: dimensions first, then pixels.</summary>
internal static unsafe class VipsDecoder
{
    internal static Image Decode(ReadOnlySpan<byte> data, string name, ImageFormat format, ImageOptions options)
    {
        fixed (byte* pinned = data)
        {
            var (start, length) = ((nint)pinned, data.Length);
            try
            {
                return VipsLibrary.Alone(() =>
                {
                    var file = new ReadOnlySpan<byte>((byte*)start, length);
                    using var source = Source.NewFromMemory(file);
                    return Decode(source, file, format, name, options);
                });
            }
            catch (VipsException e)
            {
                throw Damaged(name, format, e);
            }
        }
    }

    /// <summary>The header of an open file.</summary>
    internal static ImageInfo ReadInfo(int descriptor, string name, ImageFormat format)
    {
        try
        {
            return VipsLibrary.Alone(() =>
            {
                using var source = Source.NewFromDescriptor(descriptor);
                using var header = Open(source, format);
                return Describe(header, format);
            });
        }
        catch (VipsException e)
        {
            throw Damaged(name, format, e);
        }
    }

    private static Image Decode(Source source, ReadOnlySpan<byte> file, ImageFormat format, string name, ImageOptions options)
    {
        var image = Open(source, format);
        try
        {
            var info = Describe(image, format);
            ImageBounds.Check(info, name, options);
            if (format == ImageFormat.Jpeg)
                ImageBounds.CheckScans(file, (long)info.Width * info.Height * info.Channels, name, options);
            if (options.Frame >= info.Frames)
                throw new ImageException(name, $"frame {options.Frame} was asked for, but the file has {info.Frames} (counted from 0)");
            if (options.Frame > 0)
            {
                image.Dispose();
                image = Open(source, format, page: options.Frame);
                ImageBounds.Check(Describe(image, format), name, options);
            }
            else if (format == ImageFormat.Jpeg && ImageReader.Shrink(info, options.MinimumShortSide) is > 1 and var shrink)
            {
                image.Dispose();
                image = Open(source, format, shrink: shrink);
            }
            return Convert(image, info, name, options);
        }
        finally
        {
            image.Dispose();
        }
    }

    /// <summary>
    /// Reads the header. Damage of any kind is an error, now or when pixels are asked for; libvips would by default go on with grey.
    /// </summary>
    private static VipsImage Open(Source source, ImageFormat format, int? page = null, int? shrink = null)
    {
        const Access access = Access.Sequential;
        const FailOn failOn = FailOn.Error;
        return format switch
        {
            ImageFormat.Jpeg => VipsImage.JpegloadSource(source, shrink, access: access, failOn: failOn),
            ImageFormat.Png => VipsImage.PngloadSource(source, access: access, failOn: failOn),
            ImageFormat.WebP => VipsImage.WebploadSource(source, page, access: access, failOn: failOn),
            ImageFormat.Tiff => VipsImage.TiffloadSource(source, page, access: access, failOn: failOn),
            ImageFormat.Avif => VipsImage.HeifloadSource(source, page, access: access, failOn: failOn),
            ImageFormat.Gif => VipsImage.GifloadSource(source, page: page, access: access, failOn: failOn),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "libvips does not read this format here."),
        };
    }

    private static ImageInfo Describe(VipsImage image, ImageFormat format)
    {
        var depth = image.Format switch { BandFormat.Uchar => 8, BandFormat.Ushort => 16, _ => 32 };
        var frames = image.Contains("n-pages") ? Math.Max((int)image.Get("n-pages"), 1) : 1;
        var orientation = image.Contains("orientation") && (int)image.Get("orientation") is >= 1 and <= 8 and var exif ? exif : 1;
        return new ImageInfo(format, image.Width, image.Height, image.Bands, depth, frames, orientation);
    }

    private static Image Convert(VipsImage image, ImageInfo info, string name, ImageOptions options)
    {
        // libvips scales AVIF's 10 and 12 bits up; PNG and TIFF may hold fewer bits than they say.
        var white = info.Format == ImageFormat.Avif && info.BitDepth == 16 ? 65535 : 0;
        if (image.Interpretation is Interpretation.Multiband or Interpretation.Bw or Interpretation.Cmyk or Interpretation.Rgb
            or Interpretation.Srgb
            or Interpretation.Rgb16 or Interpretation.Grey16)
            return ImageReader.Finish(Pixels(image, name, white), image.Interpretation == Interpretation.Cmyk, info, name, options);
        using var standard = image.Colourspace(Interpretation.Srgb);    // a TIFF in CIELAB, say
        return ImageReader.Finish(Pixels(standard, name, white), isCmyk: false, info, name, options);
    }

    /// <summary>Decodes into managed memory; from here on nothing is libvips's.</summary>
    private static RawPixels Pixels(VipsImage image, string name, int white)
    {
        if (image.Format is not (BandFormat.Uchar or BandFormat.Ushort))
            throw new ImageException(name, "its samples are neither 8 nor 16 bits unsigned; convert it to such a PNG or TIFF first");
        if (image.Bands is < 1 or > 5)
            throw new ImageException(name, $"it has {image.Bands} bands a pixel; grey, RGB and CMYK with or without alpha are read");
        var depth = image.Format == BandFormat.Uchar ? 8 : 16;
        var size = (long)image.Width * image.Height * image.Bands * (depth / 8);
        if (size > Array.MaxLength)
            throw new ImageException(name, $"{image.Width} x {image.Height} pixels of {image.Bands} bands take more than 2 GB");
        var bytes = GC.AllocateUninitializedArray<byte>((int)size);
        VipsPixels.Read(image, bytes);
        return new RawPixels(image.Width, image.Height, image.Bands, depth, bytes, white);
    }

    private static ImageException Damaged(string name, ImageFormat format, VipsException e) =>
        new(name, $"the {format} image cannot be decoded, it is damaged or cut short ({VipsLibrary.Reason(e)})", e);
}
