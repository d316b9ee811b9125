using Sconce.Imaging.Jpeg;
using Sconce.Imaging.Vips;

namespace Sconce.Imaging;

/// <summary>Files and bytes to images: dimensions first, then pixels, through libvips.</summary>
internal static unsafe class ImageReader
{
    // VipsBandFormat and VipsInterpretation (vips/image.h)
    private const int UChar = 0, UShort = 2;
    private const int Multiband = 0, BlackWhite = 1, Cmyk = 15, PlainRgb = 17, StandardRgb = 22, Rgb16 = 25, Grey16 = 26;

    internal static byte[] ReadFile(string path)
    {
        if (Directory.Exists(path))
            throw new ImageException(path, "this is a directory, not an image file");
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Unreadable(path, e);
        }
    }

    internal static Image Decode(ReadOnlySpan<byte> data, string name, ImageOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Frame);
        var format = FormatOf(data, name);
        if (format == ImageFormat.Jpeg && options.Frame == 0 && DecodeJpeg(data, name, options) is { } decoded)
            return decoded;
        return DecodeWithVips(data, name, format, options);
    }

    internal static Image DecodeWithVips(ReadOnlySpan<byte> data, string name, ImageFormat format, ImageOptions options)
    {
        fixed (byte* pinned = data)
        {
            var (start, length) = ((nint)pinned, (nuint)data.Length);
            try
            {
                return VipsLibrary.Alone(() =>
                {
                    using var source = new VipsObject(VipsNative.SourceFromMemory((byte*)start, length));
                    return Decode(source, format, name, options);
                });
            }
            catch (VipsException e)
            {
                throw Damaged(name, format, e);
            }
        }
    }

    /// <summary>The short way for sound JPEG files; null: libvips shall decode, or say what is wrong.</summary>
    internal static Image? DecodeJpeg(ReadOnlySpan<byte> data, string name, ImageOptions options)
    {
        if (TurboJpeg.ReadHeader(data) is not { } header)
            return null;
        CheckSize(header.Width, header.Height, name, options);
        var info = new ImageInfo(ImageFormat.Jpeg, header.Width, header.Height, header.Bands, 8, 1, header.Orientation);
        return TurboJpeg.Decode(data, header, Shrink(info, options.MinimumShortSide)) is { } raw ? Finish(raw, isCmyk: false, info, name, options) : null;
    }

    internal static ImageInfo ReadInfo(string path)
    {
        if (Directory.Exists(path))
            throw new ImageException(path, "this is a directory, not an image file");
        try
        {
            using var file = File.OpenHandle(path);
            Span<byte> start = stackalloc byte[ImageFormats.SniffLength];
            var format = FormatOf(start[..RandomAccess.Read(file, start, 0)], path);
            try
            {
                return VipsLibrary.Alone(() =>
                {
                    using var source = new VipsObject(VipsNative.SourceFromDescriptor((int)file.DangerousGetHandle()));
                    using var header = Open(source, format);
                    var info = Describe(header, format);
                    return info;
                });
            }
            catch (VipsException e)
            {
                throw Damaged(path, format, e);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Unreadable(path, e);
        }
    }

    private static Image Decode(VipsObject source, ImageFormat format, string name, ImageOptions options)
    {
        var image = Open(source, format);
        try
        {
            var info = Describe(image, format);
            CheckSize(info.Width, info.Height, name, options);
            if (options.Frame >= info.Frames)
                throw new ImageException(name, $"frame {options.Frame} was asked for, but the file has {info.Frames} (counted from 0)");
            if (options.Frame > 0)
            {
                image.Dispose();
                image = Open(source, format, ("page", $"{options.Frame}"));
                CheckSize(VipsNative.ImageWidth(image.Pointer), VipsNative.ImageHeight(image.Pointer), name, options);
            }
            else if (format == ImageFormat.Jpeg && Shrink(info, options.MinimumShortSide) is > 1 and var shrink)
            {
                image.Dispose();
                image = Open(source, format, ("shrink", $"{shrink}"));
            }
            return Convert(image, info, name, options);
        }
        finally
        {
            image.Dispose();
        }
    }

    /// <summary>Reads the header. Damage of any kind is an error, now or when pixels are asked for; libvips would by default go on with grey.</summary>
    private static VipsObject Open(VipsObject source, ImageFormat format, params ReadOnlySpan<(string Name, string Value)> arguments)
    {
        using var load = new VipsOperation(ImageFormats.Loader(format));
        load.Set("source", source).Set("access", "sequential").Set("fail-on", "error");
        foreach (var (argument, value) in arguments)
            load.Set(argument, value);
        return load.Image();
    }

    private static ImageInfo Describe(VipsObject image, ImageFormat format)
    {
        var depth = VipsNative.ImageFormat(image.Pointer) switch { UChar => 8, UShort => 16, _ => 32 };
        return new ImageInfo(format, VipsNative.ImageWidth(image.Pointer), VipsNative.ImageHeight(image.Pointer), VipsNative.ImageBands(image.Pointer), depth,
            VipsNative.ImagePages(image.Pointer), VipsNative.ImageOrientation(image.Pointer));
    }

    private static void CheckSize(long width, long height, string name, ImageOptions options)
    {
        if (width < 1 || height < 1)
            throw new ImageException(name, $"the file declares {width} x {height} pixels: there is no picture in it");
        if (width * height > options.MaxPixels)
            throw new ImageException(name, $"the file declares {width} x {height} pixels, more than the limit of {options.MaxPixels:N0}; raise ImageOptions.MaxPixels if you trust it");
    }

    private static int Shrink(ImageInfo info, int shortSide)
    {
        if (shortSide <= 0)
            return 1;
        var shorter = Math.Min(info.Width, info.Height);
        foreach (var shrink in (ReadOnlySpan<int>)[8, 4, 2])
        {
            if (shorter / shrink >= shortSide)
                return shrink;
        }
        return 1;
    }

    private static Image Convert(VipsObject image, ImageInfo info, string name, ImageOptions options)
    {
        var interpretation = VipsNative.ImageInterpretation(image.Pointer);
        if (interpretation is Multiband or BlackWhite or Cmyk or PlainRgb or StandardRgb or Rgb16 or Grey16)
            return Finish(Pixels(image, name), interpretation == Cmyk, info, name, options);
        using var toStandard = new VipsOperation("colourspace");    // a TIFF in CIELAB, say
        using var standard = toStandard.Set("in", image).Set("space", "srgb").Image();
        return Finish(Pixels(standard, name), isCmyk: false, info, name, options);
    }

    /// <summary>Decodes into managed memory; from here on nothing is libvips's.</summary>
    private static RawPixels Pixels(VipsObject image, string name)
    {
        int width = VipsNative.ImageWidth(image.Pointer), height = VipsNative.ImageHeight(image.Pointer), bands = VipsNative.ImageBands(image.Pointer);
        var sample = VipsNative.ImageFormat(image.Pointer);
        if (sample is not (UChar or UShort))
            throw new ImageException(name, "its samples are neither 8 nor 16 bits unsigned; convert it to such a PNG or TIFF first");
        if (bands is < 1 or > 5)
            throw new ImageException(name, $"it has {bands} bands a pixel; grey, RGB and CMYK with or without alpha are read");
        var depth = sample == UChar ? 8 : 16;
        var size = (long)width * height * bands * (depth / 8);
        if (size > Array.MaxLength)
            throw new ImageException(name, $"{width} x {height} pixels of {bands} bands take more than 2 GB");
        var bytes = GC.AllocateUninitializedArray<byte>((int)size);
        fixed (byte* memory = bytes)
            VipsPixels.Write(image, memory, (nuint)size);
        return new RawPixels(width, height, bands, depth, bytes);
    }

    private static Image Finish(RawPixels raw, bool isCmyk, ImageInfo info, string name, ImageOptions options)
    {
        if (raw.Depth == 16 && !options.Keep16Bits)
            raw = raw with { Depth = 8, Bytes = PixelConversion.HighBytes(raw.Bytes) };
        if (raw.Bands == 5 && !isCmyk)
            throw new ImageException(name, "it has 5 bands a pixel; grey, RGB and CMYK with or without alpha are read");
        var image = PixelConversion.ToImage(raw, isCmyk, options.Mode, options.Background, info.Frames);
        return options.ApplyOrientation ? image.Oriented(info.Orientation) : image;
    }

    private static ImageFormat FormatOf(ReadOnlySpan<byte> start, string name)
    {
        if (start.IsEmpty)
            throw new ImageException(name, "the file is empty");
        // libvips makes up a size for a GIF without one.
        if (ImageFormats.Sniff(start) == ImageFormat.Gif && start.Length >= 10 && (start[6..8].IndexOfAnyExcept((byte)0) < 0 || start[8..10].IndexOfAnyExcept((byte)0) < 0))
            throw new ImageException(name, "the file declares no width or no height: there is no picture in it");
        return ImageFormats.Sniff(start)
            ?? throw new ImageException(name, $"this is no JPEG, PNG, WebP, TIFF or GIF image; by its content it is {ImageFormats.Describe(start)}");
    }

    private static ImageException Damaged(string name, ImageFormat format, VipsException e) =>
        new(name, $"the {format} image cannot be decoded, it is damaged or cut short ({e.Message})", e);

    private static ImageException Unreadable(string path, Exception e) => new(path, e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "the file may not be read (permission denied)",
        _ => $"the file cannot be read: {e.Message}",
    }, e);
}

/// <summary>Decoded samples as the file stores them.</summary>
internal readonly record struct RawPixels(int Width, int Height, int Bands, int Depth, byte[] Bytes);
