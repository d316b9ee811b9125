using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Torch;

namespace Sconce.Data;

/// <summary>Views of the same pictures, as self-supervised methods want them. Its tensors belong to no scope: the batch frees
/// them.</summary>
/// <param name="Views">Each (N, 3, H, W) float32, normalised; sizes may differ from view to view.</param>
/// <param name="Labels">(N) int64 class numbers; null where the set has none.</param>
/// <param name="Indices">The items' numbers in their set.</param>
/// <param name="Names">What errors call the items.</param>
public sealed record ViewBatch(IReadOnlyList<Tensor> Views, Tensor? Labels, IReadOnlyList<int> Indices,
    IReadOnlyList<string> Names) : IDisposable
{
    /// <summary>N.</summary>
    public int Count => Indices.Count;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var view in Views)
            view.Dispose();
        Labels?.Dispose();
    }
}

/// <summary>
/// Several views of each picture, every one with an augmentation and random numbers of its own: Barlow Twins' two, SwAV's multi-crop
/// (2006.09882 §3.2). The picture is decoded once.
/// </summary>
/// <param name="data">Pictures.</param>
/// <param name="views">One augmentation a view; each must bring all pictures to one size.</param>
public sealed class MultiViewRecipe(IDataset<ImageExample> data, IReadOnlyList<Augmentation> views)
    : IBatchRecipe<ImageExample[], ViewBatch>
{
    private readonly FloatBufferPool[] pools = [.. views.Select(_ => new FloatBufferPool())];

    /// <summary>Subtracted from each channel of [0, 1].</summary>
    public IReadOnlyList<float> Mean { get; init; } = ImagePreprocessing.ImageNetMean;

    /// <summary>Each channel is divided by it.</summary>
    public IReadOnlyList<float> Std { get; init; } = ImagePreprocessing.ImageNetStd;

    /// <inheritdoc/>
    public int Count => data.Count;

    /// <inheritdoc/>
    public string NameOf(int index) => data.NameOf(index);

    /// <inheritdoc/>
    public ImageExample[] Load(int index, ref AugmentationRandom random)
    {
        var example = data[index];
        var made = new ImageExample[views.Count];
        for (var v = 0; v < made.Length; v++)
            made[v] = views[v].Apply(example, ref random);
        return made;
    }

    /// <inheritdoc/>
    public IBatchBuilder<ImageExample[], ViewBatch> Begin(IReadOnlyList<int> indices, AugmentationRandom random)
    {
        var recipe = new ImageBatchRecipe(data, new Pipeline([])) { Mean = Mean, Std = Std };
        return new Builder([.. pools.Select(pool => new ImageBatchBuilder(recipe, pool, indices, random))]);
    }

    private sealed class Builder(ImageBatchBuilder[] views) : IBatchBuilder<ImageExample[], ViewBatch>
    {
        public void Place(int slot, ImageExample[] item)
        {
            for (var v = 0; v < views.Length; v++)
                views[v].Place(slot, item[v]);
        }

        public ViewBatch Complete(IReadOnlyList<int> filled)
        {
            var batches = new ImageBatch[views.Length];
            for (var v = 0; v < views.Length; v++)
            {
                batches[v] = views[v].Complete(filled);
                if (v > 0)
                    batches[v].Labels?.Dispose();
                batches[v].Targets?.Dispose();
            }
            return new ViewBatch([.. batches.Select(b => b.Images)], batches[0].Labels, batches[0].Indices, batches[0].Names);
        }

        public void Dispose()
        {
            foreach (var view in views)
                view.Dispose();
        }
    }
}

/// <summary>Lists of views.</summary>
public static class MultiCrop
{
    /// <summary>
    /// SwAV's: <paramref name="globalViews"/> large crops, then <paramref name="localViews"/> small ones, each followed by
    /// <paramref name="then"/> (main_swav.py, src/multicropdataset.py).
    /// </summary>
    public static IReadOnlyList<Augmentation> Views(Pipeline then, int globalViews = 2, int globalSize = 224, double globalArea = 0.14,
        int localViews = 6, int localSize = 96, double localArea = 0.05) =>
    [
        .. Enumerable.Repeat<Augmentation>(
            new Pipeline([new RandomResizedCrop(globalSize) { MinimumArea = globalArea }, .. then]), globalViews),
        .. Enumerable.Repeat<Augmentation>(
            new Pipeline([new RandomResizedCrop(localSize) { MinimumArea = localArea, MaximumArea = globalArea }, .. then]), localViews),
    ];
}
