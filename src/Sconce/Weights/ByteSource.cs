using System.Runtime.InteropServices;

namespace Sconce.Weights;

/// <summary>Bytes at a fixed address while the checkpoint is open.</summary>
internal abstract unsafe class ByteSource(long length)
{
    public long Length { get; } = length;

    public abstract byte* Pointer { get; }

    /// <summary>A part of the bytes, at most 2 GiB.</summary>
    public ReadOnlySpan<byte> Span(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - count);
        return new ReadOnlySpan<byte>(Pointer + offset, count);
    }
}

/// <summary>A part of a mapped file.</summary>
internal sealed unsafe class MappedSource(MappedFile file, long offset, long length) : ByteSource(length)
{
    public override byte* Pointer => file.Pointer + offset;
}

/// <summary>The bytes of a storage.</summary>
internal sealed unsafe class StorageSource(ICheckpointStorage storage) : ByteSource(storage.ByteLength)
{
    public override byte* Pointer => (byte*)storage.Pointer;
}

/// <summary>Native memory that is filled at its first use: inflated, byte-swapped or copied out of a pickle.</summary>
internal sealed unsafe class FilledSource(long length, FilledSource.Filler fill) : ByteSource(length), IDisposable
{
    readonly Lock gate = new();
    byte* pointer;
    bool disposed;

    ~FilledSource() => NativeMemory.Free(pointer);

    public delegate void Filler(byte* destination, long length);

    public override byte* Pointer
    {
        get
        {
            lock (gate)
            {
                ObjectDisposedException.ThrowIf(disposed, this);
                if (pointer is not null)
                    return pointer;
                var memory = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, Length));
                try
                {
                    fill(memory, Length);
                }
                catch
                {
                    NativeMemory.Free(memory);
                    throw;
                }
                return pointer = memory;
            }
        }
    }

    public static FilledSource Of(byte[] bytes) =>
        new(bytes.Length, (destination, length) => bytes.CopyTo(new Span<byte>(destination, (int)length)));

    /// <summary>The same numbers in the other byte order.</summary>
    /// <param name="source">Where they are.</param>
    /// <param name="width">Bytes of a number: a complex element is two.</param>
    public static FilledSource Swapped(ByteSource source, int width) => new(source.Length, (destination, length) =>
    {
        var from = source.Pointer;
        for (long i = 0; i + width <= length; i += width)
            for (var k = 0; k < width; k++)
                destination[i + k] = from[i + width - 1 - k];
    });

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            NativeMemory.Free(pointer);
            pointer = null;
        }
        GC.SuppressFinalize(this);
    }
}
