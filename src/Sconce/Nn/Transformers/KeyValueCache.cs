using Sconce.Torch;

namespace Sconce.Nn.Transformers;

/// <summary>
/// The keys and values of tokens that a causal transformer has read already, so that the next one costs one row. Each attention layer calls
/// <see cref="Append"/> in order; the transformer calls <see cref="Advance"/> when all have.
/// </summary>
/// <param name="layers">How many attention layers.</param>
/// <param name="capacity">The most tokens.</param>
public sealed class KeyValueCache(int layers, int capacity) : IDisposable
{
    private readonly Tensor?[] keys = new Tensor?[layers];
    private readonly Tensor?[] values = new Tensor?[layers];

    /// <summary>How many tokens are in it.</summary>
    public int Length { get; private set; }

    /// <summary>
    /// Adds a layer's keys and values, and gives all of them: <c>(N, heads, t, d) -> (N, heads, Length + t, d)</c>, views of the cache.
    /// </summary>
    /// <exception cref="ArgumentException">There is no room for them.</exception>
    public (Tensor Keys, Tensor Values) Append(int layer, Tensor newKeys, Tensor newValues)
    {
        long count = newKeys.Size(2), end = Length + count;
        if (end > capacity) throw new ArgumentException($"key-value cache: {end} tokens, but it was made for {capacity}");
        return (Write(ref keys[layer], newKeys), Write(ref values[layer], newValues));

        Tensor Write(ref Tensor? store, Tensor part)
        {
            store ??= Empty(part);
            store.Narrow(2, Length, count).CopyInPlace(part);
            return store.Narrow(2, 0, end);
        }
    }

    /// <summary>All layers have read that many tokens more.</summary>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in keys.Concat(values)) tensor?.Dispose();
    }

    private Tensor Empty(Tensor like)
    {
        using var scope = new TensorScope();
        return scope.KeepForever(Tensor.Zeros([like.Size(0), like.Size(1), capacity, like.Size(3)], like.DType, device: like.Device));
    }
}
