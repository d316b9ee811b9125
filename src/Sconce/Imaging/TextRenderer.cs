using Sconce.Imaging.Vips;

namespace Sconce.Imaging;

/// <summary>Text to a coverage mask, by libvips with Pango.</summary>
internal static unsafe class TextRenderer
{
    /// <summary>(height, width, 1), 255 where the ink covers the pixel.</summary>
    internal static Image Render(string text, int size)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        try
        {
            return VipsLibrary.Alone(() => RenderOnce(text, size));
        }
        catch (VipsException e)
        {
            throw new ImageException($"Text cannot be drawn: libvips has no Pango or the system no font ({e.Message}). On Debian: apt-get install libvips42 fonts-dejavu-core", e);
        }
    }

    private static Image RenderOnce(string text, int size)
    {
        using var operation = new VipsOperation("text");
        var markup = text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");    // Pango reads markup
        using var mask = operation.Set("text", markup).Set("font", $"sans {size}").Set("dpi", "72").Image();
        var image = new Image(VipsNative.ImageWidth(mask.Pointer), VipsNative.ImageHeight(mask.Pointer), 1);
        fixed (byte* memory = image.Buffer)
            VipsPixels.Write(mask, memory, (nuint)image.Buffer.Length);
        return image;
    }
}
