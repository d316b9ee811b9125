using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>How to lay out a <c>.npy</c> file.</summary>
public sealed record NpyOptions
{
    /// <summary>Column-major elements, the first index running fastest.</summary>
    public bool FortranOrder { get; init; }

    /// <summary>Most significant byte first.</summary>
    public bool BigEndian { get; init; }
}

/// <summary>Writes NumPy's <c>.npy</c>, version 1.0 (<c>numpy/lib/format.py</c>), as atomically as
/// <see cref="CheckpointWriter"/>.</summary>
public static class NpyWriter
{
    /// <summary>Writes one array.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tensor">The array; its name is not written.</param>
    /// <param name="options">Order and bytes; row-major little-endian by default.</param>
    /// <param name="cancellationToken">Asked every 4 MiB.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">NumPy has no such dtype.</exception>
    public static void Save(string path, TensorData tensor, NpyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        options ??= new NpyOptions();
        var header = Header(tensor, options);
        // Column-major is the row-major order of the reversed dimensions.
        var laid = options.FortranOrder
            ? new TensorData(tensor.Name, tensor.DType, [.. tensor.Shape.Reverse()], tensor.Storage,
                [.. tensor.Strides.Reverse()], tensor.Offset)
            : tensor;
        TensorBytes.WriteFile(path, stream =>
        {
            stream.Write(header);
            if (options.BigEndian == BitConverter.IsLittleEndian && tensor.DType.Size() > 1)
                WriteSwapped(stream, laid, cancellationToken);
            else
                TensorBytes.WriteElements(stream, laid, cancellationToken);
        }, cancellationToken);
    }

    static byte[] Header(TensorData tensor, NpyOptions options)
    {
        var shape = tensor.Shape.Count == 1 ? $"({tensor.Shape[0]},)" : $"({string.Join(", ", tensor.Shape)})";
        var text = $"{{'descr': '{NumpyTypes.Code(tensor.DType, options.BigEndian)}', 'fortran_order': "
            + $"{(options.FortranOrder ? "True" : "False")}, 'shape': {shape}, }}";
        var length = (10 + text.Length + 1 + 63) / 64 * 64;    // the data begin at a multiple of 64
        var header = new byte[length];
        header.AsSpan().Fill((byte)' ');
        header[0] = 0x93;
        "NUMPY\u0001\u0000"u8.CopyTo(header.AsSpan(1));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)(length - 10));
        Encoding.ASCII.GetBytes(text, header.AsSpan(10));
        header[^1] = (byte)'\n';
        return header;
    }

    static unsafe void WriteSwapped(Stream stream, TensorData tensor, CancellationToken cancellationToken) => tensor.Storage.Use(pointer =>
    {
        if (tensor.ElementCount == 0)
            return;
        var copy = (byte*)NativeMemory.Alloc((nuint)tensor.ByteLength);
        try
        {
            StridedCopy.Copy((byte*)pointer + tensor.Offset * tensor.DType.Size(), copy, tensor.DType.Size(), tensor.Shape, tensor.Strides);
            var width = tensor.DType.IsComplex() ? tensor.DType.Size() / 2 : tensor.DType.Size();
            for (long i = 0; i < tensor.ByteLength; i += width)
                new Span<byte>(copy + i, width).Reverse();
            TensorBytes.WriteBytes(stream, (nint)copy, tensor.ByteLength, cancellationToken);
        }
        finally
        {
            NativeMemory.Free(copy);
        }
    });
}
