namespace Sconce.Imaging;

public sealed partial class Image
{
    /// <summary>Three channels: grey repeated, alpha dropped (Pillow's <c>convert("RGB")</c>) or blended on <paramref name="background"/>.
    /// Itself if already so.</summary>
    public Image ToRgb(Rgb? background = null) => Channels == 3 ? this : Converted(3, background);

    /// <summary>Four channels, opaque where there was no alpha. Itself if already so.</summary>
    public Image ToRgba() => Channels == 4 ? this : Converted(4, null);

    /// <summary>One channel of luma by Pillow's <c>convert("L")</c>: (19595 R + 38470 G + 7471 B + 32768) / 65536. Itself if already
    /// so.</summary>
    public Image ToGray() => Channels == 1 ? this : Converted(1, null);

    /// <summary>8 bits a sample, by the high byte. Itself if already so.</summary>
    /// <param name="sampleBits">How many of the 16 bits are in use, from 9: a picture of a 12-bit camera gives its 12 bits' high
    /// bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not 9 to 16.</exception>
    public Image To8Bit(int sampleBits = 16)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleBits, 9);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sampleBits, 16);
        if (BitDepth == 8)
            return this;
        var raw = SampleDepth.ToBytes(new RawPixels(Width, Height, Channels, 16, bytes), isCmyk: false, sampleBits);
        return new Image(Width, Height, Channels, 8, raw.Bytes) { FrameCount = FrameCount };
    }

    private Image Converted(int channels, Rgb? background) =>
        PixelConversion.Convert(new RawPixels(Width, Height, Channels, BitDepth, bytes), isCmyk: false, channels, background, FrameCount);
}
