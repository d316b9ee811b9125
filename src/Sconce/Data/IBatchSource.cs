namespace Sconce.Data;

/// <summary>
/// Batches in an order that depends on the seed and the epoch alone, so that a run which stopped after any batch goes on with the next:
/// what a loader offers and a trainer asks for.
/// </summary>
/// <typeparam name="TBatch">A batch; whoever takes it from the source owns it, and disposes it where it can be disposed.</typeparam>
public interface IBatchSource<out TBatch>
{
    /// <summary>Batches in one epoch, at least 1.</summary>
    int BatchesPerEpoch { get; }

    /// <summary>The batches of an epoch from number <paramref name="first"/> on.</summary>
    /// <param name="epoch">Counted from 0.</param>
    /// <param name="first">0 to <see cref="BatchesPerEpoch"/>: how many to leave out, without reading them.</param>
    /// <param name="cancellationToken">Ends the reading threads too.</param>
    IAsyncEnumerable<TBatch> Epoch(int epoch, int first = 0, CancellationToken cancellationToken = default);
}
