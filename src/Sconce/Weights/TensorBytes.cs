using System.Runtime.InteropServices;
using Sconce.Files;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>Tensors' bytes into files.</summary>
internal static class TensorBytes
{
    /// <summary>Writes a file of weights whole, or leaves what was there.</summary>
    /// <exception cref="CheckpointException">It cannot be written.</exception>
    public static void WriteFile(string path, Action<FileStream> write, CancellationToken cancellationToken)
    {
        try
        {
            AtomicFile.Write(path, write, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path,
                $"cannot be written: {e.Message} Nothing was changed. Check the folder, its permissions and the free space.", e);
        }
    }

    /// <summary>Writes native memory in parts, between which it can be cancelled.</summary>
    public static unsafe void WriteBytes(Stream stream, nint bytes, long length, CancellationToken cancellationToken,
        Action<ReadOnlySpan<byte>>? watch = null)
    {
        const int Part = 1 << 22;
        for (long at = 0; at < length; at += Part)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = new ReadOnlySpan<byte>((byte*)bytes + at, (int)Math.Min(Part, length - at));
            stream.Write(part);
            watch?.Invoke(part);
        }
    }

    /// <summary>Writes a tensor's elements in row-major order.</summary>
    public static unsafe void WriteElements(Stream stream, TensorData tensor, CancellationToken cancellationToken) =>
        tensor.Storage.Use(pointer =>
    {
        if (tensor.ElementCount == 0)
            return;
        var first = (byte*)pointer + tensor.Offset * tensor.DType.Size();
        if (tensor.IsContiguous)
        {
            WriteBytes(stream, (nint)first, tensor.ByteLength, cancellationToken);
            return;
        }
        var copy = (byte*)NativeMemory.Alloc((nuint)tensor.ByteLength);
        try
        {
            StridedCopy.Copy(first, copy, tensor.DType.Size(), tensor.Shape, tensor.Strides);
            WriteBytes(stream, (nint)copy, tensor.ByteLength, cancellationToken);
        }
        finally
        {
            NativeMemory.Free(copy);
        }
    });
}
