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
        var call = new OperatorCall(operation, new(arguments, count), new(results, Math.Min(given, capacity)), ticks);

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
    private readonly long ticks;

    internal OperatorCall(Operator operation, ReadOnlySpan<Value> arguments, ReadOnlySpan<Value> results, long ticks)
    {
        Operator = operation;
        Arguments = arguments;
        Results = results;
        this.ticks = ticks;
    }

    /// <summary>What was called.</summary>
    public Operator Operator { get; }

    /// <summary>Its arguments, in the schema's order.</summary>
    public ReadOnlySpan<Value> Arguments { get; }

    /// <summary>Its results; empty for in-place operators.</summary>
    public ReadOnlySpan<Value> Results { get; }

    /// <summary>How long the call took.</summary>
    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, ticks);

    /// <summary>The shape of a tensor met in <see cref="Arguments"/> or <see cref="Results"/>; empty for a value that is none.</summary>
    /// <param name="value">One of them.</param>
    public static ReadOnlySpan<long> ShapeOf(Value value)
    {
        TensorFacts facts;
        return value.Kind == ValueKind.Tensor && Native.sc_tensor_facts(value.Handle, &facts) == 0 ? new(facts.Sizes, facts.Dimensions) : default;
    }

    /// <summary>The element type of such a tensor.</summary>
    /// <param name="value">One of <see cref="Arguments"/> or <see cref="Results"/>.</param>
    public static DType? DTypeOf(Value value)
    {
        TensorFacts facts;
        return value.Kind == ValueKind.Tensor && Native.sc_tensor_facts(value.Handle, &facts) == 0 ? (DType)facts.DType : null;
    }
}
