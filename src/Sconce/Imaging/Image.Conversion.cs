namespace Sconce.Imaging;

public sealed partial class Image
{
    /// <summary>Three channels: grey repeated, alpha dropped (Pillow's <c>convert("RGB")</c>) or blended on <paramref name="background"/>. Itself if already so.</summary>
    public Image ToRgb(Rgb? background = null) => Channels == 3 ? this : Converted(3, background);

    /// <summary>Four channels, opaque where there was no alpha. Itself if already so.</summary>
    public Image ToRgba() => Channels == 4 ? this : Converted(4, null);

    /// <summary>One channel of luma by Pillow's <c>convert("L")</c>: (19595 R + 38470 G + 7471 B + 32768) / 65536. Itself if already so.</summary>
    public Image ToGray() => Channels == 1 ? this : Converted(1, null);

    /// <summary>8 bits a sample, by the high byte. Itself if already so.</summary>
    public Image To8Bit() => BitDepth == 8 ? this : new Image(Width, Height, Channels, 8, PixelConversion.HighBytes(bytes)) { FrameCount = FrameCount };

    private Image Converted(int channels, Rgb? background) =>
        PixelConversion.Convert(new RawPixels(Width, Height, Channels, BitDepth, bytes), isCmyk: false, channels, background, FrameCount);
}
