using System.Diagnostics;

namespace Sconce.Data;

/// <summary>
/// A batch that threads are filling. A slot goes Waiting -> Loading -> Placing -> Placed, or to Left: an item given up while it loads is
/// never placed, so the batch's memory can go on although a thread still hangs in a read.
/// </summary>
internal sealed class PendingBatch<TItem, TBatch> : IDisposable
{
    private const int Waiting = 0, Loading = 1, Placing = 2, Placed = 3, Left = 4;

    private readonly IBatchRecipe<TItem, TBatch> recipe;
    private readonly DataLoaderOptions options;
    private readonly int epoch;
    private readonly int[] indices;
    private readonly IBatchBuilder<TItem, TBatch> builder;
    private readonly int[] states;
    private readonly long[] started;
    private readonly Exception?[] errors;
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TBatch? batch;
    private bool hasBatch;
    private int open;
    private volatile bool dropped;

    internal PendingBatch(IBatchRecipe<TItem, TBatch> recipe, DataLoaderOptions options, int epoch, int[] indices,
        AugmentationRandom random)
    {
        (this.recipe, this.options, this.epoch, this.indices) = (recipe, options, epoch, indices);
        states = new int[indices.Length];
        started = new long[indices.Length];
        errors = new Exception?[indices.Length];
        open = indices.Length;
        builder = recipe.Begin(indices, random);
    }

    internal int Size => indices.Length;

    /// <summary>Ends when every slot is placed or left; faulted where the batch cannot be.</summary>
    internal Task Done => done.Task;

    /// <summary>Reads one item, on a loader's thread. False: it was given up meanwhile, and this thread with it.</summary>
    internal bool Run(int slot)
    {
        Volatile.Write(ref started[slot], Stopwatch.GetTimestamp());
        if (dropped || Interlocked.CompareExchange(ref states[slot], Loading, Waiting) != Waiting)
            return true;
        Exception? error = null;
        var claimed = false;
        try
        {
            var random = new AugmentationRandom(options.Seed, epoch, indices[slot]);
            var item = recipe.Load(indices[slot], ref random);
            claimed = Claim(slot);
            if (claimed)
                builder.Place(slot, item);
        }
        catch (Exception e)    // whatever it is, it belongs to this item and is told to who asks for the batch
        {
            error = e;
            claimed = claimed || Claim(slot);
        }
        if (!claimed)
            return false;
        Settle(slot, error);
        return true;
    }

    /// <summary>Gives up the items that load longer than the limit; how many those are.</summary>
    internal int GiveUpSlow(TimeSpan limit)
    {
        var given = 0;
        for (var slot = 0; slot < Size; slot++)
        {
            if (Volatile.Read(ref states[slot]) != Loading || Stopwatch.GetElapsedTime(Volatile.Read(ref started[slot])) < limit
                || !Claim(slot))
                continue;
            given++;
            Settle(slot, new TimeoutException($"reading it took longer than {limit.TotalSeconds:0.###} s"));
        }
        return given;
    }

    internal TBatch Take()
    {
        hasBatch = false;
        return batch!;
    }

    /// <summary>Drops what nobody took, once no thread writes into it.</summary>
    public void Dispose()
    {
        dropped = true;
        for (var slot = 0; slot < Size; slot++)
        {
            var wait = new SpinWait();
            while (true)
            {
                var state = Volatile.Read(ref states[slot]);
                if (state is Placed or Left)
                    break;
                if (state == Placing)
                {
                    wait.SpinOnce();
                    continue;
                }
                if (Interlocked.CompareExchange(ref states[slot], Left, state) == state)
                {
                    Close();
                    break;
                }
            }
        }
        var completion = new SpinWait();
        while (!done.Task.IsCompleted)    // the thread that closed the last slot is completing it
            completion.SpinOnce();
        if (hasBatch && batch is IDisposable disposable)
            disposable.Dispose();
        _ = done.Task.Exception;    // seen, if it was one
        builder.Dispose();
    }

    /// <summary>Whoever gets this slot from Loading to Placing, alone, says what becomes of it.</summary>
    private bool Claim(int slot) => Interlocked.CompareExchange(ref states[slot], Placing, Loading) == Loading;

    private void Settle(int slot, Exception? error)
    {
        errors[slot] = error;
        Volatile.Write(ref states[slot], error is null ? Placed : Left);
        Close();
    }

    /// <summary>One slot fewer is open; the last one completes the batch.</summary>
    private void Close()
    {
        if (Interlocked.Decrement(ref open) > 0)
            return;
        try
        {
            if (!dropped)
                Complete();
            done.SetResult();
        }
        catch (Exception e)
        {
            done.SetException(e);
        }
    }

    private void Complete()
    {
        var filled = new List<int>(Size);
        for (var slot = 0; slot < Size; slot++)
        {
            if (errors[slot] is not { } error)
                filled.Add(slot);
            else if (options.OnFault == FaultPolicy.Stop)
                throw Named(slot, error);
            else
                options.Fault?.Invoke(new ItemFault(indices[slot], recipe.NameOf(indices[slot]), epoch, error));
        }
        if (filled.Count == 0)
            throw new DataException(recipe.NameOf(indices[0]), $"none of the {Size} items of its batch can be read, so the batch would be "
                + $"empty. The first says: {errors[0]!.Message}", errors[0]);
        batch = builder.Complete(filled);
        hasBatch = true;
    }

    private DataException Named(int slot, Exception error)
    {
        var name = recipe.NameOf(indices[slot]);
        const string advice = "Repair or remove it, or leave such items out";
        return error.Message.StartsWith(name, StringComparison.Ordinal)
            ? new DataException(name, $"{error.Message[name.Length..].TrimStart(':', ' ')}. {advice}", error) { Remedy = Remedy.LeaveOut }
            : new DataException(name, $"{error.Message}. {advice}", error) { Remedy = Remedy.LeaveOut };
    }
}
