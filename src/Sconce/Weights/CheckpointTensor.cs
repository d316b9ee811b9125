using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>A tensor of a checkpoint: a strided window on a storage, which other tensors may share.</summary>
public sealed class CheckpointTensor
{
    CheckpointTensor(string name, DType dtype, long[] shape, long[] strides, long offset, ICheckpointStorage storage)
    {
        (Name, DType, Shape, Strides, Offset, Storage) = (name, dtype, shape, strides, offset, storage);
        ElementCount = shape.Aggregate(1L, (a, b) => a * b);
        StoredType = dtype.TorchName();
    }

    /// <summary>Its name in the state dict; empty for a tensor inside <see cref="Checkpoint.Root"/>.</summary>
    public string Name { get; }

    /// <summary>The type of its elements; <see cref="DType.UInt8"/> where it is not <see cref="IsReadable"/>.</summary>
    public DType DType { get; }

    /// <summary>The type's name in the file: that of <see cref="DType"/> mostly, and <c>F8_E4M3</c>, say, where the elements are widened
    /// when they are read.</summary>
    public string StoredType { get; private init; }

    /// <summary>
    /// Whether its elements can be had. A tensor of a type of which nothing can be made here is listed with its shape, so that it does
    /// not hide the others;
    /// its storage answers with a <see cref="CheckpointException"/> that names it.
    /// </summary>
    public bool IsReadable => Storage is not OpaqueStorage;

    /// <summary>Its dimensions; none for a single number.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Elements of the storage between neighbours along each dimension; zero or more.</summary>
    public IReadOnlyList<long> Strides { get; }

    /// <summary>Elements of the storage before the first one.</summary>
    public long Offset { get; }

    /// <summary>Where its elements lie.</summary>
    public ICheckpointStorage Storage { get; }

    /// <summary>Its number of elements.</summary>
    public long ElementCount { get; }

    /// <summary>Bytes of its elements in row-major order.</summary>
    public long ByteLength => ElementCount * DType.Size();

    /// <summary>Whether its elements lie in row-major order without gaps.</summary>
    public bool IsContiguous => StridedCopy.IsContiguous(Shape, Strides);

    /// <summary>Copies the elements in row-major order.</summary>
    /// <param name="destination">Exactly <see cref="ByteLength"/> bytes.</param>
    /// <exception cref="ArgumentException">The destination has another size.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint is closed.</exception>
    public unsafe void CopyTo(Span<byte> destination)
    {
        fixed (byte* target = destination)
            CopyTo((nint)target, destination.Length);
    }

    /// <summary>Copies the elements in row-major order to native memory, which may be larger than 2 GiB.</summary>
    /// <param name="destination">Address of the first byte.</param>
    /// <param name="byteLength">Exactly <see cref="ByteLength"/>.</param>
    /// <exception cref="ArgumentException">The destination has another size.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint is closed.</exception>
    public unsafe void CopyTo(nint destination, long byteLength)
    {
        if (byteLength != ByteLength)
            throw new ArgumentException($"tensor {CheckpointFile.Quote(Name)} {ShapeText} {DType.TorchName()} has {ByteLength} bytes, the "
                + $"destination {byteLength}: allocate ByteLength bytes", nameof(byteLength));
        if (byteLength == 0)
            return;
        StridedCopy.Copy((byte*)Storage.Pointer + Offset * DType.Size(), (byte*)destination, DType.Size(), Shape, Strides);
        GC.KeepAlive(Storage);
    }

    /// <summary>The elements in row-major order.</summary>
    /// <typeparam name="T">A type as wide as the tensor's own, such as <see langword="float"/> for <see cref="DType.Float32"/>.</typeparam>
    /// <exception cref="ArgumentException">The type's width is another.</exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        if (System.Runtime.CompilerServices.Unsafe.SizeOf<T>() != DType.Size())
            throw new ArgumentException($"tensor {CheckpointFile.Quote(Name)} is {DType.TorchName()}, which {typeof(T).Name} "
                + $"does not hold");
        var values = new T[ElementCount];
        CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>Name, shape and type on one line.</summary>
    public override string ToString() => $"{Name} {ShapeText} {StoredType}".TrimStart();

    internal string ShapeText => $"({string.Join(", ", Shape)})";

    internal CheckpointTensor Named(string name) =>
        new(name, DType, (long[])Shape, (long[])Strides, Offset, Storage is OpaqueStorage opaque ? opaque.Named(name)
            : Storage)
        { StoredType = StoredType };

    /// <summary>The same elements under the name that their type has in the file.</summary>
    internal CheckpointTensor StoredAs(StoredType stored) =>
        new(Name, DType, (long[])Shape, (long[])Strides, Offset, Storage) { StoredType = stored.Name };

    /// <summary>A tensor whose elements cannot be had.</summary>
    /// <param name="file">The file, for faults.</param>
    /// <param name="type">What the file calls its type.</param>
    /// <param name="shape">Its dimensions, as far as known.</param>
    /// <param name="bytes">What it takes in the file.</param>
    internal static CheckpointTensor Opaque(CheckpointFile file, string type, long[] shape, long bytes)
    {
        Int128 count = 1;
        if (shape.Length > 64 || shape.Any(n => n < 0 || (count *= n) > long.MaxValue / 16))
            shape = [];
        return new("", DType.UInt8, shape, RowMajor(shape), 0, new OpaqueStorage(file, "", type, bytes)) { StoredType = type };
    }

    /// <summary>Makes a tensor after holding its window against the storage.</summary>
    /// <param name="file">The file, for faults and limits.</param>
    /// <param name="where">The record and the tensor, as far as known, for faults.</param>
    /// <param name="dtype">Type of the elements.</param>
    /// <param name="shape">Dimensions.</param>
    /// <param name="strides">Strides in elements.</param>
    /// <param name="offset">Elements before the first.</param>
    /// <param name="storage">Where they lie.</param>
    /// <exception cref="CheckpointException">The window reaches outside the storage, or is absurd.</exception>
    internal static CheckpointTensor Create(CheckpointFile file, string where, DType dtype, long[] shape, long[] strides, long offset,
        ICheckpointStorage storage)
    {
        CheckpointException Fault(string fault) => file.Fault($"{where}: {fault} {CheckpointFile.Damaged}");
        string Window() => $"shape ({string.Join(", ", shape)}), strides ({string.Join(", ", strides)}), offset {offset}";

        if (shape.Length > 64)
            throw Fault($"a tensor of {shape.Length} dimensions.");
        if (shape.Length != strides.Length)
            throw Fault($"{shape.Length} dimensions but {strides.Length} strides.");
        if (offset < 0 || shape.Any(n => n < 0) || strides.Any(n => n < 0))
            throw Fault($"negative numbers in {Window()}.");
        var held = storage.ByteLength / dtype.Size();
        Int128 count = 1, last = offset;
        for (var i = 0; i < shape.Length; i++)
        {
            count *= shape[i];
            if (count > long.MaxValue / 16)
                throw Fault($"a tensor too large to address: {Window()}.");
            last += (Int128)Math.Max(0, shape[i] - 1) * strides[i];
            if (last > long.MaxValue && !shape.Contains(0))
                throw Fault($"the tensor reaches outside its storage: {Window()}, storage {CheckpointFile.Quote(storage.Key)} of "
                    + $"{held} elements.");
        }
        if (count == 0)
            // A view of nothing may be anywhere: x[n:] of n elements, say.
            return new CheckpointTensor("", dtype, shape, strides, 0, storage);
        if (last >= held)
            throw Fault($"the tensor reaches outside its storage: {Window()}, storage {CheckpointFile.Quote(storage.Key)} of "
                + $"{held} elements.");
        if (count > held && count * dtype.Size() > file.Limits.MaxExpandedBytes)
            throw file.Fault($"{where}: a tensor of {count} elements that repeats a storage of {held}. {CheckpointFile.TooMuch}");
        return new CheckpointTensor("", dtype, shape, strides, offset, storage);
    }

    /// <summary>A tensor of a type that libtorch lacks, widened.</summary>
    /// <param name="file">The file, for faults and limits.</param>
    /// <param name="where">The record and the tensor, for faults.</param>
    /// <param name="stored">Its type; one that can be widened.</param>
    /// <param name="shape">Dimensions.</param>
    /// <param name="strides">Strides in elements.</param>
    /// <param name="key">Name of the storage.</param>
    /// <param name="source">Whole elements.</param>
    /// <param name="bigEndian">Their byte order.</param>
    /// <param name="offset">Elements before the first.</param>
    internal static CheckpointTensor Widened(
        CheckpointFile file, string where, StoredType stored, long[] shape, long[] strides, string key, ByteSource source, bool bigEndian,
            long offset = 0)
    {
        var storage = new CheckpointStorage(key, stored.Target, stored.Widened(file, where, source, bigEndian));
        return Create(file, where, stored.Target, shape, strides, offset, storage).StoredAs(stored);
    }

    internal static long[] RowMajor(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        long step = 1;
        for (var i = shape.Count - 1; i >= 0; i--)
        {
            strides[i] = step;
            step = unchecked(step * Math.Max(1, shape[i]));
        }
        return strides;
    }
}
