using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <summary>The C ABI of <c>native/</c>.</summary>
internal static unsafe partial class Native
{
    internal const string Library = "sconce_torch";

    /// <summary>The ABI number that this assembly was written for; see <c>sc_abi</c>.</summary>
    internal const int Abi = 5;

    [LibraryImport(Library)]
    internal static partial int sc_abi();

    [LibraryImport(Library)]
    internal static partial byte* sc_error();

    [LibraryImport(Library)]
    internal static partial byte* sc_version();

    [LibraryImport(Library)]
    internal static partial byte* sc_build_settings();

    [LibraryImport(Library)]
    internal static partial int sc_keep_freed_memory();

    [LibraryImport(Library)]
    internal static partial void sc_release_freed_memory();

    [LibraryImport(Library)]
    internal static partial int sc_threads();

    [LibraryImport(Library)]
    internal static partial int sc_set_threads(int count);

    [LibraryImport(Library)]
    internal static partial int sc_set_deterministic(int on);

    [LibraryImport(Library)]
    internal static partial int sc_set_flush_denormal(int on);

    [LibraryImport(Library)]
    internal static partial int sc_cuda_devices();

    [LibraryImport(Library)]
    internal static partial int sc_cuda_synchronize(int index);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint sc_operator(string name, string overload, string? known);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int sc_operator_exists(string name, string overload);

    [LibraryImport(Library)]
    internal static partial byte* sc_operator_schema(nint operation);

    [LibraryImport(Library)]
    internal static partial byte* sc_schemas();

    [LibraryImport(Library)]
    internal static partial int sc_call(nint operation, Value* arguments, int count, Value* results, int capacity);

    [LibraryImport(Library)]
    internal static partial void sc_free(void* memory);

    [LibraryImport(Library)]
    internal static partial void sc_object_free(nint value);

    [LibraryImport(Library)]
    internal static partial void sc_tensor_free(nint* handles, int count);

    [LibraryImport(Library)]
    internal static partial nint sc_tensor_retain(nint handle);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int sc_tensor_facts(nint handle, TensorFacts* facts);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial long sc_tensor_bytes(nint handle);

    [LibraryImport(Library)]
    internal static partial void* sc_tensor_data(nint handle);

    [LibraryImport(Library)]
    internal static partial int sc_tensor_storage(nint handle, void** address, long* bytes, long* offset);

    [LibraryImport(Library)]
    internal static partial nint sc_tensor_over(void* data, long* sizes, long* strides, int dimensions, int dtype, long device,
        delegate* unmanaged[Cdecl]<nint, void> release, nint context);

    [LibraryImport(Library)]
    internal static partial int sc_tensor_set_data(nint target, nint source);

    [LibraryImport(Library)]
    internal static partial long sc_tensor_version(nint handle);

    [LibraryImport(Library)]
    internal static partial int sc_requires_grad(nint handle, int on);

    [LibraryImport(Library)]
    internal static partial nint sc_grad_of(nint handle);

    [LibraryImport(Library)]
    internal static partial byte* sc_grad_name(nint handle);

    [LibraryImport(Library)]
    internal static partial int sc_set_grad_of(nint handle, nint gradient);

    [LibraryImport(Library)]
    internal static partial int sc_backward(nint* outputs, nint* outputGradients, int count, nint* inputs, int inputCount,
        int retain, int create);

    [LibraryImport(Library)]
    internal static partial int sc_grad(nint* outputs, nint* outputGradients, int count, nint* inputs, int inputCount, int retain,
        int create, int allowUnused, nint* results);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int sc_grad_enabled();

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial void sc_set_grad_enabled(int on);

    [LibraryImport(Library)]
    internal static partial nint sc_inference_enter(int on);

    [LibraryImport(Library)]
    internal static partial void sc_inference_exit(nint guard);

    [LibraryImport(Library)]
    [SuppressGCTransition]
    internal static partial int sc_inference_enabled();

    [LibraryImport(Library)]
    internal static partial int sc_autocast(int deviceType, int dtype);

    [LibraryImport(Library)]
    internal static partial nint sc_generator_new(long device, ulong seed);

    [LibraryImport(Library)]
    internal static partial nint sc_generator_default(long device);

    [LibraryImport(Library)]
    internal static partial void sc_generator_free(nint handle);

    [LibraryImport(Library)]
    internal static partial int sc_generator_seed(nint handle, ulong seed);

    [LibraryImport(Library)]
    internal static partial int sc_generator_current_seed(nint handle, ulong* seed);

    [LibraryImport(Library)]
    internal static partial nint sc_generator_state(nint handle);

    [LibraryImport(Library)]
    internal static partial int sc_generator_set_state(nint handle, nint state);

    [LibraryImport(Library)]
    internal static partial nint sc_memory_watch();

    [LibraryImport(Library)]
    internal static partial void sc_memory_read(nint watching, long* live, long* peak);

    [LibraryImport(Library)]
    internal static partial void sc_memory_unwatch(nint watching);

    [LibraryImport(Library)]
    internal static partial nint sc_trace(nint* inputs, int count,
        delegate* unmanaged[Cdecl]<nint, nint*, int, nint*, int, int> function, nint context);

    [LibraryImport(Library)]
    internal static partial void sc_trace_listen(int on);

    [LibraryImport(Library)]
    internal static partial nint sc_module_freeze(nint module, int fold);

    [LibraryImport(Library)]
    internal static partial nint sc_module_optimize(nint module);

    [LibraryImport(Library)]
    internal static partial int sc_can_fuse();

    [LibraryImport(Library)]
    internal static partial nint sc_module_fuse(nint module, byte** left);

    [LibraryImport(Library)]
    internal static partial int sc_winograd();

    [LibraryImport(Library)]
    internal static partial int sc_set_winograd(int on);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint sc_module_load(string path);

    [LibraryImport(Library)]
    internal static partial int sc_module_save(nint module, delegate* unmanaged[Cdecl]<nint, void*, nint, void> write, nint context);

    [LibraryImport(Library)]
    internal static partial nint sc_module_generalize(nint module, nint other, long first, long second);

    [LibraryImport(Library)]
    internal static partial nint sc_graph_open(nint module, nint* inputs, nint* others);

    [LibraryImport(Library)]
    internal static partial byte* sc_graph_text(nint graph);

    [LibraryImport(Library)]
    internal static partial nint sc_graph_tensor(nint graph, int index);

    [LibraryImport(Library)]
    internal static partial void sc_graph_free(nint graph);

    [LibraryImport(Library)]
    internal static partial byte* sc_module_graph(nint module);

    [LibraryImport(Library)]
    internal static partial int sc_module_run(nint module, nint* inputs, int count, nint* outputs, int capacity);

    [LibraryImport(Library)]
    internal static partial void sc_module_free(nint module);

    /// <summary>The thread's last native error, as text.</summary>
    internal static string LastError() => Marshal.PtrToStringUTF8((nint)sc_error()) ?? "libtorch gave no reason";

    /// <summary>Copies and frees a text that the native side allocated.</summary>
    internal static string TakeText(byte* text)
    {
        if (text is null) throw new TorchException(LastError());
        try
        {
            return Marshal.PtrToStringUTF8((nint)text)!;
        }
        finally
        {
            sc_free(text);
        }
    }

    /// <summary>Throws the thread's last native error where a call reported failure.</summary>
    internal static void Check(int status, string operation)
    {
        if (status < 0) throw TorchException.Of(operation, LastError());
    }

    /// <inheritdoc cref="Check(int, string)"/>
    internal static nint Check(nint handle, string operation) => handle != 0 ? handle : throw TorchException.Of(operation, LastError());
}

/// <summary>Mirrors the native struct of the same name.</summary>
internal unsafe struct TensorFacts
{
    internal long* Sizes;
    internal long* Strides;
    internal long Elements;
    internal long Device;
    internal int Dimensions;
    internal sbyte DType;
    internal sbyte Layout;
    internal byte RequiresGrad;
    internal byte IsLeaf;
    internal byte IsLazy;
}
