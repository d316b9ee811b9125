using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <summary>The managed side of the tracer's callback.</summary>
internal sealed unsafe class TracedFunction(Func<Tensor[], Tensor[]> function)
{
    /// <summary>What the function threw; null where nothing.</summary>
    internal ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>What libtorch's tracer calls, once.</summary>
    /// <returns>The number of results, or -1 after a <see cref="Failure"/>.</returns>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static int Run(nint context, nint* inputs, int count, nint* outputs, int capacity)
    {
        var me = (TracedFunction)GCHandle.FromIntPtr(context).Target!;
#pragma warning disable CA1031 // no exception may cross native frames: it is thrown again on the managed side
        try
        {
            return me.Run(new ReadOnlySpan<nint>(inputs, count), new Span<nint>(outputs, capacity));
        }
        catch (Exception error)
        {
            me.Failure = ExceptionDispatchInfo.Capture(error);
            return -1;
        }
#pragma warning restore CA1031
    }

    private int Run(ReadOnlySpan<nint> inputs, Span<nint> outputs)
    {
        using var scope = new TensorScope();
        var given = new Tensor[inputs.Length];
        for (int k = 0; k < given.Length; k++) given[k] = Tensor.Own(Native.sc_tensor_retain(inputs[k]));
        var results = Tracer.Recorded(() => function(given));
        if (results.Length > outputs.Length) throw new TorchException($"trace: {results.Length} results, more than {outputs.Length}");
        for (int k = 0; k < results.Length; k++) outputs[k] = Native.sc_tensor_retain(results[k].Handle);
        return results.Length;
    }
}
