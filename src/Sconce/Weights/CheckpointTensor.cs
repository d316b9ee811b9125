using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>A tensor of a checkpoint: a strided window on a storage, which other tensors may share.</summary>
public sealed class CheckpointTensor
{
    CheckpointTensor(string name, DType dtype, long[] shape, long[] strides, long offset, ICheckpointStorage storage)
    {
        (Name, DType, Shape, Strides, Offset, Storage) = (name, dtype, shape, strides, offset, storage);
        ElementCount = shape.Aggregate(1L, (a, b) => a * b);
    }

    /// <summary>Its name in the state dict; empty for a tensor inside <see cref="Checkpoint.Root"/>.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public DType DType { get; }

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
            throw new ArgumentException($"tensor {CheckpointFile.Quote(Name)} {ShapeText} {DType.TorchName()} has {ByteLength} bytes, the destination {byteLength}: allocate ByteLength bytes", nameof(byteLength));
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
            throw new ArgumentException($"tensor {CheckpointFile.Quote(Name)} is {DType.TorchName()}, which {typeof(T).Name} does not hold");
        var values = new T[ElementCount];
        CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>Name, shape and type on one line.</summary>
    public override string ToString() => $"{Name} {ShapeText} {DType.TorchName()}".TrimStart();

    internal string ShapeText => $"({string.Join(", ", Shape)})";

    internal CheckpointTensor Named(string name) => new(name, DType, (long[])Shape, (long[])Strides, Offset, Storage);

    /// <summary>Makes a tensor after holding its window against the storage.</summary>
    /// <param name="file">The file, for faults and limits.</param>
    /// <param name="where">The record and the tensor, as far as known, for faults.</param>
    /// <param name="dtype">Type of the elements.</param>
    /// <param name="shape">Dimensions.</param>
    /// <param name="strides">Strides in elements.</param>
    /// <param name="offset">Elements before the first.</param>
    /// <param name="storage">Where they lie.</param>
    /// <exception cref="CheckpointException">The window reaches outside the storage, or is absurd.</exception>
    internal static CheckpointTensor Create(CheckpointFile file, string where, DType dtype, long[] shape, long[] strides, long offset, ICheckpointStorage storage)
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
            if (last > long.MaxValue)
                throw Fault($"the tensor reaches outside its storage: {Window()}, storage {CheckpointFile.Quote(storage.Key)} of {held} elements.");
        }
        if (count > 0 && last >= held || offset > held)
            throw Fault($"the tensor reaches outside its storage: {Window()}, storage {CheckpointFile.Quote(storage.Key)} of {held} elements.");
        if (count > held && count * dtype.Size() > file.Limits.MaxExpandedBytes)
            throw file.Fault($"{where}: a tensor of {count} elements that repeats a storage of {held}. {CheckpointFile.TooMuch}");
        return new CheckpointTensor("", dtype, shape, strides, offset, storage);
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
