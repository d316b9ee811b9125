using Sconce.Files;
using Sconce.Imaging.Vips;

namespace Sconce.Imaging;

/// <summary>Images to files, through libvips.</summary>
internal static unsafe class ImageWriter
{
    internal static void Save(Image image, string path, int quality)
    {
        var data = Encode(image, ImageFormats.ForWriting(path), quality, path);
        try
        {
            AtomicFile.Write(path, data);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImageException(path, $"the image cannot be written: {e.Message}", e);
        }
    }

    internal static byte[] Encode(Image image, ImageFormat format, int quality, string name = "(memory)")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        var prepared = format switch
        {
            ImageFormat.Png => image,
            ImageFormat.Jpeg => image.Channels == 4 ? image.To8Bit().ToRgb() : image.To8Bit(),
            ImageFormat.WebP => image.Channels == 1 ? image.To8Bit().ToRgb() : image.To8Bit(),
            _ => throw new ImageException(name, $"{format} is read but not written; choose PNG, JPEG or WebP"),
        };
        try
        {
            return VipsLibrary.Alone(() => EncodeOnce(prepared, format, quality));
        }
        catch (VipsException e)
        {
            throw new ImageException(name, $"the image ({image}) cannot be encoded as {format} ({e.Message})", e);
        }
    }

    private static byte[] EncodeOnce(Image image, ImageFormat format, int quality)
    {
        fixed (byte* pixels = image.Buffer)
        {
            var sample = image.BitDepth == 8 ? 0 : 2;    // VIPS_FORMAT_UCHAR, _USHORT
            using var plain = new VipsObject(VipsNative.ImageFromMemory(pixels, (nuint)image.Buffer.Length, image.Width, image.Height, image.Channels, sample));
            using var copy = new VipsOperation("copy");
            copy.Set("in", plain).Set("interpretation", (image.Channels, image.BitDepth) switch { (1, 8) => "b-w", (1, _) => "grey16", (_, 8) => "srgb", _ => "rgb16" });
            using var named = copy.Image();
            using var target = new VipsObject(VipsNative.TargetToMemory());
            using var save = new VipsOperation(format switch { ImageFormat.Png => "pngsave_target", ImageFormat.Jpeg => "jpegsave_target", _ => "webpsave_target" });
            save.Set("in", named).Set("target", target).Set("strip", "true");
            if (format != ImageFormat.Png)
                save.Set("Q", $"{quality}");
            save.Run();
            return Written(target);
        }
    }

    /// <summary>The bytes a finished saver has left in the target's property <c>blob</c>.</summary>
    private static byte[] Written(VipsObject target)
    {
        VipsNative.GValue boxed = default;    // an empty value takes the property's own type
        VipsNative.GetProperty(target.Pointer, "blob", &boxed);
        nuint length;
        var data = VipsNative.BlobGet(VipsNative.ValueGetBoxed(&boxed), &length);
        var bytes = new ReadOnlySpan<byte>(data, checked((int)length)).ToArray();
        VipsNative.ValueUnset(&boxed);
        return bytes;
    }
}
