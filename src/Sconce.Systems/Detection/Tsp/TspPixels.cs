using Sconce.Torch;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>Pictures of one batch, padded right and below.</summary>
/// <param name="Images"><c>(N, 3, H, W)</c>, normalised; sides are multiples of 32.</param>
/// <param name="Sizes">Height and width of each without padding.</param>
internal sealed record TspPictures(Tensor Images, IReadOnlyList<(long Height, long Width)> Sizes) : ITensorContainer
{
    public IEnumerable<Tensor> Tensors => [Images];

    /// <summary>The greatest height and the greatest width, before padding to a multiple.</summary>
    internal (long Height, long Width) Largest => (Sizes.Max(size => size.Height), Sizes.Max(size => size.Width));
}

/// <summary>From pictures to what the networks read; blue, green, red in [0, 255] with MSRA's mean.</summary>
internal static class TspPixels
{
    internal static IReadOnlyList<double> Mean { get; } = [103.53, 116.28, 123.675];

    internal static IReadOnlyList<double> Std { get; } = [1, 1, 1];

    /// <summary>Normalises, then pads with zeros to a multiple of 32 of the largest.</summary>
    /// <param name="pictures">Each <c>(3, H, W)</c>.</param>
    /// <param name="mean"><c>(3, 1, 1)</c></param>
    /// <param name="std"><c>(3, 1, 1)</c></param>
    /// <exception cref="TorchException">None, or one that is no <c>(3, H, W)</c>.</exception>
    internal static TspPictures Prepare(IReadOnlyList<Tensor> pictures, Tensor mean, Tensor std)
    {
        if (pictures.Count == 0) throw new TorchException("TSP: there is no picture");
        if (pictures.FirstOrDefault(picture => picture.Dimensions != 3 || picture.Size(0) != 3) is { } wrong)
        {
            throw new TorchException(
                $"TSP: a picture of shape [{string.Join(", ", wrong.Shape.ToArray())}], but (3, H, W) of blue, green, red is expected");
        }

        using var scope = new TensorScope();
        (long Height, long Width)[] sizes = [.. pictures.Select(picture => (picture.Size(1), picture.Size(2)))];
        long height = Padded(sizes.Max(size => size.Height)), width = Padded(sizes.Max(size => size.Width));
        var padded = pictures.Select((picture, k) =>
            ((picture - mean) / std).Pad([0, width - sizes[k].Width, 0, height - sizes[k].Height], "constant", 0.0));
        return scope.Keep(new TspPictures(Tensor.Stack([.. padded]), sizes));
    }

    private static long Padded(long side) => (side + TspBackbone.Divisor - 1) / TspBackbone.Divisor * TspBackbone.Divisor;
}
