using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>What a tensor of a pickle is built on: a storage, the type it is seen as, and the elements to skip.</summary>
/// <param name="Storage">The bytes.</param>
/// <param name="DType">How they are seen.</param>
/// <param name="Offset">Elements to skip.</param>
/// <param name="Opaque">The storage's class, where nothing can be made of its elements; else null.</param>
internal sealed record StorageView(ICheckpointStorage Storage, DType DType, long Offset, string? Opaque = null);

/// <summary>PyTorch's persistent identifier, the tuple <c>('storage', type, key, location, elements[, view])</c>
/// (<c>torch/serialization.py</c>).</summary>
/// <param name="DType">Type of the elements.</param>
/// <param name="Key">Name of the storage.</param>
/// <param name="Count">Number of elements.</param>
/// <param name="ViewOffset">Elements that a view of the legacy format skips.</param>
/// <param name="ViewCount">Elements of that view.</param>
/// <param name="Opaque">PyTorch's class of the storage where nothing can be made of its elements, which are then counted in bytes; else
/// null.</param>
internal sealed record StorageId(DType DType, string Key, long Count, long ViewOffset, long ViewCount, string? Opaque)
{
    public long ByteLength => Count * DType.Size();

    public static StorageId Parse(object? id, CheckpointFile file, string where)
    {
        CheckpointException Fault(string fault) => file.Fault($"{where}: {fault} {CheckpointFile.Damaged}");

        if (id is not object?[] { Length: >= 5 } parts || parts[0] is not "storage" || parts[2] is not string key
            || parts[4] is not long count)
            throw Fault("a persistent identifier that names no storage.");
        if (count < 0 || count > long.MaxValue / 16)
            throw Fault($"storage {CheckpointFile.Quote(key)} declares {count} elements.");
        // A dtype takes the class's place in files of PyTorch's newest versions.
        if (parts[1] is not CheckpointGlobal type)
            return parts[1] is DType plain ? new StorageId(plain, key, count, 0, count, null) : throw Fault("a storage without a type.");
        if (TorchTypes.Storage(type) is not { } dtype)
        {
            var width = TorchTypes.QuantizedWidth(type)
                ?? throw file.Fault($"{where}: storage type {CheckpointFile.Quote(type.ToString())} is not known. Convert the tensor to "
                    + $"another dtype in Python and save again.");
            return new StorageId(DType.UInt8, key, count * width, 0, count * width, type.ToString());
        }
        long offset = 0, viewed = count;
        if (parts.Length > 5 && parts[5] is object?[] view)
        {
            if (view.Length != 3 || view[1] is not long start || view[2] is not long length || start < 0 || length < 0 || length > count
                || start > count - length)
                throw Fault($"a view that reaches outside storage {CheckpointFile.Quote(key)} of {count} elements.");
            (offset, viewed) = (start, length);
        }
        return new StorageId(dtype, key, count, offset, viewed, null);
    }
}

/// <summary>For pickles that can hold no tensor of their own.</summary>
internal sealed class NoStorages(CheckpointFile file) : IPickleStorages
{
    public object Load(object? id, string where) =>
        throw file.Fault($"{where}: it names a storage, yet the file holds none. {CheckpointFile.Damaged}");
}

/// <summary>PyTorch's names of types.</summary>
internal static class TorchTypes
{
    /// <summary>The dtype of a storage class such as <c>torch.FloatStorage</c>; an untyped one is bytes.</summary>
    public static DType? Storage(CheckpointGlobal type) =>
        type.Module is not ("torch" or "torch.cuda" or "torch.storage") ? null : type.Name switch
        {
            "FloatStorage" => DType.Float32,
            "DoubleStorage" => DType.Float64,
            "HalfStorage" => DType.Float16,
            "BFloat16Storage" => DType.BFloat16,
            "LongStorage" => DType.Int64,
            "IntStorage" => DType.Int32,
            "ShortStorage" => DType.Int16,
            "CharStorage" => DType.Int8,
            "ByteStorage" or "UntypedStorage" or "_UntypedStorage" => DType.UInt8,
            "BoolStorage" => DType.Bool,
            "ComplexHalfStorage" => DType.Complex32,
            "ComplexFloatStorage" => DType.Complex64,
            "ComplexDoubleStorage" => DType.Complex128,
            _ => null,
        };

    /// <summary>Bytes of an element of a quantised tensor's storage, whose numbers mean nothing without its scale.</summary>
    public static int? QuantizedWidth(CheckpointGlobal type) =>
        type.Module is not ("torch" or "torch.cuda" or "torch.storage") ? null : type.Name switch
        {
            "QInt8Storage" or "QUInt8Storage" or "QUInt4x2Storage" or "QUInt2x4Storage" => 1,
            "QInt32Storage" => 4,
            _ => null,
        };

    /// <summary>The storage class of a dtype.</summary>
    public static string StorageName(DType dtype) => dtype switch
    {
        DType.Float32 => "FloatStorage",
        DType.Float64 => "DoubleStorage",
        DType.Float16 => "HalfStorage",
        DType.BFloat16 => "BFloat16Storage",
        DType.Int64 => "LongStorage",
        DType.Int32 => "IntStorage",
        DType.Int16 => "ShortStorage",
        DType.Int8 => "CharStorage",
        DType.UInt8 => "ByteStorage",
        DType.Bool => "BoolStorage",
        DType.Complex64 => "ComplexFloatStorage",
        DType.Complex128 => "ComplexDoubleStorage",
        _ => throw new ArgumentException(
            $"PyTorch has no storage class for {dtype.TorchName()}: convert the tensor first, complex32 to complex64"),
    };

    /// <summary>The dtype of a name such as <c>float32</c> or <c>half</c>.</summary>
    public static DType? DTypeNamed(string name) => name switch
    {
        "float32" or "float" => DType.Float32,
        "float64" or "double" => DType.Float64,
        "float16" or "half" => DType.Float16,
        "bfloat16" => DType.BFloat16,
        "int64" or "long" => DType.Int64,
        "int32" or "int" => DType.Int32,
        "int16" or "short" => DType.Int16,
        "int8" => DType.Int8,
        "uint8" => DType.UInt8,
        "bool" => DType.Bool,
        "complex32" or "chalf" => DType.Complex32,
        "complex64" or "cfloat" => DType.Complex64,
        "complex128" or "cdouble" => DType.Complex128,
        _ => null,
    };
}
