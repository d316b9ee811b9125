using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>The raw bytes behind one tensor or several that share them. They are valid while the <see cref="Checkpoint"/> is
/// open.</summary>
public interface ICheckpointStorage
{
    /// <summary>The storage's name inside the file.</summary>
    string Key { get; }

    /// <summary>The type that the file declares for the storage; a tensor's own <see cref="CheckpointTensor.DType"/> decides.</summary>
    DType DType { get; }

    /// <summary>Its size in bytes.</summary>
    long ByteLength { get; }

    /// <summary>Address of the first byte, little-endian elements; aligned only where the file aligned it.</summary>
    /// <exception cref="ObjectDisposedException">The checkpoint is closed.</exception>
    /// <exception cref="CheckpointException">The bytes are compressed and damaged.</exception>
    nint Pointer { get; }

    /// <summary>A part of the bytes, without a copy.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not inside the storage.</exception>
    /// <exception cref="ObjectDisposedException">The checkpoint is closed.</exception>
    ReadOnlySpan<byte> Slice(long offset, int length);
}

internal sealed unsafe class CheckpointStorage(string key, DType dtype, ByteSource source) : ICheckpointStorage
{
    public string Key { get; } = key;

    public DType DType { get; } = dtype;

    public long ByteLength => source.Length;

    public nint Pointer => (nint)source.Pointer;

    public ReadOnlySpan<byte> Slice(long offset, int length) => source.Span(offset, length);

    /// <summary>The storage of a file in the machine's byte order, or of one in the other.</summary>
    public static CheckpointStorage Of(CheckpointFile file, string key, DType dtype, ByteSource source, bool swap)
    {
        var width = dtype.IsComplex() ? dtype.Size() / 2 : dtype.Size();
        return new CheckpointStorage(key, dtype, swap && width > 1 ? file.Own(FilledSource.Swapped(source, width)) : source);
    }
}

/// <summary>Stands for the bytes of a tensor of a type that is not known: whoever asks for them is told which tensor it is.</summary>
internal sealed class OpaqueStorage(CheckpointFile file, string name, string type, long byteLength) : ICheckpointStorage
{
    public string Key => name;

    public DType DType => DType.UInt8;

    public long ByteLength => byteLength;

    public nint Pointer => throw Fault();

    public ReadOnlySpan<byte> Slice(long offset, int length) => throw Fault();

    public OpaqueStorage Named(string called) => new(file, called, type, byteLength);

    private CheckpointException Fault() =>
        file.Fault($"tensor {CheckpointFile.Quote(name)} is of type {CheckpointFile.Quote(type)}, which cannot be read here. Convert it to "
            + $"float32 in Python and save again.");
}
