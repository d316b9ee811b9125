using System.Runtime.InteropServices;

namespace Sconce.Imaging;

public sealed partial class Image
{
    /// <summary>Fills the part of the box that lies in the image, opaque.</summary>
    public void Fill(PixelBox box, Rgb color)
    {
        int left = Math.Max(box.Left, 0), right = Math.Min(box.Right, Width), top = Math.Max(box.Top, 0),
            bottom = Math.Min(box.Bottom, Height);
        if (left >= right || top >= bottom)
            return;
        Span<byte> pixel = stackalloc byte[BytesPerPixel];
        WritePixel(pixel, color);
        var first = Row(top)[(left * BytesPerPixel)..(right * BytesPerPixel)];
        for (var i = 0; i < first.Length; i += BytesPerPixel)
            pixel.CopyTo(first[i..]);
        for (var y = top + 1; y < bottom; y++)
            first.CopyTo(Row(y)[(left * BytesPerPixel)..]);
    }

    /// <summary>Draws the outline of the box, <paramref name="thickness"/> pixels inward from its edges; what lies outside the image is
    /// left out.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The thickness is below 1.</exception>
    public void DrawRectangle(PixelBox box, Rgb color, int thickness = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(thickness, 1);
        if (box.Width <= 0 || box.Height <= 0)
            return;
        int horizontal = Math.Min(thickness, box.Width), vertical = Math.Min(thickness, box.Height);
        Fill(box with { Bottom = box.Top + vertical }, color);
        Fill(box with { Top = box.Bottom - vertical }, color);
        Fill(box with { Right = box.Left + horizontal }, color);
        Fill(box with { Left = box.Right - horizontal }, color);
    }

    /// <summary>
    /// Writes text on a filled label whose top left corner is (x, y), moved inside the image where it would leave it. Returns the label's
    /// box. 8-bit images only.
    /// </summary>
    /// <param name="x">Left edge in pixels.</param>
    /// <param name="y">Top edge in pixels.</param>
    /// <param name="text">Plain text, one line or more.</param>
    /// <param name="color">The letters.</param>
    /// <param name="background">The label behind them; null leaves the picture.</param>
    /// <param name="size">Font size in pixels.</param>
    /// <exception cref="ImageException">This libvips was built without Pango, or there is no font.</exception>
    public PixelBox DrawLabel(int x, int y, string text, Rgb color, Rgb? background = null, int size = 14)
    {
        const int margin = 2;
        var mask = TextRenderer.Render(text, size);
        var pixels = Pixels;
        var left = Math.Max(Math.Min(x, Width - mask.Width - 2 * margin), 0);
        var top = Math.Max(Math.Min(y, Height - mask.Height - 2 * margin), 0);
        var box = PixelBox.FromSize(left, top, mask.Width + 2 * margin, mask.Height + 2 * margin);
        if (background is { } ground)
            Fill(box, ground);
        Span<byte> ink = stackalloc byte[Channels];
        WritePixel(ink, color);
        for (var row = 0; row < mask.Height && top + margin + row < Height; row++)
        {
            for (var column = 0; column < mask.Width && left + margin + column < Width; column++)
            {
                int cover = mask.Pixels[row * mask.Width + column];
                var at = ((top + margin + row) * Width + left + margin + column) * Channels;
                for (var c = 0; c < Channels; c++)
                    pixels[at + c] = (byte)((ink[c] * cover + pixels[at + c] * (255 - cover) + 127) / 255);
            }
        }
        return box;
    }

    /// <summary>The colour as one pixel of this image: luma for grey, opaque for RGBA.</summary>
    private void WritePixel(Span<byte> pixel, Rgb color)
    {
        Span<byte> samples = Channels switch { 1 => [color.Luma], 3 => [color.R, color.G, color.B], _ => [color.R, color.G, color.B, 255] };
        if (BitDepth == 8)
        {
            samples.CopyTo(pixel);
            return;
        }
        var wide = MemoryMarshal.Cast<byte, ushort>(pixel);
        for (var c = 0; c < Channels; c++)
            wide[c] = (ushort)(samples[c] * 257);
    }
}
