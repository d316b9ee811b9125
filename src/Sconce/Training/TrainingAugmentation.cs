using Sconce.Data.Augmentations;

namespace Sconce.Training;

/// <summary>What a classifier's run does to the pictures that it learns from.</summary>
public static class TrainingAugmentation
{
    private const int Small = 64;

    /// <summary>To each picture: pad, crop and flip where they are small, a random part and flip of photographs; then what the
    /// configuration adds.</summary>
    /// <param name="size">The side of the pictures.</param>
    /// <param name="settings">What is added.</param>
    public static Pipeline OfPicture(int size, PictureAugmentationSettings settings)
    {
        List<Augmentation> steps = size <= Small
            ? [new RandomCrop(size) { ShortSide = size, Padding = size / 8 }, new RandomHorizontalFlip()]
            : [new RandomResizedCrop(size), new RandomHorizontalFlip()];
        return [.. steps, .. Added(settings)];
    }

    /// <summary>What is added to each picture.</summary>
    public static IEnumerable<Augmentation> Added(PictureAugmentationSettings settings)
    {
        if (settings.RandAugment is { } magnitude) yield return new RandAugment(Magnitude: magnitude);
        if (settings.ColorJitter is > 0 and var amount) yield return new ColorJitter(amount, amount, amount);
    }

    /// <summary>To each batch: MixUp, CutMix or one of the two, and erasing; null where nothing is asked for.</summary>
    public static BatchAugmentation? OfBatch(MixingSettings mixed, PictureAugmentationSettings settings)
    {
        BatchAugmentation? mixing = (mixed.MixUp, mixed.CutMix) switch
        {
            ({ } blend, { } box) => new MixUpOrCutMix(blend, box),
            ({ } blend, null) => new MixUp(blend),
            (null, { } box) => new CutMix(box),
            _ => null,
        };
        BatchAugmentation? erasing = settings.Erasing is > 0 and var share ? new RandomErasing(share) : null;
        return (erasing, mixing) switch
        {
            ({ } first, { } second) => new BatchPipeline([first, second]),
            _ => erasing ?? mixing,
        };
    }
}
