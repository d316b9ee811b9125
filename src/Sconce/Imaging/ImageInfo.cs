namespace Sconce.Imaging;

/// <summary>What an image file's header says; no pixel is decoded to learn it.</summary>
/// <param name="Format">The file's format, from its first bytes.</param>
/// <param name="Width">Stored width in pixels, before <paramref name="Orientation"/>.</param>
/// <param name="Height">Stored height in pixels, before <paramref name="Orientation"/>.</param>
/// <param name="Channels">Stored channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA or CMYK.</param>
/// <param name="BitDepth">Bits a sample: 8, 16, or 32 (which <see cref="Image.Load"/> refuses).</param>
/// <param name="Frames">Frames of an animation or pages of a TIFF, 1 for a still.</param>
/// <param name="Orientation">EXIF orientation, 1 to 8; 1 is upright.</param>
public sealed record ImageInfo(ImageFormat Format, int Width, int Height, int Channels, int BitDepth, int Frames, int Orientation)
{
    /// <summary>The size as seen, after the EXIF orientation: 5 to 8 exchange width and height.</summary>
    public (int Width, int Height) OrientedSize => Orientation >= 5 ? (Height, Width) : (Width, Height);
}
