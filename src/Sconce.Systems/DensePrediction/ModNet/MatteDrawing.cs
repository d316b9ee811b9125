using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>Pictures of an opacity <c>(H, W)</c> in [0, 1].</summary>
public static class MatteDrawing
{
    /// <summary>The picture with the opacity as its alpha.</summary>
    /// <param name="picture">8-bit RGB, of the opacity's size.</param>
    /// <param name="opacity">On the processor.</param>
    public static Image Cut(Image picture, Tensor opacity)
    {
        ArgumentNullException.ThrowIfNull(picture);
        var cut = new Image(picture.Width, picture.Height, 4);
        byte[] alpha = Bytes(opacity);
        Span<byte> from = picture.Pixels, to = cut.Pixels;
        for (int k = 0; k < alpha.Length; k++)
        {
            from.Slice(3 * k, 3).CopyTo(to[(4 * k)..]);
            to[(4 * k) + 3] = alpha[k];
        }

        return cut;
    }

    /// <summary>The picture before another.</summary>
    /// <param name="picture">8-bit RGB, of the opacity's size.</param>
    /// <param name="opacity">On the processor.</param>
    /// <param name="background">8-bit RGB of the same size.</param>
    public static Image Before(Image picture, Tensor opacity, Image background)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentNullException.ThrowIfNull(background);
        var whole = new Image(picture.Width, picture.Height);
        byte[] alpha = Bytes(opacity);
        Span<byte> front = picture.Pixels, back = background.Pixels, to = whole.Pixels;
        for (int k = 0; k < to.Length; k++)
        {
            int share = alpha[k / 3];
            to[k] = (byte)(((front[k] * share) + (back[k] * (255 - share)) + 127) / 255);
        }

        return whole;
    }

    /// <summary>The opacity itself: black for 0, white for 1.</summary>
    public static Image Grey(Tensor opacity)
    {
        ArgumentNullException.ThrowIfNull(opacity);
        return Image.FromPixels((int)opacity.Size(1), (int)opacity.Size(0), 1, Bytes(opacity));
    }

    private static byte[] Bytes(Tensor opacity)
    {
        using var scope = new TensorScope();
        return (opacity.Clamp(0, 1) * 255).Round().To(DType.UInt8).ToArray<byte>();
    }
}
