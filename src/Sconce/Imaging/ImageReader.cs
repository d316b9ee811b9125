using Microsoft.Win32.SafeHandles;
using Sconce.Files;
using Sconce.Imaging.Bmp;
using Sconce.Imaging.Jpeg;
using Sconce.Imaging.Netpbm;
using Sconce.Imaging.Vips;

namespace Sconce.Imaging;

/// <summary>Files and bytes to images: first bytes, then dimensions, then pixels.</summary>
internal static class ImageReader
{
    /// <summary>A file, which is read no further than its first bytes tell that it is a picture.</summary>
    internal static Image Load(string path, ImageOptions options)
    {
        byte[] data;
        try
        {
            using var file = Open(path);
            var length = RandomAccess.GetLength(file);
            FormatOf(Start(file, stackalloc byte[ImageFormats.SniffLength]), path);
            ImageBounds.CheckFile(length, path, options);
            data = GC.AllocateUninitializedArray<byte>((int)Math.Min(length, Array.MaxLength));
            if (ReadAll(file, data) is var read && read < data.Length)
                Array.Resize(ref data, read);    // it was cut meanwhile
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Unreadable(path, e);
        }
        return Decode(data, path, options);
    }

    internal static Image Decode(ReadOnlySpan<byte> data, string name, ImageOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Frame);
        var format = FormatOf(data, name);
        if (format == ImageFormat.Jpeg && options.Frame == 0 && DecodeJpeg(data, name, options) is { } decoded)
            return decoded;
        return format switch
        {
            ImageFormat.Bmp => DecodeBmp(data, name, options),
            ImageFormat.Netpbm => DecodeNetpbm(data, name, options),
            _ => VipsDecoder.Decode(data, name, format, options),
        };
    }

    /// <summary>The short way for sound JPEG files; null: libvips shall decode, or say what is wrong.</summary>
    internal static Image? DecodeJpeg(ReadOnlySpan<byte> data, string name, ImageOptions options)
    {
        if (TurboJpeg.ReadHeader(data) is not { } header)
            return null;
        var info = new ImageInfo(ImageFormat.Jpeg, header.Width, header.Height, header.Bands, 8, 1, header.Orientation);
        ImageBounds.Check(info, name, options);
        ImageBounds.CheckScans(data, (long)header.Width * header.Height * header.Bands, name, options);
        return TurboJpeg.Decode(data, header, Shrink(info, options.MinimumShortSide)) is { } raw
            ? Finish(raw, isCmyk: false, info, name, options) : null;
    }

    internal static ImageInfo ReadInfo(string path)
    {
        try
        {
            using var file = Open(path);
            Span<byte> start = stackalloc byte[ImageFormats.SniffLength];
            return FormatOf(Start(file, start), path) switch
            {
                ImageFormat.Bmp => BmpHeader.Read(Start(file, stackalloc byte[BmpHeader.MostBytes]), path).Info(),
                ImageFormat.Netpbm => NetpbmHeader.Read(Start(file, new byte[NetpbmHeader.MostBytes]), path).Info(),
                var format => VipsDecoder.ReadInfo((int)file.DangerousGetHandle(), path, format),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw Unreadable(path, e);
        }
    }

    internal static int Shrink(ImageInfo info, int shortSide)
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

    /// <summary>Stored samples to the depth, the channels and the way up that are wanted.</summary>
    internal static Image Finish(RawPixels raw, bool isCmyk, ImageInfo info, string name, ImageOptions options)
    {
        if (raw.Depth == 16 && !options.Keep16Bits)
            raw = SampleDepth.ToBytes(raw, isCmyk, options.SampleBits);
        if (raw.Bands == 5 && !isCmyk)
            throw new ImageException(name, "it has 5 bands a pixel; grey, RGB and CMYK with or without alpha are read");
        var image = PixelConversion.ToImage(raw, isCmyk, options.Mode, options.Background, info.Frames);
        return options.ApplyOrientation ? image.Oriented(info.Orientation) : image;
    }

    private static Image DecodeBmp(ReadOnlySpan<byte> data, string name, ImageOptions options)
    {
        var header = BmpHeader.Read(data, name);
        return FinishStill(header.Info(), name, options, static (data, header, name) => BmpPixels.Read(data, header, name), data, header);
    }

    private static Image DecodeNetpbm(ReadOnlySpan<byte> data, string name, ImageOptions options)
    {
        var header = NetpbmHeader.Read(data, name);
        return FinishStill(header.Info(), name, options, static (data, header, name) => NetpbmPixels.Read(data, header, name), data,
            header);
    }

    private static Image FinishStill<T>(ImageInfo info, string name, ImageOptions options, Pixels<T> pixels, ReadOnlySpan<byte> data,
        T header)
    {
        ImageBounds.Check(info, name, options);
        if (options.Frame > 0)
            throw new ImageException(name, $"frame {options.Frame} was asked for, but the file has 1 (counted from 0)");
        return Finish(pixels(data, header, name), isCmyk: false, info, name, options);
    }

    private delegate RawPixels Pixels<in T>(ReadOnlySpan<byte> data, T header, string name);

    private static ImageFormat FormatOf(ReadOnlySpan<byte> start, string name)
    {
        if (start.IsEmpty)
            throw new ImageException(name, "the file is empty");
        var format = ImageFormats.Sniff(start) ?? throw new ImageException(name,
            $"this is no JPEG, PNG, WebP, TIFF, GIF, BMP, PGM, PPM or AVIF image; by its content it is {ImageFormats.Describe(start)}");
        // libvips makes up a size for a GIF without one.
        if (format == ImageFormat.Gif && start.Length >= 10
            && (start[6..8].IndexOfAnyExcept((byte)0) < 0 || start[8..10].IndexOfAnyExcept((byte)0) < 0))
            throw new ImageException(name, "the file declares no width or no height: there is no picture in it");
        return format;
    }

    private static SafeFileHandle Open(string path)
    {
        if (path.Length > 0 && RegularFile.KindOf(path) is { } kind)
            throw new ImageException(path, kind == "a folder" ? "this is a directory, not an image file"
                : $"this is {kind}, not a regular file");
        return File.OpenHandle(path);
    }

    /// <summary>The first bytes of a file, as many as there are and <paramref name="start"/> holds.</summary>
    private static ReadOnlySpan<byte> Start(SafeFileHandle file, Span<byte> start) => start[..ReadAll(file, start)];

    private static int ReadAll(SafeFileHandle file, Span<byte> into)
    {
        var read = 0;
        while (read < into.Length && RandomAccess.Read(file, into[read..], read) is > 0 and var more)
            read += more;
        return read;
    }

    private static ImageException Unreadable(string path, Exception e) => new(path, e switch
    {
        FileNotFoundException or DirectoryNotFoundException => "there is no such file",
        UnauthorizedAccessException => "the file may not be read (permission denied)",
        _ => $"the file cannot be read: {e.Message}",
    }, e);
}
