using Sconce.Data.Augmentations;
using Sconce.Imaging;

namespace Sconce.Data;

/// <summary>Batches of pictures for a classifier: read, augmented, and normalised straight into the batch's memory.</summary>
/// <param name="data">Pictures, with labels or without.</param>
/// <param name="augmentation">Must bring all pictures to one size.</param>
public sealed class ImageBatchRecipe(IDataset<ImageExample> data, Augmentation augmentation) : IBatchRecipe<ImageExample, ImageBatch>
{
    private readonly FloatBufferPool pool = new();

    /// <summary>Subtracted from each channel of [0, 1].</summary>
    public IReadOnlyList<float> Mean { get; init; } = ImagePreprocessing.ImageNetMean;

    /// <summary>Each channel is divided by it.</summary>
    public IReadOnlyList<float> Std { get; init; } = ImagePreprocessing.ImageNetStd;

    /// <summary>Where given, a label outside 0 to Classes - 1 is a fault of its item.</summary>
    public int? Classes { get; init; }

    /// <summary>Done to each whole batch: MixUp, CutMix.</summary>
    public BatchAugmentation? BatchAugmentation { get; init; }

    /// <inheritdoc/>
    public int Count => data.Count;

    /// <inheritdoc/>
    public string NameOf(int index) => data.NameOf(index);

    /// <inheritdoc/>
    public ImageExample Load(int index, ref AugmentationRandom random)
    {
        var example = augmentation.Apply(data[index], ref random);
        if (example.Label is { } label && Classes is { } classes && (label < 0 || label >= classes))
            throw new DataException(data.NameOf(index),
                $"its label {label} is outside 0 to {classes - 1}, the {classes} classes there are");
        if (example.Targets is { } targets && targets.Any(t => !float.IsFinite(t)))
            throw new DataException(data.NameOf(index), "its targets hold NaN or infinity");
        return example;
    }

    /// <inheritdoc/>
    public IBatchBuilder<ImageExample, ImageBatch> Begin(IReadOnlyList<int> indices, AugmentationRandom random) =>
        new ImageBatchBuilder(this, pool, indices, random);
}

/// <summary>Loaders of pictures.</summary>
public static class ImageLoader
{
    /// <summary>
    /// A loader for a classifier: <c>ImageLoader.Create(ImageFolder.Open("photos"), [new RandomResizedCrop(224), new
    /// RandomHorizontalFlip()], new() { Shuffle = true })</c>.
    /// </summary>
    /// <param name="data">Pictures, with labels or without.</param>
    /// <param name="augmentation">Must bring all pictures to one size.</param>
    /// <param name="options">Batches, threads, order.</param>
    /// <param name="mean">Of each channel; ImageNet's where left out.</param>
    /// <param name="std">Of each channel; ImageNet's where left out.</param>
    /// <param name="classes">Where given, a label outside is a fault of its item.</param>
    /// <param name="batchAugmentation">MixUp, CutMix.</param>
    /// <exception cref="DataException">The set is empty.</exception>
    public static DataLoader<ImageExample, ImageBatch> Create(
        IDataset<ImageExample> data,
        Pipeline augmentation,
        DataLoaderOptions? options = null,
        IReadOnlyList<float>? mean = null,
        IReadOnlyList<float>? std = null,
        int? classes = null,
        BatchAugmentation? batchAugmentation = null) => new(
            new ImageBatchRecipe(data, augmentation)
            {
                Mean = mean ?? ImagePreprocessing.ImageNetMean,
                Std = std ?? ImagePreprocessing.ImageNetStd,
                Classes = classes,
                BatchAugmentation = batchAugmentation,
            },
            options);

    /// <summary>A loader that prepares pictures as a network's weights want them: for evaluation, in the set's order.</summary>
    public static DataLoader<ImageExample, ImageBatch> Create(IDataset<ImageExample> data, ImagePreprocessing preprocessing,
        DataLoaderOptions? options = null, int? classes = null) =>
        Create(data, [new Preprocess(preprocessing)], options, preprocessing.Mean, preprocessing.Std, classes);
}
