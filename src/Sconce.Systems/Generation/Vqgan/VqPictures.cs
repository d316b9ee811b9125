using Sconce.Data;
using Sconce.Imaging;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>
/// Pictures as VQGAN sees them: the shorter side resized without smoothing, the middle cut out, from -1 to 1. One channel is a depth map,
/// brought to [-1, 1] picture by picture; more than three are a map of labels, one channel a label, 0 or 1.
/// CompVis/taming-transformers@3ba01b2 data/base.py, data/imagenet.py, data/sflckr.py.
/// </summary>
internal static class VqPictures
{
    private const int Grey = 1, Colours = 3;

    /// <summary>Whether maps of so many channels are labels.</summary>
    internal static bool AreLabels(int channels) => channels is not (Grey or Colours);

    /// <summary>The middle at a size: <c>(1, channels, height, width)</c>.</summary>
    /// <exception cref="DataException">It is no map of so many labels.</exception>
    internal static Tensor Middle(Image picture, int height, int width, int channels)
    {
        double scale = Math.Max((double)height / picture.Height, (double)width / picture.Width);
        var resized = Resized(picture, scale, channels);
        return Cut(resized, (resized.Size(2) - height) / 2, (resized.Size(3) - width) / 2, height, width, channels);
    }

    /// <summary>A square whose side is the picture's shorter one: <c>(1, channels, side, side)</c>.</summary>
    /// <param name="picture">Of any size.</param>
    /// <param name="side">In pixels.</param>
    /// <param name="channels">See <see cref="VqPictures"/>.</param>
    /// <param name="along">Where it lies along the longer side, in [0, 1].</param>
    internal static Tensor Square(Image picture, int side, int channels, double along)
    {
        var resized = Resized(picture, (double)side / Math.Min(picture.Width, picture.Height), channels);
        long down = (long)Math.Round((resized.Size(2) - side) * along), right = (long)Math.Round((resized.Size(3) - side) * along);
        return Cut(resized, down, right, side, side, channels);
    }

    /// <summary>All of a picture with its shorter side at a size, but for what is less than a code at its edges.</summary>
    internal static Tensor Whole(Image picture, int side, int code, int channels)
    {
        var resized = Resized(picture, (double)side / Math.Min(picture.Width, picture.Height), channels);
        long height = resized.Size(2) / code * code, width = resized.Size(3) / code * code;
        return Cut(resized, (resized.Size(2) - height) / 2, (resized.Size(3) - width) / 2, height, width, channels);
    }

    /// <summary>What a decoder gives, as pictures: colours, greys, or the numbers of the likeliest labels.</summary>
    /// <param name="decoded"><c>(N, C, H, W)</c></param>
    internal static List<Image> Painted(Tensor decoded)
    {
        if (!AreLabels((int)decoded.Size(1))) return PaintedPictures.Of(decoded);
        using var scope = new TensorScope();
        var labels = decoded.Detach().Argmax(1).Cpu().To(DType.Float32) / byte.MaxValue;
        return [.. Enumerable.Range(0, (int)labels.Size(0)).Select(k => labels[k].Unsqueeze(0).Contiguous().ToImage())];
    }

    private static Tensor Resized(Image picture, double scale, int channels)
    {
        long height = Math.Max(1, (long)Math.Round(picture.Height * scale)), width = Math.Max(1, (long)Math.Round(picture.Width * scale));
        return AreLabels(channels)
            ? Functional.Interpolate(Labels(picture, channels), [height, width], Interpolation.NearestExact)
            : Functional.Interpolate(channels == Grey ? Depth(picture) : Colour(picture), [height, width], Interpolation.Bilinear);
    }

    private static Tensor Colour(Image picture) => (picture.To8Bit().ToRgb(Rgb.White).ToTensor().Unsqueeze(0) * 2) - 1;

    private static Tensor Depth(Image picture)
    {
        var values = (picture.Channels == Grey ? picture : picture.To8Bit().ToRgb(Rgb.White).ToGray()).ToTensor().Unsqueeze(0);
        var (least, most) = (values.Min(), values.Max());
        return ((values - least) / (most - least).ClampMin(1e-6) * 2) - 1;
    }

    private static Tensor Labels(Image picture, int labels)
    {
        var planes = picture.To8Bit().ToRgb(Rgb.White).ToTensor() * byte.MaxValue;
        if ((planes - planes[0]).Abs().Max().Item<float>() > 0)
            throw new DataException("a map of labels is grey, each value a label's number, and this picture has colours");
        var numbers = planes.Narrow(0, 0, 1).Unsqueeze(0).Round();
        int most = (int)numbers.Max().Item<float>();
        if (most >= labels)
        {
            throw new DataException($"it has the label {most}, and this network knows {labels} labels, from 0 on: renumber them");
        }

        return numbers;
    }

    private static Tensor Cut(Tensor pictures, long down, long right, long height, long width, int channels)
    {
        var part = pictures.Narrow(2, down, height).Narrow(3, right, width).Contiguous();
        if (!AreLabels(channels)) return part;
        return part.Squeeze(1).To(DType.Int64).OneHot(channels).Permute([0, 3, 1, 2]).To(DType.Float32).Contiguous();
    }
}
