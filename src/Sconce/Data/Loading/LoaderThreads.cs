using System.Threading.Channels;

namespace Sconce.Data;

/// <summary>The threads of one epoch. They take slots from a bounded channel in the order of the batches.</summary>
internal sealed class LoaderThreads<TItem, TBatch> : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Channel<(PendingBatch<TItem, TBatch> Batch, int Slot)> work;
    private readonly DataLoaderOptions options;
    private readonly CancellationTokenSource stop = new();
    private readonly List<Thread> threads = [];

    internal LoaderThreads(IBatchRecipe<TItem, TBatch> recipe, DataLoaderOptions options)
    {
        this.options = options;
        work = Channel.CreateBounded<(PendingBatch<TItem, TBatch>, int)>(
            new BoundedChannelOptions(checked(options.BatchSize * (options.Prefetch + 1))) { SingleWriter = true });
        for (var t = 0; t < Math.Min(options.Threads, recipe.Count); t++)
            Start();
    }

    /// <summary>Hands a batch's slots out. The channel holds as many as can be pending, so this never waits.</summary>
    internal void Enqueue(PendingBatch<TItem, TBatch> batch)
    {
        for (var slot = 0; slot < batch.Size; slot++)
        {
            if (!work.Writer.TryWrite((batch, slot)))
                throw new InvalidOperationException("The loader's channel is full: more batches are pending than were allowed.");
        }
    }

    /// <summary>Waits for a batch, and replaces the threads that hang in an item for too long.</summary>
    internal async Task Finish(PendingBatch<TItem, TBatch> batch, CancellationToken cancellationToken)
    {
        if (options.ItemTimeout is not { } limit)
        {
            await batch.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }
        var pause = TimeSpan.FromMilliseconds(Math.Clamp(limit.TotalMilliseconds / 4, 1, 1000));
        while (await Task.WhenAny(batch.Done, Task.Delay(pause, cancellationToken)).ConfigureAwait(false) != batch.Done)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var hanging = batch.GiveUpSlow(limit); hanging > 0; hanging--)
                Start();
        }
        await batch.Done.ConfigureAwait(false);
    }

    /// <summary>No thread begins another item.</summary>
    internal void Stop()
    {
        work.Writer.TryComplete();
        stop.Cancel();
    }

    /// <summary>Waits for the threads, but not for one that hangs: it ends by itself when its read returns.</summary>
    public void Dispose()
    {
        Stop();
        var deadline = DateTime.UtcNow + Patience;
        var ended = true;
        foreach (var thread in threads)
            ended &= thread.Join(TimeSpan.FromMilliseconds(Math.Max((deadline - DateTime.UtcNow).TotalMilliseconds, 0)));
        if (ended)
            stop.Dispose();
    }

    private void Start()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = $"sconce loader {threads.Count}" };
        threads.Add(thread);
        thread.Start(stop.Token);
    }

    private void Run(object? token)
    {
        var stopped = (CancellationToken)token!;
        try
        {
            while (work.Reader.WaitToReadAsync(stopped).AsTask().GetAwaiter().GetResult())
            {
                while (!stopped.IsCancellationRequested && work.Reader.TryRead(out var next))
                {
                    if (!next.Batch.Run(next.Slot))
                        return;    // another thread has taken this one's place
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The epoch is over.
        }
    }
}
