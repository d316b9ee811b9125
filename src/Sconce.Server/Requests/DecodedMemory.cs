namespace Sconce.Server.Requests;

/// <summary>
/// Bounds how much memory decoded pictures take: a picture is decoded when those in the house take less than the bound, and no more
/// are decoded at once than there are cores.
/// </summary>
/// <param name="bound">In bytes.</param>
internal sealed class DecodedMemory(long bound) : IDisposable
{
    private readonly SemaphoreSlim decoding = new(Environment.ProcessorCount);
    private readonly Lock gate = new();
    private TaskCompletionSource freed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long held;

    /// <summary>Decodes when it may; what is decoded counts until the lease is disposed.</summary>
    /// <param name="decode">Gives the thing and its bytes.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    public async Task<(T Decoded, IDisposable Lease)> Decode<T>(Func<(T Decoded, long Bytes)> decode, CancellationToken cancellation)
    {
        while (WhenFull() is { } full) await full.WaitAsync(cancellation);
        await decoding.WaitAsync(cancellation);
        try
        {
            var (decoded, bytes) = await Task.Run(decode, cancellation);
            lock (gate) held += bytes;
            return (decoded, new Lease(this, bytes));
        }
        finally
        {
            decoding.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => decoding.Dispose();

    private Task? WhenFull()
    {
        lock (gate) return held < bound ? null : freed.Task;
    }

    private void Free(long bytes)
    {
        TaskCompletionSource waiting;
        lock (gate)
        {
            held -= bytes;
            (waiting, freed) = (freed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        waiting.SetResult();
    }

    private sealed class Lease(DecodedMemory memory, long bytes) : IDisposable
    {
        private int isFreed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref isFreed, 1) == 0) memory.Free(bytes);
        }
    }
}
