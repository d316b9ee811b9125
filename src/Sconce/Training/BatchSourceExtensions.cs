using Sconce.Data;

namespace Sconce.Training;

/// <summary>What is asked of a source of batches beside training.</summary>
public static class BatchSourceExtensions
{
    /// <summary>Waits for the first batches of the first epoch, to look at them; what the source reads ahead is ended with them.</summary>
    /// <param name="source">The training data, say.</param>
    /// <param name="count">How many, up to <see cref="IBatchSource{TBatch}.BatchesPerEpoch"/>.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>The batches, which the caller disposes together.</returns>
    /// <exception cref="TrainingException">The source ends before.</exception>
    public static BatchGroup<TBatch> FirstBatches<TBatch>(this IBatchSource<TBatch> source, int count,
        CancellationToken cancellation = default)
    {
        using var stream = new BatchStream<TBatch>(source, 0, 0, cancellation);
        return stream.Take(count);
    }
}
