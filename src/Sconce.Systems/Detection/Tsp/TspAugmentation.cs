using Sconce.Data;
using Sconce.Data.Augmentations;

namespace Sconce.Systems.Detection.Tsp;

/// <summary>The shorter side drawn from four fifths of a length to all of it, and half of the pictures mirrored.</summary>
/// <param name="Side">Of the shorter side, in pixels.</param>
public sealed record TspAugmentation(int Side) : Augmentation
{
    private const double Least = 0.8;

    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random)
    {
        int side = random.Between((int)Math.Ceiling(Side * Least), Side);
        example = new RandomHorizontalFlip().Apply(example, ref random);
        return new ResizeShortSide(side, MaximumSize: TspVariants.LongSide(side)).Apply(example, ref random);
    }
}
