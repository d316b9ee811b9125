namespace Sconce.Torch;

/// <summary>The element type of a tensor. The values are libtorch's own <c>c10::ScalarType</c>.</summary>
public enum DType : sbyte
{
    /// <summary>Unsigned 8-bit integer (<c>torch.uint8</c>).</summary>
    UInt8 = 0,

    /// <summary>Signed 8-bit integer (<c>torch.int8</c>).</summary>
    Int8 = 1,

    /// <summary>Signed 16-bit integer (<c>torch.int16</c>).</summary>
    Int16 = 2,

    /// <summary>Signed 32-bit integer (<c>torch.int32</c>).</summary>
    Int32 = 3,

    /// <summary>Signed 64-bit integer (<c>torch.int64</c>).</summary>
    Int64 = 4,

    /// <summary>IEEE half precision (<c>torch.float16</c>).</summary>
    Float16 = 5,

    /// <summary>IEEE single precision (<c>torch.float32</c>).</summary>
    Float32 = 6,

    /// <summary>IEEE double precision (<c>torch.float64</c>).</summary>
    Float64 = 7,

    /// <summary>Complex of two halves (<c>torch.complex32</c>).</summary>
    Complex32 = 8,

    /// <summary>Complex of two floats (<c>torch.complex64</c>).</summary>
    Complex64 = 9,

    /// <summary>Complex of two doubles (<c>torch.complex128</c>).</summary>
    Complex128 = 10,

    /// <summary>Boolean, one byte each (<c>torch.bool</c>).</summary>
    Bool = 11,

    /// <summary>Brain float: 8 exponent and 7 mantissa bits (<c>torch.bfloat16</c>).</summary>
    BFloat16 = 15,
}

/// <summary>Facts about element types.</summary>
public static class DTypes
{
    /// <summary>Bytes that one element occupies.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value names no dtype.</exception>
    public static int Size(this DType dtype) => dtype switch
    {
        DType.UInt8 or DType.Int8 or DType.Bool => 1,
        DType.Int16 or DType.Float16 or DType.BFloat16 => 2,
        DType.Int32 or DType.Float32 or DType.Complex32 => 4,
        DType.Int64 or DType.Float64 or DType.Complex64 => 8,
        DType.Complex128 => 16,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "not a dtype"),
    };

    /// <summary>Whether the elements are real floating-point numbers, which gradients need (complex ones too, see
    /// <see cref="IsComplex"/>).</summary>
    public static bool IsFloatingPoint(this DType dtype) =>
        dtype is DType.Float16 or DType.BFloat16 or DType.Float32 or DType.Float64;

    /// <summary>Whether the elements are complex numbers.</summary>
    public static bool IsComplex(this DType dtype) => dtype is DType.Complex32 or DType.Complex64 or DType.Complex128;

    /// <summary>PyTorch's name, such as <c>float32</c>.</summary>
    public static string TorchName(this DType dtype) => dtype switch
    {
        DType.UInt8 => "uint8",
        DType.Int8 => "int8",
        DType.Int16 => "int16",
        DType.Int32 => "int32",
        DType.Int64 => "int64",
        DType.Float16 => "float16",
        DType.Float32 => "float32",
        DType.Float64 => "float64",
        DType.Complex32 => "complex32",
        DType.Complex64 => "complex64",
        DType.Complex128 => "complex128",
        DType.Bool => "bool",
        DType.BFloat16 => "bfloat16",
        _ => $"dtype({(int)dtype})",
    };
}
