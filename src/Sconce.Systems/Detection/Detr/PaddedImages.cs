using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>Pictures of several sizes in one tensor (the official <c>NestedTensor</c>).</summary>
/// <param name="Images"><c>(N, 3, H, W)</c>, normalised; each picture in the upper left corner.</param>
/// <param name="Mask"><c>(N, H, W)</c> bool, true on padding; null where nothing is padded.</param>
public sealed record PaddedImages(Tensor Images, Tensor? Mask = null) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => Mask is { } mask ? [Images, mask] : [Images];

    /// <summary>Pads with zeros, right and below; no mask where all have one size.</summary>
    /// <param name="pictures">Each <c>(3, H, W)</c>.</param>
    /// <exception cref="TorchException">None, or one that is not <c>(3, H, W)</c>.</exception>
    public static PaddedImages Of(params IReadOnlyList<Tensor> pictures)
    {
        if (pictures.Count == 0) throw new TorchException("padded images: there is no picture");
        if (pictures.FirstOrDefault(picture => picture.Dimensions != 3 || picture.Size(0) != 3) is { } wrong)
            throw new TorchException($"padded images: a picture of shape [{string.Join(", ", wrong.Shape.ToArray())}], but (3, H, W) "
                + $"is expected");
        using var scope = new TensorScope();
        long height = pictures.Max(picture => picture.Size(1)), width = pictures.Max(picture => picture.Size(2));
        if (pictures.All(picture => picture.Size(1) == height && picture.Size(2) == width))
            return scope.Keep(new PaddedImages(Tensor.Stack([.. pictures])));
        var images = Tensor.Zeros([pictures.Count, 3, height, width], pictures[0].DType);
        var mask = Tensor.Ones([pictures.Count, height, width], DType.Bool);
        for (int k = 0; k < pictures.Count; k++)
        {
            TensorIndex rows = TensorIndex.Slice(0, pictures[k].Size(1)), columns = TensorIndex.Slice(0, pictures[k].Size(2));
            images[k, .., rows, columns] = pictures[k];
            mask.FillInPlace(false, k, rows, columns);
        }

        return scope.Keep(new PaddedImages(images, mask));
    }
}
