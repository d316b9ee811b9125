namespace Sconce.Imaging;

/// <summary>A rectangle of pixels: left and top are inside, right and bottom just outside (Pillow's convention).</summary>
public readonly record struct PixelBox(int Left, int Top, int Right, int Bottom)
{
    /// <summary>Right - Left, in pixels.</summary>
    public int Width => Right - Left;

    /// <summary>Bottom - Top, in pixels.</summary>
    public int Height => Bottom - Top;

    /// <summary>A box from its corner and size, in pixels.</summary>
    public static PixelBox FromSize(int left, int top, int width, int height) => new(left, top, left + width, top + height);
}
