using System.Runtime.CompilerServices;

namespace Sconce.Data;

/// <summary>
/// Reads batches with threads of its own, ahead of their use. Order and random numbers depend on seed, epoch and item alone, so that every
/// number of threads gives the same batches, and an epoch can be entered at any batch.
/// </summary>
/// <typeparam name="TItem">What the recipe reads.</typeparam>
/// <typeparam name="TBatch">What it makes of items.</typeparam>
public sealed class DataLoader<TItem, TBatch> : IBatchSource<TBatch>
{
    /// <summary>The stream of a batch's own random numbers; items have 0.</summary>
    private const int BatchStream = -2;

    private readonly IBatchRecipe<TItem, TBatch> recipe;

    /// <summary>A loader; nothing is read yet.</summary>
    /// <exception cref="DataException">The set is empty, or gives no full batch where only those are wanted.</exception>
    public DataLoader(IBatchRecipe<TItem, TBatch> recipe, DataLoaderOptions? options = null)
    {
        this.recipe = recipe;
        Options = options ?? new DataLoaderOptions();
        Options.Check();
        if (recipe.Count == 0)
            throw new DataException("the data set has no items: there is nothing to load");
        BatchesPerEpoch = Options.DropLast ? recipe.Count / Options.BatchSize : (recipe.Count + Options.BatchSize - 1) / Options.BatchSize;
        if (BatchesPerEpoch == 0)
            throw new DataException($"the data set has {recipe.Count} items, fewer than one batch of {Options.BatchSize}, and DropLast "
                + $"leaves smaller ones out: take smaller batches, or keep the last");
    }

    /// <summary>How it reads.</summary>
    public DataLoaderOptions Options { get; }

    /// <inheritdoc/>
    public int BatchesPerEpoch { get; }

    /// <summary>The items' numbers in the order of an epoch, the left-out last ones included.</summary>
    public int[] Order(int epoch) =>
        Options.Shuffle ? AugmentationRandom.Permutation(recipe.Count, Options.Seed, epoch) : [.. Enumerable.Range(0, recipe.Count)];

    /// <inheritdoc/>
    /// <exception cref="DataException">An item cannot be read, and <see cref="DataLoaderOptions.OnFault"/> is Stop; the message names
    /// it.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public IAsyncEnumerable<TBatch> Epoch(int epoch, int first = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (first < 0 || first > BatchesPerEpoch)
            throw new ArgumentOutOfRangeException(nameof(first), first,
                $"An epoch has the batches 0 to {BatchesPerEpoch - 1}; {BatchesPerEpoch} leaves all of them out.");
        return Read(epoch, first, cancellationToken);
    }

    private async IAsyncEnumerable<TBatch> Read(int epoch, int first, CancellationToken outer, [EnumeratorCancellation]
        CancellationToken inner = default)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(outer, inner);
        var order = Order(epoch);
        using var workers = new LoaderThreads<TItem, TBatch>(recipe, Options);
        var ahead = new Queue<PendingBatch<TItem, TBatch>>();
        try
        {
            var next = first;
            while (true)
            {
                both.Token.ThrowIfCancellationRequested();
                for (; next < BatchesPerEpoch && ahead.Count <= Options.Prefetch; next++)
                {
                    var start = next * Options.BatchSize;
                    int[] indices = order[start..Math.Min(start + Options.BatchSize, order.Length)];
                    var pending = new PendingBatch<TItem, TBatch>(recipe, Options, epoch, indices,
                        new AugmentationRandom(Options.Seed, epoch, next, BatchStream));
                    ahead.Enqueue(pending);
                    workers.Enqueue(pending);
                }
                if (!ahead.TryPeek(out var head))
                    yield break;
                await workers.Finish(head, both.Token).ConfigureAwait(false);
                var batch = head.Take();
                ahead.Dequeue().Dispose();
                yield return batch;
            }
        }
        finally
        {
            workers.Stop();
            foreach (var pending in ahead)
                pending.Dispose();
        }
    }
}
