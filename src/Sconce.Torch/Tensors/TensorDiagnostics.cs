namespace Sconce.Torch;

/// <summary>How many tensors live, and how many only the finaliser freed.</summary>
public static class TensorDiagnostics
{
    private static readonly Lock Gate = new();
    private static readonly List<WeakReference<ScopeThread>> Threads = [];
    private static long ended;
    private static long leaked;
    private static long finalised;

    /// <summary>Tensors that hold native memory now, in the whole process.</summary>
    public static long Live
    {
        get
        {
            lock (Gate)
            {
                long sum = ended;
                foreach (var reference in Threads)
                {
                    if (reference.TryGetTarget(out var thread)) sum += Volatile.Read(ref thread.Balance);
                }

                return sum - Interlocked.Read(ref finalised);
            }
        }
    }

    /// <summary>Tensors that nobody freed and the finaliser caught: the safety net, never the plan.</summary>
    public static long Leaked => Interlocked.Read(ref leaked);

    /// <summary>
    /// Tensors that nobody has freed: those that live, and those that the finaliser had to catch. Unlike <see cref="Live"/> it does not
    /// fall when the collector finds what somebody forgot earlier, so two readings of it show what was forgotten between them.
    /// </summary>
    public static long Unfreed
    {
        get
        {
            lock (Gate) return Live + Leaked;
        }
    }

    /// <summary>Whether tensors outside any scope remember where they were made (slow; for hunting what <see cref="Leaked"/>
    /// counts).</summary>
    public static bool RecordStacks { get; set; }

    /// <summary>Called with the creation stack of each leaked tensor that has one.</summary>
    public static event Action<string>? LeakFound;

    /// <summary>
    /// Called with the exception that what was kept alive for a tensor (<see cref="Tensor.Over"/>) threw when it was disposed. That happens
    /// wherever the last tensor over the memory goes, where nothing can be thrown; without a listener it is written to
    /// <see cref="System.Diagnostics.Trace"/>.
    /// </summary>
    public static event Action<Exception>? ReleaseFailed;

    internal static void ReportRelease(Exception error)
    {
        if (ReleaseFailed is not { } listeners)
        {
            System.Diagnostics.Trace.TraceError($"What was kept alive for a tensor threw when it was disposed: {error}");
            return;
        }

#pragma warning disable CA1031 // a listener's own fault has nowhere to go either
        try
        {
            listeners(error);
        }
        catch (Exception second)
        {
            System.Diagnostics.Trace.TraceError($"A listener of {nameof(ReleaseFailed)} threw: {second}");
        }
#pragma warning restore CA1031
    }

    internal static void Register(ScopeThread thread)
    {
        // Of a thread that ended, the balance must still be found until its finaliser adds it to the rest.
        lock (Gate) Threads.Add(new WeakReference<ScopeThread>(thread, trackResurrection: true));
    }

    internal static void Unregister(ScopeThread thread, int leakedInScopes)
    {
        lock (Gate)
        {
            Threads.RemoveAll(reference => !reference.TryGetTarget(out var other) || ReferenceEquals(other, thread));
            ended += thread.Balance;
            Interlocked.Add(ref leaked, leakedInScopes);
        }
    }

    internal static void CountFinalised(string? stack)
    {
        lock (Gate)
        {
            Interlocked.Increment(ref finalised);
            Interlocked.Increment(ref leaked);
        }

        if (stack is not null) LeakFound?.Invoke(stack);
    }
}

/// <summary>
/// Frees the native reference of a tensor that belongs to no scope, should nobody else; and tells the collector how much memory hangs on
/// it, so that forgotten tensors are collected before they fill the machine.
/// </summary>
internal sealed unsafe class TensorGuard : IDisposable
{
    private readonly nint handle;
    private readonly long told;
    private readonly string? stack = TensorDiagnostics.RecordStacks ? Environment.StackTrace : null;

    internal TensorGuard(nint handle)
    {
        this.handle = handle;
        told = HeldMemory.Tell(Native.sc_tensor_bytes(handle));
    }

    ~TensorGuard()
    {
        nint mine = handle;
        Native.sc_tensor_free(&mine, 1);
        HeldMemory.Forget(told);
        TensorDiagnostics.CountFinalised(stack);
    }

    /// <summary>Stands down: somebody else frees the tensor now.</summary>
    public void Dispose()
    {
        HeldMemory.Forget(told);
        GC.SuppressFinalize(this);
    }
}
