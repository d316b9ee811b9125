using System.Runtime.CompilerServices;

namespace Sconce.Data;

/// <summary>Some rows of examples that are held in memory.</summary>
/// <param name="Rows">Their places.</param>
public sealed record RowBatch(long[] Rows);

/// <summary>Rows in an order that depends on seed and epoch alone.</summary>
/// <param name="rows">How many there are.</param>
/// <param name="batch">Rows of a batch; the last of an epoch may have fewer.</param>
/// <param name="seed">Of the order.</param>
public sealed class RowBatches(int rows, int batch, ulong seed) : IBatchSource<RowBatch>
{
    /// <inheritdoc/>
    public int BatchesPerEpoch => (rows + batch - 1) / batch;

    /// <inheritdoc/>
    public async IAsyncEnumerable<RowBatch> Epoch(
        int epoch, int first = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        int[] order = AugmentationRandom.Permutation(rows, seed, epoch + 1);
        foreach (int[] part in order.Chunk(batch).Skip(first)) yield return new RowBatch([.. part.Select(row => (long)row)]);
    }
}
