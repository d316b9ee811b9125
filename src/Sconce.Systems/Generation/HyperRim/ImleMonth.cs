using Sconce.Data;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Systems.Generation.HyperRim;

/// <summary>
/// A month: some pictures, each turned in one way, and for each the codes that came nearest to it. They stay until the next month; drawing
/// them anew at every step would not be this method. 2011.01926 §3.2.
/// </summary>
/// <param name="count">Pictures of a month.</param>
/// <param name="levels">Of the network.</param>
internal sealed class ImleMonth(int count, int levels) : ISavedState, IDisposable
{
    private Tensor[] codes = [];
    private long[] pictures = [], turns = [];

    /// <summary>Its number, from 0; -1 before the first.</summary>
    public long Number { get; private set; } = -1;

    /// <summary>The picture of one of its places, and how it is turned.</summary>
    public (int Picture, int Turn) At(int place) => ((int)pictures[place], (int)turns[place]);

    /// <summary>The codes of places, of each level <c>(N, CodeLength)</c>.</summary>
    public Tensor[] Codes(long[] places) => [.. codes.Select(level => level.IndexSelect(0, Tensor.From(places)))];

    /// <summary>Begins another month.</summary>
    /// <param name="number">From 0.</param>
    /// <param name="known">Pictures that are learned from.</param>
    /// <param name="seed">Of which of them a month has.</param>
    /// <param name="choose">The winners' codes, of each level <c>(1, CodeLength)</c>, for a picture and its turn.</param>
    public void Begin(long number, int known, ulong seed, Func<int, int, IReadOnlyList<Tensor>> choose)
    {
        using var scope = new TensorScope();
        pictures = [.. AugmentationRandom.Permutation(known, seed, (int)number + 1).Take(count).Select(picture => (long)picture)];
        turns = Tensor.Randint(RimPairs.Turns, [count], dtype: DType.Int64).ToArray<long>();
        var winners = Enumerable.Range(0, count).Select(place => choose((int)pictures[place], (int)turns[place])).ToList();
        var next = new Tensor[levels];
        for (int level = 0; level < levels; level++)
            next[level] = scope.KeepForever(Tensor.Cat([.. winners.Select(winner => winner[level])], 0));
        Replace(next);
        Number = number;
    }

    /// <inheritdoc/>
    public void Save(SavedState state)
    {
        state.Set("number", Number);
        if (Number < 0) return;
        state.Set("pictures", Tensor.From(pictures)).Set("turns", Tensor.From(turns));
        foreach (var (level, code) in codes.Index()) state.Set($"codes{level + 1}", code);
    }

    /// <inheritdoc/>
    public void Load(SavedState state)
    {
        Number = state.Count("number");
        if (Number < 0) return;
        using var scope = new TensorScope();
        pictures = state.Tensor("pictures", count).ToArray<long>();
        turns = state.Tensor("turns", count).ToArray<long>();
        var next = new Tensor[levels];
        for (int level = 0; level < levels; level++) next[level] = scope.KeepForever(state.Tensor($"codes{level + 1}").Clone());
        Replace(next);
    }

    public void Dispose() => Replace([]);

    private void Replace(Tensor[] next)
    {
        foreach (var code in codes) code.Dispose();
        codes = next;
    }
}
