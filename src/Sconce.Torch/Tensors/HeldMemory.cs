namespace Sconce.Torch;

/// <summary>
/// What the collector is told of the memory behind tensors that belong to no scope. It sees objects of a few bytes and would let thousands
/// of forgotten ones gather before it looks; so it is told their size, and where they have doubled since it last looked, it is made to
/// look.
/// </summary>
internal static class HeldMemory
{
    /// <summary>What is smaller is not worth a call: a thousand of them are 16 MiB.</summary>
    private const long WorthTelling = 16 << 10;

    private const long Floor = 256L << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private static long held;
    private static long limit = Floor;
    private static int looking;

    /// <summary>Tells of memory that now hangs on a managed object.</summary>
    /// <returns>What <see cref="Forget"/> must be given when it hangs there no longer.</returns>
    internal static long Tell(long bytes)
    {
        if (bytes < WorthTelling) return 0;
        GC.AddMemoryPressure(bytes);
        if (Interlocked.Add(ref held, bytes) > Volatile.Read(ref limit)) Look();
        return bytes;
    }

    internal static void Forget(long told)
    {
        if (told == 0) return;
        GC.RemoveMemoryPressure(told);
        Interlocked.Add(ref held, -told);
    }

    /// <summary>
    /// Collects, gives the finaliser a moment, and looks again when twice as much is held as was left. Waiting for the finaliser itself
    /// could be for ever: it may want a lock that the caller has.
    /// </summary>
    private static void Look()
    {
        if (Interlocked.Exchange(ref looking, 1) != 0) return;
        try
        {
            long before = Volatile.Read(ref held);
            GC.Collect();
            for (long start = Environment.TickCount64; Environment.TickCount64 - start < Patience.TotalMilliseconds
                && Volatile.Read(ref held) > before / 2;)
            {
                Thread.Sleep(1);
            }

            Volatile.Write(ref limit, Math.Max(Floor, 2 * Volatile.Read(ref held)));
        }
        finally
        {
            Volatile.Write(ref looking, 0);
        }
    }
}
