using System.Diagnostics;

namespace Sconce.Torch;

/// <summary>
/// Listens at the door: derive, override <see cref="Called"/>, and hold what <see cref="Watch"/> gives for as long as this
/// thread's operators are of interest.
/// </summary>
public abstract class OperatorObserver
{
    private static int watching;

    [ThreadStatic]
    private static List<OperatorObserver>? current;

    internal static bool AnyWatching => Volatile.Read(ref watching) != 0;

    /// <summary>An operator was called and gave its results. Tensors met here are borrowed: look, do not keep.</summary>
    /// <param name="call">What was called, with what, how long it took.</param>
    protected internal abstract void Called(in OperatorCall call);

    /// <summary>Begins to listen on this thread, until the result is disposed on the same thread.</summary>
    public IDisposable Watch()
    {
        (current ??= []).Add(this);
        Interlocked.Increment(ref watching);
        return new Registration(this, current);
    }

    internal static unsafe int Observe(Operator operation, Value* arguments, int count, Value* results, int capacity)
    {
        if (current is not { Count: > 0 } observers)
        {
            int unobserved = operation.InvokeUnobserved(arguments, count, results, capacity);
            if (unobserved < 0) operation.Fail(arguments, count);
            return unobserved;
        }

        long start = Stopwatch.GetTimestamp();
        int given = operation.InvokeUnobserved(arguments, count, results, capacity);
        long ticks = Stopwatch.GetTimestamp() - start;
        if (given < 0) operation.Fail(arguments, count);
        var call = new OperatorCall(operation, new(arguments, count), new(results, Math.Min(given, capacity)), start, ticks);

        // An observer that computes is not observed while it does.
        current = null;
        try
        {
            foreach (var observer in observers) observer.Called(call);
        }
        finally
        {
            current = observers;
        }

        return given;
    }

    private sealed class Registration(OperatorObserver observer, List<OperatorObserver> observers) : IDisposable
    {
        private bool disposed;

        public void Dispose()
        {
            if (disposed) return;
            disposed = true;
            observers.Remove(observer);
            Interlocked.Decrement(ref watching);
        }
    }
}

/// <summary>One call that went through the door.</summary>
public readonly unsafe ref struct OperatorCall
{
    internal OperatorCall(Operator operation, ReadOnlySpan<Value> arguments, ReadOnlySpan<Value> results, long start, long ticks)
    {
        Operator = operation;
        Arguments = arguments;
        Results = results;
        Start = start;
        Ticks = ticks;
    }

    /// <summary>What was called.</summary>
    public Operator Operator { get; }

    /// <summary>Its arguments, in the schema's order.</summary>
    public ReadOnlySpan<Value> Arguments { get; }

    /// <summary>Its results; empty for in-place operators.</summary>
    public ReadOnlySpan<Value> Results { get; }

    /// <summary>How long the call took.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, Ticks);

    /// <summary>When the call began, and how long it took, in the ticks of <see cref="Stopwatch"/>.</summary>
    internal long Start { get; }

    internal long Ticks { get; }

    /// <summary>The shape of a tensor met in <see cref="Arguments"/> or <see cref="Results"/>; empty for a value that is none.</summary>
    /// <param name="value">One of them.</param>
    /// <param name="item">Where it is a list of tensors: which of them.</param>
    public static ReadOnlySpan<long> ShapeOf(Value value, int item = 0)
    {
        TensorFacts facts;
        return Look(value, item, &facts) ? new(facts.Sizes, facts.Dimensions) : default;
    }

    /// <summary>The element type of such a tensor.</summary>
    /// <param name="value">One of <see cref="Arguments"/> or <see cref="Results"/>.</param>
    /// <param name="item">Where it is a list of tensors: which of them.</param>
    public static DType? DTypeOf(Value value, int item = 0)
    {
        TensorFacts facts;
        return Look(value, item, &facts) ? (DType)facts.DType : null;
    }

    /// <summary>The address of the storage behind such a tensor; 0 where it has none.</summary>
    internal static nint MemoryOf(Value value, int item)
    {
        TensorFacts facts;
        void* address;
        long bytes, offset;
        return Look(value, item, &facts) && facts.Strides is not null
            && Native.sc_tensor_storage(value.TensorAt(item), &address, &bytes, &offset) == 0 ? (nint)address : 0;
    }

    private static bool Look(Value value, int item, TensorFacts* facts) =>
        value.Kind is ValueKind.Tensor or ValueKind.TensorList or ValueKind.OptionalTensorList
        && value.TensorAt(item) is var handle and not 0 && Native.sc_tensor_facts(handle, facts) == 0;
}
