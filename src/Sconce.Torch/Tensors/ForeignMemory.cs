using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <summary>What is held while tensors lie over its memory (<see cref="Tensor.Over"/>), and let go by libtorch with the last of
/// them.</summary>
internal static class ForeignMemory
{
    internal static nint Hold(object owner) => GCHandle.ToIntPtr(GCHandle.Alloc(owner));

    /// <summary>Forgets the owner without disposing it: no tensor came of it.</summary>
    internal static void LetGo(nint context) => GCHandle.FromIntPtr(context).Free();

    /// <summary>Called by libtorch, on whatever thread lets go of the last tensor, perhaps deep in an operator: nothing may be thrown
    /// here.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    internal static void Release(nint context)
    {
        var handle = GCHandle.FromIntPtr(context);
        object? owner = handle.Target;
        handle.Free();
#pragma warning disable CA1031 // no exception may cross native frames: it is reported instead
        try
        {
            (owner as IDisposable)?.Dispose();
        }
        catch (Exception error)
        {
            TensorDiagnostics.ReportRelease(error);
        }
#pragma warning restore CA1031
    }
}
