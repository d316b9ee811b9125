using System.Runtime.CompilerServices;
using Sconce.Data;

namespace Sconce.Training;

/// <summary>Several passes over the data as one epoch, each in an order of its own: of few pictures, epochs would be too short.</summary>
/// <param name="inner">One pass.</param>
/// <param name="passes">How many.</param>
public sealed class RepeatedSource<TBatch>(IBatchSource<TBatch> inner, int passes) : IBatchSource<TBatch>
{
    /// <inheritdoc/>
    public int BatchesPerEpoch => checked(inner.BatchesPerEpoch * passes);

    /// <inheritdoc/>
    public async IAsyncEnumerable<TBatch> Epoch(
        int epoch, int first = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        int begun = first / inner.BatchesPerEpoch;
        for (int pass = begun; pass < passes; pass++)
        {
            int skipped = pass == begun ? first % inner.BatchesPerEpoch : 0;
            var rest = inner.Epoch((epoch * passes) + pass, skipped, cancellationToken);
            await foreach (var batch in rest.ConfigureAwait(false)) yield return batch;
        }
    }
}
