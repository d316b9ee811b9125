using System.Runtime.InteropServices;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>Writes a file so that its name holds the old content or the new, never a part: beside the target, flushed to the disk, then renamed.</summary>
internal static class AtomicFile
{
    public static void Write(string path, Action<FileStream> write, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        cancellationToken.ThrowIfCancellationRequested();
        string? beside = null;
        try
        {
            // A link is followed, so that what it points at is replaced, not the link.
            var target = File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } final ? final.FullName : Path.GetFullPath(path);
            var temporary = Path.Combine(Path.GetDirectoryName(target)!, $".{Path.GetFileName(target)}.{Guid.NewGuid():N}.tmp");
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                beside = temporary;
                write(stream);
                cancellationToken.ThrowIfCancellationRequested();
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
            beside = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CheckpointException(path, $"cannot be written: {e.Message} Nothing was changed. Check the folder, its permissions and the free space.", e);
        }
        finally
        {
            if (beside is not null)
                File.Delete(beside);
        }
    }

    /// <summary>Writes native memory in parts, between which it can be cancelled.</summary>
    public static unsafe void WriteBytes(Stream stream, nint bytes, long length, CancellationToken cancellationToken, Action<ReadOnlySpan<byte>>? watch = null)
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
    public static unsafe void WriteElements(Stream stream, TensorData tensor, CancellationToken cancellationToken) => tensor.Storage.Use(pointer =>
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
