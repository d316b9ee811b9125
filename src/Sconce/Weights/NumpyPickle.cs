using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>A NumPy array under construction; the finished tree holds its value instead.</summary>
internal sealed class NumpyArray
{
    public object? Value { get; set; }
}

/// <summary>A NumPy element type under construction.</summary>
internal sealed class NumpyDType(string code)
{
    /// <summary>NumPy's type string with its byte order, such as <c>&lt;f4</c>.</summary>
    public string Code { get; private set; } = code;

    public void Build(object? state, CheckpointFile file, string where)
    {
        if (state is not object?[] { Length: >= 2 } parts || parts[1] is not string { Length: 1 } order
            || order is not ("<" or ">" or "|" or "="))
            throw file.Fault($"{where}: a NumPy dtype without a byte order. {CheckpointFile.Damaged}");
        if (Code.Length > 0 && Code[0] is not ('<' or '>' or '|' or '='))
            Code = order + Code;
    }
}

/// <summary>NumPy's part of pickles: arrays become tensors, scalars become numbers. What libtorch has no type for stays a record.</summary>
internal sealed class NumpyPickle(CheckpointFile file)
{
    readonly Dictionary<object, byte[]> latin = new(ReferenceEqualityComparer.Instance);
    readonly Dictionary<byte[], ByteSource> sources = new(ReferenceEqualityComparer.Instance);

    /// <summary>Whether the function is NumPy's and known.</summary>
    /// <param name="name">Its module and name.</param>
    /// <param name="a">Arguments.</param>
    /// <param name="where">The place, for faults.</param>
    /// <param name="counted">Is told how many values are copied.</param>
    /// <param name="made">What it makes.</param>
    public bool TryReduce(string name, object?[] a, string where, Action<long> counted, out object? made)
    {
        // NumPy 2 moved numpy.core to numpy._core.
        made = name.Replace("numpy._core.", "numpy.core.", StringComparison.Ordinal) switch
        {
            "numpy.dtype" when a is [string { Length: > 0 and < 64 } code, ..] => new NumpyDType(code),
            "numpy.core.multiarray._reconstruct" when a is [CheckpointGlobal { Module: "numpy", Name: "ndarray" }, ..] => new NumpyArray(),
            "numpy.core.multiarray.scalar" when a is [NumpyDType dtype, { } value] => Scalar(dtype, value, where),
            "numpy.core.numeric._frombuffer" when a is [byte[] bytes, NumpyDType dtype, { } shape, string order] => Array(dtype, shape,
                order == "F", bytes, where, counted),
            _ => null,
        };
        return made is not null;
    }

    /// <summary>The state of <c>ndarray.__reduce__</c>: (version, shape, dtype, Fortran order, bytes).</summary>
    public void Build(NumpyArray array, object? state, string where, Action<long> counted)
    {
        if (state is not object?[] { Length: >= 4 and <= 5 } parts || parts[^3] is not NumpyDType dtype || parts[^4] is not { } shape
            || parts[^2] is not bool fortran)
            throw Bad(where, "a NumPy array whose state is not (version, shape, dtype, order, bytes).");
        if (parts[^1] is not IReadOnlyList<object?> objects)
        {
            array.Value = Array(dtype, shape, fortran, Bytes(parts[^1], where), where, counted);
            return;
        }
        if (objects is not List<object?> list)
        {
            counted(objects.Count);
            list = [.. objects];
        }
        array.Value = new CheckpointObject("numpy.ndarray", [shape, dtype.Code]) { ElementList = list };
    }

    CheckpointException Bad(string where, string fault) => file.Fault($"{where}: {fault} {CheckpointFile.Damaged}");

    object Array(NumpyDType dtype, object shapeValue, bool fortran, byte[] bytes, string where, Action<long> counted)
    {
        if (shapeValue is not IReadOnlyList<object?> { Count: <= 64 } numbers || !numbers.All(n => n is long and >= 0))
            throw Bad(where, "a NumPy array whose shape is no tuple of sizes.");
        counted(numbers.Count);
        long[] shape = [.. numbers.Select(n => (long)n!)];
        if (!sources.TryGetValue(bytes, out var source))
            sources.Add(bytes, source = file.Own(FilledSource.Of(bytes)));
        if (StoredType.InNumpy(dtype.Code) is { } stored)
        {
            NumpyTypes.CheckSize(shape, stored.Width, stored.Name, bytes.Length, fault => Bad(where, fault));
            return CheckpointTensor.Widened(file, where, stored, shape, NumpyTypes.Strides(shape, fortran), where, source,
                dtype.Code[0] == '>');
        }
        if (!NumpyTypes.TryParse(dtype.Code, out var type, out var swap))
            return new CheckpointObject("numpy.ndarray", [shapeValue, dtype.Code, bytes]);
        NumpyTypes.CheckSize(shape, type.Size(), type.TorchName(), bytes.Length, fault => Bad(where, fault));
        var storage = CheckpointStorage.Of(file, where, type, source, swap);
        return CheckpointTensor.Create(file, where, type, shape, NumpyTypes.Strides(shape, fortran), 0, storage);
    }

    object Scalar(NumpyDType dtype, object value, string where)
    {
        var bytes = Bytes(value, where).AsSpan();
        var code = dtype.Code.TrimStart('<', '>', '|', '=');
        Span<byte> buffer = stackalloc byte[16];
        if (bytes.Length > 16)
            return new CheckpointObject("numpy.scalar", [dtype.Code, value]);
        bytes.CopyTo(buffer);
        var one = buffer[..bytes.Length];
        if (dtype.Code[0] == '>')
            one.Reverse();
        return (code, one.Length) switch
        {
            ("b1" or "?", 1) => one[0] != 0,
            ("i1", 1) => (long)(sbyte)one[0],
            ("i2", 2) => (long)BinaryPrimitives.ReadInt16LittleEndian(one),
            ("i4", 4) => (long)BinaryPrimitives.ReadInt32LittleEndian(one),
            ("i8", 8) => BinaryPrimitives.ReadInt64LittleEndian(one),
            ("u1", 1) => (long)one[0],
            ("u2", 2) => (long)BinaryPrimitives.ReadUInt16LittleEndian(one),
            ("u4", 4) => (long)BinaryPrimitives.ReadUInt32LittleEndian(one),
            ("u8", 8) => BinaryPrimitives.ReadUInt64LittleEndian(one) is var n && n <= long.MaxValue ? (object)(long)n : new BigInteger(n),
            ("f2", 2) => (double)BinaryPrimitives.ReadHalfLittleEndian(one),
            ("f4", 4) => (double)BinaryPrimitives.ReadSingleLittleEndian(one),
            ("f8", 8) => BinaryPrimitives.ReadDoubleLittleEndian(one),
            (['b' or 'i' or 'u' or 'f', ..], _) =>
                throw Bad(where, $"a NumPy number of type {CheckpointFile.Quote(dtype.Code)} in {bytes.Length} bytes."),
            _ => new CheckpointObject("numpy.scalar", [dtype.Code, value]),
        };
    }

    /// <summary>Raw bytes, which Python 2 wrote as text.</summary>
    byte[] Bytes(object? value, string where)
    {
        if (value is byte[] bytes)
            return bytes;
        if (value is not string text || !text.All(c => c <= 255))
            throw Bad(where, "NumPy data that are no bytes.");
        if (!latin.TryGetValue(text, out var encoded))
            latin.Add(text, encoded = Encoding.Latin1.GetBytes(text));
        return encoded;
    }
}
