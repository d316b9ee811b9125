using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Sconce.Torch;

namespace Sconce.Data;

/// <summary>
/// Native memory for batches, used again when libtorch lets the last tensor over it go: a batch is as large as the one before, and fresh
/// memory would be faulted in page by page each time.
/// </summary>
internal sealed unsafe class FloatBufferPool
{
    private const nuint Alignment = 64;
    private const int Kept = 8;

    private readonly ConcurrentQueue<Block> free = new();

    /// <summary>Memory for <paramref name="count"/> floats, of any content.</summary>
    internal Lease Rent(long count)
    {
        while (free.TryDequeue(out var block))
        {
            if (block.Capacity >= count)
                return new Lease(this, block);
            block.Free();    // batches have grown
        }
        return new Lease(this, new Block(count));
    }

    /// <summary>The right to a block until it is disposed.</summary>
    internal sealed class Lease(FloatBufferPool pool, Block block) : IDisposable
    {
        private Block? block = block;

        internal float* Pointer => block is { } held ? held.Pointer : throw new ObjectDisposedException(nameof(Lease));

        /// <summary>A tensor over the first elements; the memory goes back when it and its views are gone.</summary>
        internal Tensor ToTensor(ReadOnlySpan<long> shape)
        {
            using var scope = new TensorScope();
            return scope.KeepForever(Tensor.Over(Pointer, shape, DType.Float32, this));
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref block, null) is not { } returned)
                return;
            if (pool.free.Count < Kept)
                pool.free.Enqueue(returned);
            else
                returned.Free();
        }
    }

    /// <summary>Aligned floats; those of a pool that nobody has any more are freed by the collector.</summary>
    internal sealed class Block(long capacity)
    {
        private nint memory = (nint)NativeMemory.AlignedAlloc(checked((nuint)capacity * sizeof(float)), Alignment);

        ~Block() => Free();

        internal long Capacity => capacity;

        internal float* Pointer => (float*)memory;

        internal void Free() => NativeMemory.AlignedFree((void*)Interlocked.Exchange(ref memory, 0));
    }
}
