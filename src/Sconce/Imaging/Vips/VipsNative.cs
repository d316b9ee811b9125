using System.Runtime.InteropServices;

namespace Sconce.Imaging.Vips;

/// <summary>The few non-variadic C functions of libvips 8.14 and GObject that decoding, encoding and text need.</summary>
internal static unsafe partial class VipsNative
{
    internal const string LibVips = "libvips.so.42";
    private const string LibGObject = "libgobject-2.0.so.0";
    private const string LibGLib = "libglib-2.0.so.0";

    /// <summary>G_TYPE_OBJECT: fundamental type 20, shifted by G_TYPE_FUNDAMENTAL_SHIFT.</summary>
    internal const nuint ObjectType = 20 << 2;

    /// <summary>GObject's typed container: a type and two 8-byte words.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct GValue
    {
        internal nuint Type;
        internal ulong First, Second;
    }

    /// <summary>VipsRect.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal readonly record struct Rect(int Left, int Top, int Width, int Height);

    [LibraryImport(LibVips, EntryPoint = "vips_init", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Init(string program);

    [LibraryImport(LibVips, EntryPoint = "vips_version")]
    internal static partial int Version(int part);

    [LibraryImport(LibVips, EntryPoint = "vips_cache_set_max")]
    internal static partial void CacheSetMax(int operations);

    [LibraryImport(LibVips, EntryPoint = "vips_concurrency_set")]
    internal static partial void ConcurrencySet(int threads);

    [LibraryImport(LibVips, EntryPoint = "vips_error_buffer_copy")]
    internal static partial nint ErrorBufferCopy();

    [LibraryImport(LibVips, EntryPoint = "vips_error_clear")]
    internal static partial void ErrorClear();

    [LibraryImport(LibVips, EntryPoint = "vips_tracked_get_mem")]
    internal static partial nuint TrackedMemory();

    [LibraryImport(LibVips, EntryPoint = "vips_tracked_get_allocs")]
    internal static partial int TrackedAllocations();

    [LibraryImport(LibVips, EntryPoint = "vips_operation_new", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint OperationNew(string name);

    [LibraryImport(LibVips, EntryPoint = "vips_object_set_argument_from_string", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetArgument(nint operation, string name, string value);

    [LibraryImport(LibVips, EntryPoint = "vips_object_build")]
    internal static partial int Build(nint operation);

    [LibraryImport(LibVips, EntryPoint = "vips_object_unref_outputs")]
    internal static partial void UnrefOutputs(nint operation);

    [LibraryImport(LibVips, EntryPoint = "vips_source_new_from_memory")]
    internal static partial nint SourceFromMemory(byte* data, nuint length);

    [LibraryImport(LibVips, EntryPoint = "vips_source_new_from_descriptor")]
    internal static partial nint SourceFromDescriptor(int descriptor);

    [LibraryImport(LibVips, EntryPoint = "vips_target_new_to_memory")]
    internal static partial nint TargetToMemory();

    [LibraryImport(LibVips, EntryPoint = "vips_blob_get")]
    internal static partial byte* BlobGet(nint blob, nuint* length);

    [LibraryImport(LibVips, EntryPoint = "vips_image_new_from_memory")]
    internal static partial nint ImageFromMemory(byte* data, nuint size, int width, int height, int bands, int format);

    [LibraryImport(LibVips, EntryPoint = "vips_region_new")]
    internal static partial nint RegionNew(nint image);

    [LibraryImport(LibVips, EntryPoint = "vips_region_image")]
    internal static partial int RegionImage(nint region, Rect* area);

    [LibraryImport(LibVips, EntryPoint = "vips_region_prepare_to")]
    internal static partial int RegionPrepareTo(nint region, nint destination, Rect* area, int x, int y);

    [LibraryImport(LibVips, EntryPoint = "vips_image_get_width")]
    internal static partial int ImageWidth(nint image);

    [LibraryImport(LibVips, EntryPoint = "vips_image_get_height")]
    internal static partial int ImageHeight(nint image);

    [LibraryImport(LibVips, EntryPoint = "vips_image_get_bands")]
    internal static partial int ImageBands(nint image);

    [LibraryImport(LibVips, EntryPoint = "vips_image_get_format")]
    internal static partial int ImageFormat(nint image);

    [LibraryImport(LibVips, EntryPoint = "vips_image_get_interpretation")]
    internal static partial int ImageInterpretation(nint image);

    [LibraryImport(LibVips, EntryPoint = "vips_image_get_n_pages")]
    internal static partial int ImagePages(nint image);

    [LibraryImport(LibVips, EntryPoint = "vips_image_get_orientation")]
    internal static partial int ImageOrientation(nint image);

    [LibraryImport(LibGObject, EntryPoint = "g_value_init")]
    internal static partial GValue* ValueInit(GValue* value, nuint type);

    [LibraryImport(LibGObject, EntryPoint = "g_value_unset")]
    internal static partial void ValueUnset(GValue* value);

    [LibraryImport(LibGObject, EntryPoint = "g_value_set_object")]
    internal static partial void ValueSetObject(GValue* value, nint instance);

    [LibraryImport(LibGObject, EntryPoint = "g_value_dup_object")]
    internal static partial nint ValueDupObject(GValue* value);

    [LibraryImport(LibGObject, EntryPoint = "g_value_get_boxed")]
    internal static partial nint ValueGetBoxed(GValue* value);

    [LibraryImport(LibGObject, EntryPoint = "g_object_set_property", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void SetProperty(nint instance, string name, GValue* value);

    [LibraryImport(LibGObject, EntryPoint = "g_object_get_property", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void GetProperty(nint instance, string name, GValue* value);

    [LibraryImport(LibGObject, EntryPoint = "g_object_unref")]
    internal static partial void Unref(nint instance);

    [LibraryImport(LibGLib, EntryPoint = "g_free")]
    internal static partial void Free(void* memory);

    [LibraryImport(LibGLib, EntryPoint = "g_log_set_handler", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial uint LogSetHandler(string domain, uint levels, delegate* unmanaged[Cdecl]<nint, uint, nint, nint, void> handler, nint data);
}
