using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>How a picture becomes CLIP's input (openai/CLIP@d05afc4 clip/clip.py <c>_transform</c>): the short side to n by Pillow's
/// bicubic filter, the centre, RGB, normalised.</summary>
public static class ClipPreprocess
{
    /// <summary>Channel means of the 400 million training pairs, on [0, 1].</summary>
    public static IReadOnlyList<float> Mean { get; } = [0.48145466f, 0.4578275f, 0.40821073f];

    /// <summary>Channel deviations of the same.</summary>
    public static IReadOnlyList<float> Std { get; } = [0.26862954f, 0.26130258f, 0.27577711f];

    /// <summary>The same as data, for the catalogue.</summary>
    public static ImagePreprocessing For(int size) => new(size, Mean, Std) { CropFraction = 1, Filter = ResizeFilter.Bicubic };

    /// <summary>One picture as the network reads it: <c>(3, size, size)</c>.</summary>
    /// <param name="picture">Any size and kind. It is resized as it is and becomes RGB afterwards, so alpha is dropped and not
    /// blended.</param>
    /// <param name="size">The side, in pixels.</param>
    public static Tensor Apply(Image picture, int size)
    {
        ArgumentNullException.ThrowIfNull(picture);
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        var (width, height) = For(size).ResizedSize(picture.Width, picture.Height);
        var cropped = picture.To8Bit().ResizeCenterCrop(width, height, size, size, ResizeFilter.Bicubic).ToRgb();
        var tensor = Tensor.Empty([3, size, size], DType.Float32);
        cropped.Normalize([.. Mean], [.. Std], tensor.AsSpan<float>());
        return tensor;
    }
}
