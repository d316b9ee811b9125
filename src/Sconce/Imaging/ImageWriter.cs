using NetVips;
using Sconce.Files;
using Sconce.Imaging.Vips;
using VipsImage = NetVips.Image;

namespace Sconce.Imaging;

/// <summary>Images to files, through libvips.</summary>
internal static class ImageWriter
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
            throw new ImageException(name, $"the image ({image}) cannot be encoded as {format} ({VipsLibrary.Reason(e)})", e);
        }
    }

    private static byte[] EncodeOnce(Image image, ImageFormat format, int quality)
    {
        var sample = image.BitDepth == 8 ? Enums.BandFormat.Uchar : Enums.BandFormat.Ushort;
        using var plain = VipsImage.NewFromMemory<byte>(image.Buffer.AsMemory(), image.Width, image.Height, image.Channels, sample);
        using var named = plain.Copy(interpretation: (image.Channels, image.BitDepth) switch
        {
            (1, 8) => Enums.Interpretation.Bw,
            (1, _) => Enums.Interpretation.Grey16,
            (_, 8) => Enums.Interpretation.Srgb,
            _ => Enums.Interpretation.Rgb16,
        });
        using var target = Target.NewToMemory();
        const Enums.ForeignKeep keep = Enums.ForeignKeep.None;
        switch (format)
        {
            case ImageFormat.Png: named.PngsaveTarget(target, keep: keep); break;
            case ImageFormat.Jpeg: named.JpegsaveTarget(target, quality, keep: keep); break;
            default: named.WebpsaveTarget(target, quality, keep: keep); break;
        }
        return target.Blob;
    }
}
