namespace Sconce.Data;

/// <summary>What a <see cref="DataLoader{TItem, TBatch}"/> makes batches of: how an item is read, and how items become a batch.</summary>
/// <typeparam name="TItem">An item, augmented and ready to be put into a batch.</typeparam>
/// <typeparam name="TBatch">A batch.</typeparam>
public interface IBatchRecipe<TItem, out TBatch>
{
    /// <summary>Items in the set.</summary>
    int Count { get; }

    /// <summary>What errors call an item: its path where it has one.</summary>
    string NameOf(int index);

    /// <summary>Reads and augments an item: the long part, on any thread, several at once.</summary>
    /// <param name="index">0 to Count - 1.</param>
    /// <param name="random">This item's numbers in this epoch, and nothing else that is random.</param>
    TItem Load(int index, ref AugmentationRandom random);

    /// <summary>An empty batch.</summary>
    /// <param name="indices">The items' numbers, in the order of the slots.</param>
    /// <param name="random">The batch's own numbers: MixUp, CutMix.</param>
    IBatchBuilder<TItem, TBatch> Begin(IReadOnlyList<int> indices, AugmentationRandom random);
}

/// <summary>A batch in the making. <see cref="Place"/> is called from several threads, once a slot; then, by one, <see cref="Complete"/>.
/// Disposed without that: dropped.</summary>
public interface IBatchBuilder<in TItem, out TBatch> : IDisposable
{
    /// <summary>Puts an item into its slot: the short part, a copy.</summary>
    void Place(int slot, TItem item);

    /// <summary>The batch; from here on whoever gets it owns its memory.</summary>
    /// <param name="filled">The slots that hold an item, ascending, at least one; the others' items were left out.</param>
    TBatch Complete(IReadOnlyList<int> filled);
}
