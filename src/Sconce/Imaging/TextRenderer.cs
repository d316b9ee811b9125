using NetVips;
using Sconce.Imaging.Vips;
using VipsImage = NetVips.Image;

namespace Sconce.Imaging;

/// <summary>Text to a coverage mask, by libvips with Pango.</summary>
internal static class TextRenderer
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
            throw new ImageException(
                $"Text cannot be drawn: the system has no font ({VipsLibrary.Reason(e)}). On Debian: apt-get install fonts-dejavu-core", e);
        }
    }

    private static Image RenderOnce(string text, int size)
    {
        var markup = text.Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;");    // Pango reads markup
        using var mask = VipsImage.Text(markup, font: $"sans {size}", dpi: 72);
        var image = new Image(mask.Width, mask.Height, 1);
        VipsPixels.Read(mask, image.Bytes);
        return image;
    }
}
