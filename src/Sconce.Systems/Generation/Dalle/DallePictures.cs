using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>
/// Pictures as the dVAE sees them: the shorter side resized by Lanczos' filter, a square cut out. openai/DALL-E@5be4b23
/// notebooks/usage.ipynb.
/// </summary>
internal static class DallePictures
{
    /// <summary>A square: <c>(1, 3, side, side)</c> in [-1, 1].</summary>
    /// <param name="picture">Of any size.</param>
    /// <param name="side">In pixels.</param>
    /// <param name="along">Where it lies along the longer side, in [0, 1].</param>
    internal static Tensor Square(Image picture, int side, double along = 0.5)
    {
        var resized = picture.To8Bit().ToRgb(Rgb.White).ResizeShortSide(side, ResizeFilter.Lanczos);
        int left = (int)Math.Round((resized.Width - side) * along), top = (int)Math.Round((resized.Height - side) * along);
        return (resized.Crop(PixelBox.FromSize(left, top, side, side)).ToTensor().Unsqueeze(0) * 2) - 1;
    }

    /// <summary>All of a picture with its shorter side at a size, but for what is less than a code at its edges.</summary>
    internal static Tensor Whole(Image picture, int side, int code)
    {
        var resized = picture.To8Bit().ToRgb(Rgb.White).ResizeShortSide(side, ResizeFilter.Lanczos);
        int width = resized.Width / code * code, height = resized.Height / code * code;
        var box = PixelBox.FromSize((resized.Width - width) / 2, (resized.Height - height) / 2, width, height);
        return (resized.Crop(box).ToTensor().Unsqueeze(0) * 2) - 1;
    }

    /// <summary>From [-1, 1] to [0, 1].</summary>
    internal static Tensor ToUnit(Tensor pictures) => (pictures + 1) / 2;

    /// <summary>From [0, 1] to [-1, 1].</summary>
    internal static Tensor ToSymmetric(Tensor pictures) => (pictures * 2) - 1;
}
