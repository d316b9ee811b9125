namespace Sconce.Data;

/// <summary>
/// Epochs in which every class comes as often as every other, whatever its share: as many places as there are items, each with a class
/// drawn at random and an item of it drawn with replacement. What is drawn depends on seed and epoch alone; an item that is drawn twice is
/// augmented twice.
/// </summary>
/// <typeparam name="TItem">What the set holds.</typeparam>
/// <typeparam name="TBatch">What the loader makes of it.</typeparam>
public sealed class BalancedSource<TItem, TBatch> : IBatchSource<TBatch>
{
    private const int DrawStream = -79;
    private readonly IDataset<TItem> data;
    private readonly int[][] classes;
    private readonly Func<IDataset<TItem>, IBatchSource<TBatch>> load;
    private readonly ulong seed;

    /// <summary>A source over a labelled set; nothing is read yet.</summary>
    /// <param name="data">The items.</param>
    /// <param name="labels">The class of each.</param>
    /// <param name="load">A loader of a set's items in the set's order; it is asked anew at each epoch.</param>
    /// <param name="seed">Of what is drawn.</param>
    /// <exception cref="ArgumentException">There is not one label an item.</exception>
    public BalancedSource(IDataset<TItem> data, IReadOnlyList<int> labels, Func<IDataset<TItem>, IBatchSource<TBatch>> load, ulong seed)
    {
        if (labels.Count != data.Count) throw new ArgumentException($"{data.Count} items have {labels.Count} labels", nameof(labels));
        (this.data, this.load, this.seed) = (data, load, seed);
        classes = [.. Enumerable.Range(0, labels.Count).GroupBy(item => labels[item]).OrderBy(group => group.Key)
            .Select(group => group.ToArray())];
        BatchesPerEpoch = load(data).BatchesPerEpoch;
    }

    /// <inheritdoc/>
    public int BatchesPerEpoch { get; }

    /// <inheritdoc/>
    public IAsyncEnumerable<TBatch> Epoch(int epoch, int first = 0, CancellationToken cancellationToken = default) =>
        load(new Drawn(data, Draw(epoch))).Epoch(epoch, first, cancellationToken);

    /// <summary>The items of an epoch, in order.</summary>
    /// <param name="epoch">Counted from 0.</param>
    public int[] Draw(int epoch)
    {
        var random = new AugmentationRandom(seed, epoch, 0, DrawStream);
        int[] drawn = new int[data.Count];
        for (int place = 0; place < drawn.Length; place++)
        {
            int[] items = classes[random.Next(classes.Length)];
            drawn[place] = items[random.Next(items.Length)];
        }

        return drawn;
    }

    private sealed class Drawn(IDataset<TItem> data, int[] drawn) : IDataset<TItem>
    {
        public int Count => drawn.Length;

        public TItem this[int index] => data[drawn[index]];

        public string NameOf(int index) => data.NameOf(drawn[index]);
    }
}
