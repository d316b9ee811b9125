using System.Buffers;
using System.Runtime.InteropServices;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>Bytes to be written. Tensors built on the same object share one storage in PyTorch's files.</summary>
public sealed unsafe class StorageData
{
    readonly ReadOnlyMemory<byte> memory;
    readonly nint pointer;
    readonly object? owner;

    StorageData(ReadOnlyMemory<byte> memory, nint pointer, long byteLength, object? owner) =>
        (this.memory, this.pointer, ByteLength, this.owner) = (memory, pointer, byteLength, owner);

    /// <summary>Size in bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Managed memory, which is not copied.</summary>
    public static StorageData Of(ReadOnlyMemory<byte> memory) => new(memory, 0, memory.Length, null);

    /// <summary>Native memory, which is not copied.</summary>
    /// <param name="pointer">Address of the first byte.</param>
    /// <param name="byteLength">Size in bytes, which may exceed 2 GiB.</param>
    /// <param name="owner">What to keep alive while the storage is referenced.</param>
    public static StorageData Of(nint pointer, long byteLength, object? owner = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteLength);
        if (pointer == 0 && byteLength > 0)
            throw new ArgumentNullException(nameof(pointer));
        return new StorageData(default, pointer, byteLength, owner);
    }

    /// <summary>Calls <paramref name="action"/> with the address, which holds only meanwhile.</summary>
    internal void Use(Action<nint> action)
    {
        if (pointer != 0 || ByteLength == 0)
        {
            action(pointer);
            GC.KeepAlive(owner);
            return;
        }
        using MemoryHandle handle = memory.Pin();
        action((nint)handle.Pointer);
    }
}

/// <summary>A tensor to be written: a name, and a strided window on bytes.</summary>
public sealed class TensorData
{
    /// <summary>Describes a tensor.</summary>
    /// <param name="name">Its name in the state dict.</param>
    /// <param name="dtype">Type of the elements.</param>
    /// <param name="shape">Dimensions; none for a single number.</param>
    /// <param name="storage">Where the elements lie, in the machine's byte order.</param>
    /// <param name="strides">Elements between neighbours along each dimension, not negative; row-major by default.</param>
    /// <param name="offset">Elements of the storage before the first.</param>
    /// <exception cref="ArgumentException">The window reaches outside the storage.</exception>
    public TensorData(string name, DType dtype, ReadOnlySpan<long> shape, StorageData storage, ReadOnlySpan<long> strides = default,
        long offset = 0)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(storage);
        Name = name;
        DType = dtype;
        Shape = shape.ToArray();
        Strides = strides.IsEmpty ? CheckpointTensor.RowMajor(Shape) : strides.ToArray();
        Offset = offset;
        Storage = storage;
        Int128 count = 1, last = offset;
        var bad = offset < 0 || Strides.Count != Shape.Count;
        for (var i = 0; i < Shape.Count && !bad; i++)
        {
            bad = Shape[i] < 0 || Strides[i] < 0;
            count *= Shape[i];
            last += (Int128)Math.Max(0, Shape[i] - 1) * Strides[i];
            bad |= count > long.MaxValue / 16 || last > long.MaxValue;
        }
        if (bad || count > 0 && last >= storage.ByteLength / dtype.Size())
            throw new ArgumentException($"tensor '{name}' of shape ({string.Join(", ", Shape)}), strides ({string.Join(", ", Strides)}), "
                + $"offset {offset} does not fit {storage.ByteLength} bytes of {dtype.TorchName()}");
        ElementCount = (long)count;
    }

    /// <summary>Its name in the state dict.</summary>
    public string Name { get; }

    /// <summary>The type of its elements.</summary>
    public DType DType { get; }

    /// <summary>Its dimensions.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Its strides in elements.</summary>
    public IReadOnlyList<long> Strides { get; }

    /// <summary>Elements of the storage before the first.</summary>
    public long Offset { get; }

    /// <summary>Where its elements lie.</summary>
    public StorageData Storage { get; }

    /// <summary>Its number of elements.</summary>
    public long ElementCount { get; }

    /// <summary>Bytes of its elements in row-major order.</summary>
    public long ByteLength => ElementCount * DType.Size();

    /// <summary>A row-major tensor of an array's elements.</summary>
    /// <typeparam name="T">A type as wide as <paramref name="dtype"/>.</typeparam>
    public static TensorData Of<T>(string name, DType dtype, ReadOnlySpan<long> shape, T[] values) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return new TensorData(name, dtype, shape, StorageData.Of(MemoryMarshal.AsBytes(values.AsSpan()).ToArray()));
    }

    /// <summary>The tensor of an open checkpoint. To keep shared storages shared, convert many at once with
    /// <see cref="FromCheckpoint"/>.</summary>
    public static TensorData From(CheckpointTensor tensor) => From(tensor, []);

    /// <summary>The tensors of an open checkpoint, for writing it in another format. It must stay open until then.</summary>
    public static IEnumerable<TensorData> FromCheckpoint(Checkpoint checkpoint)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        var storages = new Dictionary<ICheckpointStorage, StorageData>();
        foreach (var tensor in checkpoint.Tensors)
            yield return From(tensor, storages);
    }

    internal bool IsContiguous => StridedCopy.IsContiguous(Shape, Strides);

    static TensorData From(CheckpointTensor tensor, Dictionary<ICheckpointStorage, StorageData> storages)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (!storages.TryGetValue(tensor.Storage, out var storage))
            storages.Add(tensor.Storage, storage = StorageData.Of(tensor.Storage.Pointer, tensor.Storage.ByteLength, tensor.Storage));
        return new TensorData(tensor.Name, tensor.DType, [.. tensor.Shape], storage, tensor.Shape.Count == 0
            ? default : [.. tensor.Strides], tensor.Offset);
    }
}
