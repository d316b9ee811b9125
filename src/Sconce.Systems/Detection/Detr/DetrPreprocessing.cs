using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Systems.Detection.Detr;

/// <summary>The shorter side to <paramref name="ShortSide"/>, less where the longer one would exceed <paramref name="LongSide"/>;
/// facebookresearch/detr@29901c51 datasets/transforms.py <c>resize</c>, whose rounding differs from torchvision's.</summary>
/// <param name="ShortSide">Pixels.</param>
/// <param name="LongSide">Pixels at most, about: the official rounding may exceed it by a few; null for any.</param>
public sealed record DetrResize(int ShortSide = 800, int? LongSide = 1333) : Augmentation
{
    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        var (width, height) = SizeOf(example.Image.Width, example.Image.Height);
        return new Resize(height, width).Apply(example, ref random);
    }

    /// <summary>The size that a picture of (width, height) gets.</summary>
    public (int Width, int Height) SizeOf(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ShortSide, 1);
        int shorter = Math.Min(width, height), longer = Math.Max(width, height), side = ShortSide;
        if (LongSide is { } most && (double)longer / shorter * side > most)
            side = Math.Max(1, (int)Math.Round((double)most * shorter / longer));
        int other = (int)Math.Min(int.MaxValue, (double)side * longer / shorter);
        return width <= height ? (side, other) : (other, side);
    }
}

/// <summary>
/// The training augmentation: flip; then, half the time, one resize, and half the time a resize, a random part, and that resize.
/// datasets/coco.py <c>make_coco_transforms</c>.
/// </summary>
public sealed record DetrTrainingAugmentation : Augmentation
{
    /// <summary>Short sides of the last resize.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [480, 512, 544, 576, 608, 640, 672, 704, 736, 768, 800];

    /// <summary>Longest side of the last resize.</summary>
    public int LongSide { get; init; } = 1333;

    /// <summary>Short sides of the resize before a part is cut out.</summary>
    public IReadOnlyList<int> SizesBeforeCrop { get; init; } = [400, 500, 600];

    /// <summary>The least side of a part.</summary>
    public int LeastCrop { get; init; } = 384;

    /// <summary>The greatest side of a part.</summary>
    public int GreatestCrop { get; init; } = 600;

    /// <summary>The official augmentation at another scale: all sizes times <c>side / 800</c>, for training in less memory.</summary>
    public static DetrTrainingAugmentation ForSide(int side)
    {
        var official = new DetrTrainingAugmentation();
        int Scaled(int size) => Math.Max(8, (int)Math.Round(size * side / 800.0));
        return new DetrTrainingAugmentation
        {
            Sizes = [.. official.Sizes.Select(Scaled)],
            LongSide = Scaled(official.LongSide),
            SizesBeforeCrop = [.. official.SizesBeforeCrop.Select(Scaled)],
            LeastCrop = Scaled(official.LeastCrop),
            GreatestCrop = Scaled(official.GreatestCrop),
        };
    }

    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        example = new RandomHorizontalFlip().Apply(example, ref random);
        if (random.Chance(0.5))
        {
            // Without a longest side: of a line of a few pixels' height only the part is computed.
            var resized = new DetrResize(SizesBeforeCrop[random.Next(SizesBeforeCrop.Count)], null).SizeOf(example.Image.Width,
                example.Image.Height);
            int width = Side(resized.Width, ref random), height = Side(resized.Height, ref random);
            example = new RandomCrop(height, width) { ResizedTo = resized }.Apply(example, ref random);
        }

        return new DetrResize(Sizes[random.Next(Sizes.Count)], LongSide).Apply(example, ref random);
    }

    private int Side(int full, ref AugmentationRandom random)
    {
        int most = Math.Min(full, GreatestCrop);
        return random.Between(Math.Min(LeastCrop, most), most);
    }
}

/// <summary>From a picture to the network's input.</summary>
public static class DetrPreprocessing
{
    /// <summary>Resized as in evaluation and normalised with ImageNet's statistics: <c>(3, H, W)</c>.</summary>
    /// <param name="picture">Any size and kind.</param>
    /// <param name="shortSide">800, officially.</param>
    /// <param name="longSide">At most; 1333, officially.</param>
    public static Tensor Apply(Image picture, int shortSide = 800, int longSide = 1333)
    {
        var (width, height) = new DetrResize(shortSide, longSide).SizeOf(picture.Width, picture.Height);
        var resized = picture.To8Bit().ToRgb().Resize(width, height, ResizeFilter.Bilinear);
        var tensor = Tensor.Empty([3, height, width], DType.Float32);
        resized.Normalize([.. ImagePreprocessing.ImageNetMean], [.. ImagePreprocessing.ImageNetStd], tensor.AsSpan<float>());
        return tensor;
    }
}
