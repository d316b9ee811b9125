namespace Sconce.Data;

/// <summary>Data sets made of others, and of lists.</summary>
public static class Datasets
{
    /// <summary>Items that lie in memory.</summary>
    public static IDataset<T> InMemory<T>(IReadOnlyList<T> items) => new ListDataset<T>(items);

    /// <summary>
    /// <paramref name="count"/> items made on demand by a procedure: item i always comes from the same random numbers, those of (seed, i),
    /// so it is the same in every epoch, on every thread and machine.
    /// </summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Another seed is another set.</param>
    /// <param name="make">Makes an item from the generator that is its own.</param>
    public static IDataset<T> Procedural<T>(int count, ulong seed, ItemMaker<T> make)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new ProceduralDataset<T>(count, seed, make);
    }

    /// <summary>Every item changed by <paramref name="change"/> when it is read.</summary>
    public static IDataset<TTo> Map<TFrom, TTo>(this IDataset<TFrom> data, Func<TFrom, TTo> change) =>
        new MappedDataset<TFrom, TTo>(data, change);

    /// <summary>The items of the given numbers, in that order; a number may come more than once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A number that the set does not have.</exception>
    public static IDataset<T> Subset<T>(this IDataset<T> data, IReadOnlyList<int> indices)
    {
        foreach (var index in indices)
        {
            if (index < 0 || index >= data.Count)
                throw new ArgumentOutOfRangeException(nameof(indices), index, $"The set has {data.Count} items, numbered from 0.");
        }
        return new SubsetDataset<T>(data, [.. indices]);
    }

    /// <summary>One set after another.</summary>
    public static IDataset<T> Concatenate<T>(params IReadOnlyList<IDataset<T>> parts) => new ConcatenatedDataset<T>([.. parts]);

    /// <summary>The set <paramref name="times"/> times over; with a loader every copy is augmented in its own way (repeated augmentation,
    /// 1901.09335).</summary>
    public static IDataset<T> Repeat<T>(this IDataset<T> data, int times)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times, 1);
        return Concatenate(Enumerable.Repeat(data, times).ToArray());
    }

    /// <summary>Two parts at random: the first holds <paramref name="share"/> of the items (rounded), the second the rest. The same seed
    /// gives the same parts.</summary>
    /// <param name="data">What is split.</param>
    /// <param name="share">In [0, 1].</param>
    /// <param name="seed">Of the order.</param>
    public static (IDataset<T> First, IDataset<T> Second) Split<T>(this IDataset<T> data, double share, ulong seed)
    {
        if (share is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The first part's share must lie in [0, 1].");
        var order = AugmentationRandom.Permutation(data.Count, seed, 0);
        var first = (int)Math.Round(data.Count * share, MidpointRounding.AwayFromZero);
        return (new SubsetDataset<T>(data, [.. order[..first].Order()]), new SubsetDataset<T>(data, [.. order[first..].Order()]));
    }

    /// <summary>
    /// Two parts, of every class the share (rounded, though at least one item on each side where the class has two): what a person's small
    /// folder needs.
    /// </summary>
    /// <param name="data">What is split.</param>
    /// <param name="labels">The label of each item.</param>
    /// <param name="share">The first part's, in (0, 1).</param>
    /// <param name="seed">Of the order.</param>
    public static (IDataset<T> First, IDataset<T> Second) SplitByLabel<T>(this IDataset<T> data, IReadOnlyList<int> labels,
        double share, ulong seed)
    {
        if (labels.Count != data.Count)
            throw new ArgumentException($"{labels.Count} labels were given for {data.Count} items.", nameof(labels));
        var (first, second) = SplitByLabel(labels, share, seed);
        return (new SubsetDataset<T>(data, first), new SubsetDataset<T>(data, second));
    }

    /// <summary>The same as numbers of items, ascending.</summary>
    /// <param name="labels">The label of each item.</param>
    /// <param name="share">The first part's, in (0, 1).</param>
    /// <param name="seed">Of the order.</param>
    public static (int[] First, int[] Second) SplitByLabel(IReadOnlyList<int> labels, double share, ulong seed)
    {
        if (share is not (> 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The first part's share must lie in (0, 1).");
        List<int> first = [], second = [];
        var order = AugmentationRandom.Permutation(labels.Count, seed, 0);
        foreach (var group in order.GroupBy(i => labels[i]))
        {
            int[] members = [.. group];
            var cut = (int)Math.Round(members.Length * share, MidpointRounding.AwayFromZero);
            if (members.Length > 1)
                cut = Math.Clamp(cut, 1, members.Length - 1);
            first.AddRange(members[..cut]);
            second.AddRange(members[cut..]);
        }
        return ([.. first.Order()], [.. second.Order()]);
    }

    /// <summary>The numbers of items that are not held out, and of those that are, ascending.</summary>
    internal static (int[] First, int[] Second) SplitWhere(int count, Func<int, bool> isHeldOut)
    {
        var parts = Enumerable.Range(0, count).ToLookup(isHeldOut);
        return ([.. parts[false]], [.. parts[true]]);
    }
}

/// <summary>Makes one item of a procedural set.</summary>
/// <param name="random">The item's own random numbers.</param>
/// <param name="index">The item's number.</param>
public delegate T ItemMaker<out T>(ref AugmentationRandom random, int index);

internal sealed class ListDataset<T>(IReadOnlyList<T> items) : IDataset<T>
{
    public int Count => items.Count;

    public T this[int index] => items[index];

    public string NameOf(int index) => items[index] is ImageExample { Name.Length: > 0 } example ? example.Name : $"item {index}";
}

internal sealed class ProceduralDataset<T>(int count, ulong seed, ItemMaker<T> make) : IDataset<T>
{
    public int Count => count;

    public T this[int index]
    {
        get
        {
            if (index < 0 || index >= count)
                throw new ArgumentOutOfRangeException(nameof(index), index, $"The set has {count} items, numbered from 0.");
            var random = new AugmentationRandom(seed, 0, index);
            return make(ref random, index);
        }
    }
}

internal sealed class MappedDataset<TFrom, TTo>(IDataset<TFrom> data, Func<TFrom, TTo> change) : IDataset<TTo>
{
    public int Count => data.Count;

    public TTo this[int index] => change(data[index]);

    public string NameOf(int index) => data.NameOf(index);
}

internal sealed class SubsetDataset<T>(IDataset<T> data, int[] indices) : IDataset<T>
{
    public int Count => indices.Length;

    public T this[int index] => data[indices[index]];

    public string NameOf(int index) => data.NameOf(indices[index]);
}

internal sealed class ConcatenatedDataset<T> : IDataset<T>
{
    private readonly IDataset<T>[] parts;
    private readonly int[] ends;

    internal ConcatenatedDataset(IDataset<T>[] parts)
    {
        this.parts = parts;
        ends = new int[parts.Length];
        var end = 0;
        for (var p = 0; p < parts.Length; p++)
            ends[p] = end = checked(end + parts[p].Count);
    }

    public int Count => ends.Length == 0 ? 0 : ends[^1];

    public T this[int index]
    {
        get
        {
            var (part, inside) = Locate(index);
            return part[inside];
        }
    }

    public string NameOf(int index)
    {
        var (part, inside) = Locate(index);
        return part.NameOf(inside);
    }

    private (IDataset<T> Part, int Index) Locate(int index)
    {
        if (index < 0 || index >= Count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The set has {Count} items, numbered from 0.");
        var p = Array.BinarySearch(ends, index + 1);
        if (p < 0)
            p = ~p;
        while (p > 0 && ends[p - 1] > index)    // empty parts share an end
            p--;
        return (parts[p], index - (p == 0 ? 0 : ends[p - 1]));
    }
}
