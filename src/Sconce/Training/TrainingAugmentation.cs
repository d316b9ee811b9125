using Sconce.Data.Augmentations;

namespace Sconce.Training;

/// <summary>What a classifier's run does to the pictures that it learns from.</summary>
public static class TrainingAugmentation
{
    private const int Small = 64;

    /// <summary>To each picture: pad, crop and flip where they are small, a random part and flip of photographs; then what the configuration adds.</summary>
    /// <param name="configuration">With its image size settled.</param>
    public static Pipeline OfPicture(TrainingConfiguration configuration)
    {
        int size = configuration.ImageSize ?? throw new ArgumentException("the pictures' side is not settled yet", nameof(configuration));
        List<Augmentation> steps = size <= Small
            ? [new ResizeShortSide(size), new RandomCrop(size) { Padding = size / 8 }, new RandomHorizontalFlip()]
            : [new RandomResizedCrop(size), new RandomHorizontalFlip()];
        if (configuration.RandAugment is { } magnitude) steps.Add(new RandAugment(Magnitude: magnitude));
        if (configuration.ColorJitter is > 0 and var amount) steps.Add(new ColorJitter(amount, amount, amount));
        return [.. steps];
    }

    /// <summary>To each batch: MixUp, CutMix or one of the two, and erasing; null where nothing is asked for.</summary>
    public static BatchAugmentation? OfBatch(TrainingConfiguration configuration)
    {
        BatchAugmentation? mixing = (configuration.MixUp, configuration.CutMix) switch
        {
            ({ } blend, { } box) => new MixUpOrCutMix(blend, box),
            ({ } blend, null) => new MixUp(blend),
            (null, { } box) => new CutMix(box),
            _ => null,
        };
        BatchAugmentation? erasing = configuration.Erasing is > 0 and var share ? new RandomErasing(share) : null;
        return (erasing, mixing) switch
        {
            ({ } first, { } second) => new BatchPipeline([first, second]),
            _ => erasing ?? mixing,
        };
    }
}
