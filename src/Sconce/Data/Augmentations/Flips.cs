namespace Sconce.Data.Augmentations;

/// <summary>Left and right exchanged, with a probability.</summary>
public sealed record RandomHorizontalFlip(double Probability = 0.5) : Augmentation
{
    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random) =>
        !random.Chance(Probability) ? example : example with
        {
            Image = example.Image.HorizontalFlip(),
            Mask = example.Mask?.HorizontalFlip(),
            Boxes = BoxGeometry.Flipped(example.Boxes, example.Image.Width),
        };
}

/// <summary>Top and bottom exchanged, with a probability.</summary>
public sealed record RandomVerticalFlip(double Probability = 0.5) : Augmentation
{
    /// <inheritdoc/>
    public override ImageExample Apply(ImageExample example, ref AugmentationRandom random) =>
        !random.Chance(Probability) ? example : example with
        {
            Image = example.Image.VerticalFlip(),
            Mask = example.Mask?.VerticalFlip(),
            Boxes = BoxGeometry.FlippedVertically(example.Boxes, example.Image.Height),
        };
}
