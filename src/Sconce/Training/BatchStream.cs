using Sconce.Data;

namespace Sconce.Training;

/// <summary>An epoch's batches for a loop that stays on its thread: libtorch's threads and modes belong to the thread that
/// computes.</summary>
internal sealed class BatchStream<TBatch>(IBatchSource<TBatch> source, int epoch, int first, CancellationToken cancellation) : IDisposable
{
    private readonly IAsyncEnumerator<TBatch> batches = source.Epoch(epoch, first, cancellation).GetAsyncEnumerator(cancellation);
    private int next = first;

    /// <summary>Waits for the next batches.</summary>
    public BatchGroup<TBatch> Take(int count)
    {
        var group = new BatchGroup<TBatch>();
        try
        {
            for (int k = 0; k < count; k++, next++)
            {
                if (!Wait(batches.MoveNextAsync()))
                {
                    throw new TrainingException($"epoch {epoch + 1} ended after {next} batches, where {source.BatchesPerEpoch} "
                        + $"were announced");
                }

                group.Add(batches.Current);
            }

            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        var ending = batches.DisposeAsync();
        if (!ending.IsCompletedSuccessfully) ending.AsTask().GetAwaiter().GetResult();
    }

    private static bool Wait(ValueTask<bool> moving) =>
        moving.IsCompletedSuccessfully ? moving.Result : moving.AsTask().GetAwaiter().GetResult();
}
