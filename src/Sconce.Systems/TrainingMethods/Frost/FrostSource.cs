using System.Runtime.CompilerServices;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>The pictures of one step.</summary>
/// <param name="Labelled">With the labels that they have by now, weakly augmented.</param>
/// <param name="Unlabelled">Two views: weak, strong.</param>
/// <param name="Contrast">Two strong views.</param>
internal sealed record FrostPictures(ImageBatch Labelled, ViewBatch Unlabelled, ViewBatch Contrast) : IDisposable
{
    public void Dispose()
    {
        Labelled.Dispose();
        Unlabelled.Dispose();
        Contrast.Dispose();
    }
}

/// <summary>What FROST does to pictures.</summary>
/// <param name="Weak">Shift and flip.</param>
/// <param name="Strong">The same, two operations of RandAugment, each by half a chance, and a hole.</param>
internal sealed record FrostViews(Pipeline Weak, Pipeline Strong)
{
    /// <summary>PT-FROST/cifar.py for small pictures; photographs are cropped instead of shifted.</summary>
    internal static FrostViews Of(int size, IReadOnlyList<float> mean)
    {
        Augmentation[] moved = size <= 64
            ? [new RandomCrop(size) { ShortSide = size, Padding = size / 8, Reflect = true }, new RandomHorizontalFlip()]
            : [new RandomResizedCrop(size) { MinimumArea = 0.5 }, new RandomHorizontalFlip()];
        var operation = new RandomApply(new RandAugment(Operations: 1, Magnitude: 10), 0.5);
        var colour = new Rgb((byte)(255 * mean[0]), (byte)(255 * mean[1]), (byte)(255 * mean[2]));
        return new FrostViews(new Pipeline(moved), new Pipeline([.. moved, operation, operation, new Cutout(size / 2, colour)]));
    }
}

/// <summary>
/// Batches of three streams: labelled pictures drawn with replacement, unlabelled ones in an order of their own and several times an epoch,
/// all pictures once for the contrastive loss. Which pictures are labelled is asked anew at each epoch. Everything follows from seed and
/// epoch, so that a run goes on after any batch.
/// </summary>
internal sealed class FrostSource : IBatchSource<FrostPictures>
{
    private const int DrawStream = -77;
    private readonly IDataset<ImageExample> data;
    private readonly Func<long[]> labels;
    private readonly FrostViews views;
    private readonly DataLoaderOptions options;
    private readonly IReadOnlyList<float> mean, std;
    private readonly int classes;
    private readonly DataLoader<ImageExample[], ViewBatch> unlabelled, contrast;

    internal FrostSource(IDataset<ImageExample> data, Func<long[]> labels, FrostViews views, int ratio, DataLoaderOptions options,
        IReadOnlyList<float> mean, IReadOnlyList<float> std, int classes)
    {
        (this.data, this.labels, this.views, this.options, this.mean, this.std, this.classes) =
            (data, labels, views, options, mean, std, classes);
        unlabelled = Views([views.Weak, views.Strong], Math.Min(ratio * options.BatchSize, data.Count), 1);
        contrast = Views([views.Strong, views.Strong], Math.Min(options.BatchSize, data.Count), 2);

        DataLoader<ImageExample[], ViewBatch> Views(IReadOnlyList<Augmentation> made, int batch, ulong stream) =>
            new(new MultiViewRecipe(data, made) { Mean = mean, Std = std },
                options with { BatchSize = batch, Shuffle = stream == 1, DropLast = true, Seed = options.Seed + stream });
    }

    /// <inheritdoc/>
    public int BatchesPerEpoch => contrast.BatchesPerEpoch;

    /// <inheritdoc/>
    public IAsyncEnumerable<FrostPictures> Epoch(int epoch, int first = 0, CancellationToken cancellationToken = default)
    {
        long[] known = labels();
        int[] labelled = [.. Enumerable.Range(0, known.Length).Where(k => known[k] >= 0)];
        var random = new AugmentationRandom(options.Seed, epoch, 0, DrawStream);
        int[] drawn = new int[BatchesPerEpoch * options.BatchSize];
        for (int k = 0; k < drawn.Length; k++) drawn[k] = labelled[random.Next(labelled.Length)];
        // The seed of this epoch's places: a place's augmentation is its own in each epoch, whatever picture is drawn there.
        var loader = ImageLoader.Create(new Relabelled(data, drawn, known), views.Weak, options, mean, std, classes);
        return Read(loader, epoch, first, cancellationToken);
    }

    private async IAsyncEnumerable<FrostPictures> Read(DataLoader<ImageExample, ImageBatch> loader, int epoch, int first,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        await using var labelled = loader.Epoch(epoch, first, cancellation).GetAsyncEnumerator(cancellation);
        await using var guessed = Again(unlabelled, ((long)epoch * BatchesPerEpoch) + first, cancellation).GetAsyncEnumerator(cancellation);
        await using var seen = contrast.Epoch(epoch, first, cancellation).GetAsyncEnumerator(cancellation);
        for (int k = first; k < BatchesPerEpoch; k++) yield return await Take(labelled, guessed, seen).ConfigureAwait(false);
    }

    /// <summary>One batch of each; none is left behind where another fails.</summary>
    private static async Task<FrostPictures> Take(IAsyncEnumerator<ImageBatch> labelled, IAsyncEnumerator<ViewBatch> guessed,
        IAsyncEnumerator<ViewBatch> seen)
    {
        ImageBatch? first = null;
        ViewBatch? second = null;
        try
        {
            first = await Next(labelled).ConfigureAwait(false);
            second = await Next(guessed).ConfigureAwait(false);
            return new FrostPictures(first, second, await Next(seen).ConfigureAwait(false));
        }
        catch
        {
            first?.Dispose();
            second?.Dispose();
            throw;
        }
    }

    private static async Task<T> Next<T>(IAsyncEnumerator<T> batches) =>
        await batches.MoveNextAsync().ConfigureAwait(false)
        ? batches.Current : throw new DataException("a stream of FROST's batches ended before the others");

    /// <summary>A loader's batches from a number on, epoch after epoch.</summary>
    private static async IAsyncEnumerable<ViewBatch> Again(DataLoader<ImageExample[], ViewBatch> loader, long from, [EnumeratorCancellation]
        CancellationToken cancellation)
    {
        int epoch = (int)(from / loader.BatchesPerEpoch), first = (int)(from % loader.BatchesPerEpoch);
        for (; ; epoch++, first = 0)
        {
            await foreach (var batch in loader.Epoch(epoch, first, cancellation).ConfigureAwait(false)) yield return batch;
        }
    }

    /// <summary>Pictures in the order in which they were drawn, with labels of the run's own.</summary>
    private sealed class Relabelled(IDataset<ImageExample> data, int[] drawn, long[] labels) : IDataset<ImageExample>
    {
        public int Count => drawn.Length;

        public ImageExample this[int index] => data[drawn[index]] with { Label = (int)labels[drawn[index]] };

        public string NameOf(int index) => data.NameOf(drawn[index]);
    }
}
