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

    /// <summary>Whether tensors outside any scope remember where they were made (slow; for hunting what <see cref="Leaked"/> counts).</summary>
    public static bool RecordStacks { get; set; }

    /// <summary>Called with the creation stack of each leaked tensor that has one.</summary>
    public static event Action<string>? LeakFound;

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
        }

        Interlocked.Add(ref leaked, leakedInScopes);
    }

    internal static void CountFinalised(string? stack)
    {
        Interlocked.Increment(ref finalised);
        Interlocked.Increment(ref leaked);
        if (stack is not null) LeakFound?.Invoke(stack);
    }
}

/// <summary>Frees the native reference of a tensor that belongs to no scope, should nobody else.</summary>
internal sealed unsafe class TensorGuard(nint handle) : IDisposable
{
    private readonly string? stack = TensorDiagnostics.RecordStacks ? Environment.StackTrace : null;

    ~TensorGuard()
    {
        nint mine = handle;
        Native.sc_tensor_free(&mine, 1);
        TensorDiagnostics.CountFinalised(stack);
    }

    /// <summary>Stands down: somebody else frees the tensor now.</summary>
    public void Dispose() => GC.SuppressFinalize(this);
}
