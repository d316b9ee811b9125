using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <summary>libtorch's tracer on this thread: each thread has one of its own.</summary>
internal static unsafe class Tracer
{
    [ThreadStatic]
    private static bool portably, tracing;

    /// <summary>Whether this thread is in <see cref="TracePortably"/>.</summary>
    internal static bool IsPortable => portably;

    /// <summary>The handle of a module of what a function does to examples.</summary>
    /// <exception cref="TorchException">The function calls something that can not be traced.</exception>
    internal static nint Trace(Func<Tensor[], Tensor[]> function, ReadOnlySpan<Tensor> examples)
    {
        var traced = new TracedFunction(function);
        var context = GCHandle.Alloc(traced);
        var handles = new HandleList(examples);
        try
        {
            nint module;
            fixed (nint* inputs = handles.Span)
                module = Native.sc_trace(inputs, examples.Length, &TracedFunction.Run, GCHandle.ToIntPtr(context));
            traced.Failure?.Throw();
            return Native.Check(module, "trace");
        }
        finally
        {
            context.Free();
            handles.KeepAlive();
        }
    }

    /// <summary>As <see cref="Trace"/>, with <see cref="IsPortable"/> set.</summary>
    internal static nint TracePortably(Func<Tensor[], Tensor[]> function, ReadOnlySpan<Tensor> examples)
    {
        portably = true;
        try
        {
            return Trace(function, examples);
        }
        finally
        {
            portably = false;
        }
    }

    /// <summary>Runs what is to be recorded.</summary>
    internal static Tensor[] Recorded(Func<Tensor[]> work)
    {
        tracing = true;
        try
        {
            return work();
        }
        finally
        {
            tracing = false;
        }
    }

    /// <summary>
    /// Memory that the caller fills itself. The tracer does not see that, so while this thread traces, it does not see the memory made
    /// either, and takes the filled tensor for a constant.
    /// </summary>
    internal static Tensor EmptyToFill(ReadOnlySpan<long> shape, DType dtype)
    {
        if (!tracing) return Tensor.Empty(shape, dtype);
        Native.sc_trace_listen(0);
        try
        {
            return Tensor.Empty(shape, dtype);
        }
        finally
        {
            Native.sc_trace_listen(1);
        }
    }
}
