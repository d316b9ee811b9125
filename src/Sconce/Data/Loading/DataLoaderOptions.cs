namespace Sconce.Data;

/// <summary>What a loader does about an item that cannot be read, or that takes too long.</summary>
public enum FaultPolicy
{
    /// <summary>The epoch ends with a <see cref="DataException"/> that names the item.</summary>
    Stop,

    /// <summary>The batch goes without it and is smaller; the item is reported. A batch of which nothing is left stops the epoch all the
    /// same.</summary>
    Skip,
}

/// <summary>An item that was left out, or is slow.</summary>
/// <param name="Index">Its number in the set.</param>
/// <param name="Name">Its path, or what else the set calls it.</param>
/// <param name="Epoch">Counted from 0.</param>
/// <param name="Error">Why; a <see cref="TimeoutException"/> for one that took too long.</param>
public sealed record ItemFault(int Index, string Name, int Epoch, Exception Error)
{
    /// <summary>One line for a person.</summary>
    public override string ToString() =>
        Error.Message.Contains(Name, StringComparison.Ordinal) ? $"left out: {Error.Message}" : $"left out: {Name}: {Error.Message}";
}

/// <summary>How a loader reads.</summary>
public sealed record DataLoaderOptions
{
    /// <summary>Items a batch, at least 1; the last batch of an epoch may have fewer.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Threads that read and augment, at least 1. The batches do not depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Batches read ahead of the one in use, at least 1: memory against unevenness.</summary>
    public int Prefetch { get; init; } = 2;

    /// <summary>True: another order in each epoch. False: the set's order.</summary>
    public bool Shuffle { get; init; }

    /// <summary>True: a last batch that is not full is left out.</summary>
    public bool DropLast { get; init; }

    /// <summary>Order and augmentation follow from it, the epoch and the item's number alone.</summary>
    public ulong Seed { get; init; }

    /// <summary>What to do about an item that cannot be read.</summary>
    public FaultPolicy OnFault { get; init; }

    /// <summary>Told of every item left out, from any thread.</summary>
    public Action<ItemFault>? Fault { get; init; }

    /// <summary>An item that takes longer counts as one that cannot be read; its thread is given up. Null: no limit.</summary>
    public TimeSpan? ItemTimeout { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Prefetch, 1);
        if (ItemTimeout is { } limit && limit <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(ItemTimeout), limit, "The time that an item may take must be positive.");
    }
}
