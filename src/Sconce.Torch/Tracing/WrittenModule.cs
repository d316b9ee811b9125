using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <summary>Where libtorch's writer puts its bytes. After a failure the rest is taken and dropped: the writer can not be stopped
/// half-way.</summary>
internal sealed unsafe class WrittenModule
{
    private readonly Stream stream;
    private ExceptionDispatchInfo? failure;

    private WrittenModule(Stream stream) => this.stream = stream;

    /// <summary>Writes the module behind a handle, from its start to its end.</summary>
    /// <exception cref="IOException">What the stream throws.</exception>
    internal static void Write(nint module, Stream stream)
    {
        var target = new WrittenModule(stream);
        var context = GCHandle.Alloc(target);
        try
        {
            int status = Native.sc_module_save(module, &Take, GCHandle.ToIntPtr(context));
            target.failure?.Throw();
            Native.Check(status, "jit.save");
        }
        finally
        {
            context.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Take(nint context, void* bytes, nint count)
    {
        var me = (WrittenModule)GCHandle.FromIntPtr(context).Target!;
        if (me.failure is not null) return;
#pragma warning disable CA1031 // no exception may cross native frames: it is thrown again on the managed side
        try
        {
            me.Take((byte*)bytes, count);
        }
        catch (Exception error)
        {
            me.failure = ExceptionDispatchInfo.Capture(error);
        }
#pragma warning restore CA1031
    }

    private void Take(byte* bytes, nint count)
    {
        const int most = 1 << 30;
        for (; count > 0; bytes += most, count -= most) stream.Write(new ReadOnlySpan<byte>(bytes, (int)Math.Min(count, most)));
    }
}
