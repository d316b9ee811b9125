using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Sconce.Torch;

namespace Sconce.Data;

/// <summary>
/// Native memory for batches, used again when libtorch lets the last tensor over it go: a batch is as large as the one before, and fresh memory would be faulted in page
/// by page each time.
/// </summary>
internal sealed unsafe class FloatBufferPool
{
    private const nuint Alignment = 64;
    private const int Kept = 8;

    private readonly ConcurrentQueue<Buffer> free = new();

    /// <summary>Memory for <paramref name="count"/> floats, of any content.</summary>
    internal Buffer Rent(long count)
    {
        while (free.TryDequeue(out var buffer))
        {
            if (buffer.Capacity >= count)
                return buffer;
            buffer.Free();    // batches have grown
        }
        return new Buffer(this, count);
    }

    /// <summary>Aligned floats. Disposing gives them back to the pool.</summary>
    internal sealed class Buffer(FloatBufferPool pool, long capacity) : IDisposable
    {
        private nint memory = (nint)NativeMemory.AlignedAlloc(checked((nuint)capacity * sizeof(float)), Alignment);

        ~Buffer() => Free();

        internal long Capacity => capacity;

        internal float* Pointer => (float*)memory;

        /// <summary>A tensor over the first elements; the memory goes back when it and its views are gone.</summary>
        internal Tensor ToTensor(ReadOnlySpan<long> shape)
        {
            using var scope = new TensorScope();
            return scope.KeepForever(Tensor.Over(Pointer, shape, DType.Float32, this));
        }

        public void Dispose()
        {
            if (pool.free.Count < Kept)
                pool.free.Enqueue(this);
            else
                Free();
        }

        internal void Free()
        {
            NativeMemory.AlignedFree((void*)Interlocked.Exchange(ref memory, 0));
            GC.SuppressFinalize(this);
        }
    }
}
