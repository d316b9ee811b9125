using Sconce.Imaging;

namespace Sconce.Abilities;

/// <summary>A mask as pictures.</summary>
public static class MaskDrawing
{
    private const int Unknown = 255;
    private const double Opacity = 0.5;

    /// <summary>A grey picture whose values are the classes' numbers; 255 where nothing is known. 16 bits where there are more than 255
    /// classes.</summary>
    public static Image Indices(Mask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.Names.Count <= Unknown)
            return Image.FromPixels(mask.Width, mask.Height, 1,
                (ReadOnlySpan<byte>)[.. mask.Classes.Select(k => (byte)(k < 0 ? Unknown : k))]);
        return Image.FromPixels(mask.Width, mask.Height, 1,
            (ReadOnlySpan<ushort>)[.. mask.Classes.Select(k => (ushort)(k < 0 ? ushort.MaxValue : k))]);
    }

    /// <summary>A copy of the picture with each class tinted.</summary>
    /// <param name="picture">Of the mask's size.</param>
    /// <param name="mask">The mask.</param>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static Image Over(Image picture, Mask mask)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if ((picture.Width, picture.Height) != (mask.Width, mask.Height))
        {
            throw new ArgumentException($"the mask is {mask.Width} x {mask.Height} and the picture {picture.Width} x "
                + $"{picture.Height}", nameof(mask));
        }

        var drawn = picture.To8Bit().ToRgb().Clone();
        var pixels = drawn.Pixels;
        for (int k = 0; k < mask.Classes.Count; k++)
        {
            if (mask.Classes[k] < 0) continue;
            var colour = BoxDrawing.Colour(mask.Classes[k]);
            var pixel = pixels.Slice(3 * k, 3);
            pixel[0] = Mix(pixel[0], colour.R);
            pixel[1] = Mix(pixel[1], colour.G);
            pixel[2] = Mix(pixel[2], colour.B);
        }

        return drawn;
    }

    private static byte Mix(byte under, byte over) => (byte)Math.Round((under * (1 - Opacity)) + (over * Opacity));
}
