using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Detection.ArtDetection;

/// <summary>Pictures of one batch as the detector reads them.</summary>
/// <param name="Images"><c>(N, 3, H, W)</c>, sides multiples of 32, zero right and below.</param>
/// <param name="Sizes">Height and width of each without padding.</param>
/// <param name="Originals">What they were before.</param>
internal sealed record ScaledPictures(
    Tensor Images, IReadOnlyList<(long Height, long Width)> Sizes, IReadOnlyList<(long Height, long Width)> Originals) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Images];

    /// <summary>Height and width of the batch.</summary>
    internal (long Height, long Width) Padded => (Images.Size(2), Images.Size(3));

    /// <summary>Boxes of the original picture in the scaled one; <c>(…, 4)</c>.</summary>
    internal Tensor ToScaled(Tensor boxes, int picture) => boxes * Ratios(picture, Originals[picture], Sizes[picture]);

    /// <summary>Boxes of the scaled picture in the original; <c>(…, 4)</c>.</summary>
    internal Tensor ToOriginal(Tensor boxes, int picture) => boxes * Ratios(picture, Sizes[picture], Originals[picture]);

    private Tensor Ratios(int picture, (long Height, long Width) from, (long Height, long Width) to)
    {
        float x = (float)to.Width / from.Width, y = (float)to.Height / from.Height;
        return Tensor.From([x, y, x, y]).To(Images.Device, Images.DType);
    }
}

/// <summary>
/// Colours normalised, the shorter side to a length unless the longer becomes too long, a batch padded; torchvision 0.14.1
/// <c>detection/transform.py GeneralizedRCNNTransform</c>.
/// </summary>
internal static class PictureScaling
{
    private const int Divisor = 32;

    /// <param name="pictures">Each <c>(3, H, W)</c>, red, green, blue in [0, 1].</param>
    /// <param name="config">Sides and colours.</param>
    internal static ScaledPictures Prepare(IReadOnlyList<Tensor> pictures, FasterRcnnConfig config)
    {
        if (pictures.Count == 0) throw new TorchException("Faster R-CNN: there is no picture");
        if (pictures.FirstOrDefault(picture => picture.Dimensions != 3 || picture.Size(0) != 3) is { } wrong)
        {
            throw new TorchException(
                $"Faster R-CNN: a picture of shape [{string.Join(", ", wrong.Shape.ToArray())}], but (3, H, W) is expected");
        }

        using var scope = new TensorScope();
        Tensor mean = Column(config.Mean, pictures[0]), std = Column(config.Std, pictures[0]);
        Tensor[] scaled = [.. pictures.Select(picture => Scaled((picture - mean) / std, config))];
        (long Height, long Width)[] sizes = [.. scaled.Select(Size)];
        long height = Padded(sizes.Max(size => size.Height)), width = Padded(sizes.Max(size => size.Width));
        var images = scaled.Select((picture, k) => picture.Pad([0, width - sizes[k].Width, 0, height - sizes[k].Height], "constant", 0.0));
        return scope.Keep(new ScaledPictures(Tensor.Stack([.. images]), sizes, [.. pictures.Select(Size)]));
    }

    private static Tensor Scaled(Tensor picture, FasterRcnnConfig config)
    {
        var (height, width) = Size(picture);
        float factor = Math.Min((float)config.LeastSide / Math.Min(height, width), (float)config.MostSide / Math.Max(height, width));
        long[] size = [(long)Math.Floor(height * (double)factor), (long)Math.Floor(width * (double)factor)];
        return Functional.Interpolate(picture.Unsqueeze(0), size, Interpolation.Bilinear)[0];
    }

    private static Tensor Column(IReadOnlyList<double> values, Tensor like) =>
        Tensor.From(values.Select(value => (float)value).ToArray(), [3, 1, 1]).To(like.Device, like.DType);

    private static (long Height, long Width) Size(Tensor picture) => (picture.Size(1), picture.Size(2));

    private static long Padded(long side) => (side + Divisor - 1) / Divisor * Divisor;
}
