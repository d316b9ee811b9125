using Sconce.Torch;

namespace Sconce.Weights;

/// <summary>NumPy's type strings (<c>numpy.dtype.str</c>) and orders.</summary>
internal static class NumpyTypes
{
    /// <summary>The dtype of a string such as <c>&lt;f4</c>, and whether its bytes must be swapped; false for what libtorch has no type
    /// for.</summary>
    public static bool TryParse(string code, out DType dtype, out bool swap)
    {
        swap = code.StartsWith('>');
        DType? known = code.TrimStart('<', '>', '|', '=') switch
        {
            "f2" => DType.Float16,
            "f4" => DType.Float32,
            "f8" => DType.Float64,
            "i1" => DType.Int8,
            "i2" => DType.Int16,
            "i4" => DType.Int32,
            "i8" => DType.Int64,
            "u1" => DType.UInt8,
            "b1" or "?" => DType.Bool,
            "c8" => DType.Complex64,
            "c16" => DType.Complex128,
            "V2" or "bfloat16" => DType.BFloat16,    // JAX's bfloat16 reaches NumPy's files as two void bytes
            _ => null,
        };
        dtype = known ?? default;
        return known is not null;
    }

    /// <summary>The little- or big-endian type string of a dtype.</summary>
    public static string Code(DType dtype, bool bigEndian)
    {
        var code = dtype switch
        {
            DType.Float16 => "f2",
            DType.Float32 => "f4",
            DType.Float64 => "f8",
            DType.Int8 => "i1",
            DType.Int16 => "i2",
            DType.Int32 => "i4",
            DType.Int64 => "i8",
            DType.UInt8 => "u1",
            DType.Bool => "b1",
            DType.Complex64 => "c8",
            DType.Complex128 => "c16",
            _ => throw new ArgumentException($"NumPy has no type for {dtype.TorchName()}: convert the tensor first, bfloat16 to float32"),
        };
        return (dtype.Size() == 1 ? "|" : bigEndian ? ">" : "<") + code;
    }

    /// <summary>Row-major strides, or column-major ones.</summary>
    public static long[] Strides(long[] shape, bool fortran)
    {
        if (!fortran)
            return CheckpointTensor.RowMajor(shape);
        var strides = CheckpointTensor.RowMajor([.. shape.AsEnumerable().Reverse()]);
        Array.Reverse(strides);
        return strides;
    }

    /// <summary>Holds a declared shape against the bytes that are there.</summary>
    public static void CheckSize(long[] shape, int width, string type, long bytes, Func<string, CheckpointException> fault)
    {
        if (shape.Length > 64)
            throw fault($"an array of {shape.Length} dimensions.");
        Int128 expected = width;
        foreach (var n in shape)
        {
            if (n < 0)
                throw fault($"a negative dimension in ({string.Join(", ", shape)}).");
            expected = expected * n;
            if (expected > long.MaxValue)
                throw fault($"shape ({string.Join(", ", shape)}) is too large to address.");
        }
        if (expected != bytes)
            throw fault($"shape ({string.Join(", ", shape)}) of {type} takes {expected} bytes, but {bytes} are there.");
    }
}
