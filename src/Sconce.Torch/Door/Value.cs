using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Sconce.Torch;

/// <summary>What kind of argument or result a <see cref="Value"/> carries. Mirrors the native enum.</summary>
public enum ValueKind
{
    /// <summary>Nothing: an optional argument left out.</summary>
    None = 0,

    /// <summary>A tensor.</summary>
    Tensor = 1,

    /// <summary>A 64-bit integer (a dtype, a layout and a memory format too).</summary>
    Int = 2,

    /// <summary>A 64-bit floating-point number.</summary>
    Double = 3,

    /// <summary>A truth value.</summary>
    Bool = 4,

    /// <summary>A complex number.</summary>
    Complex = 5,

    /// <summary>Text.</summary>
    String = 6,

    /// <summary>A list of integers.</summary>
    IntList = 7,

    /// <summary>A list of floating-point numbers.</summary>
    DoubleList = 8,

    /// <summary>A list of truth values.</summary>
    BoolList = 9,

    /// <summary>A list of tensors.</summary>
    TensorList = 10,

    /// <summary>A list of tensors some of which may be left out.</summary>
    OptionalTensorList = 11,

    /// <summary>A device.</summary>
    Device = 12,

    /// <summary>A random generator.</summary>
    Generator = 13,

    /// <summary>A list of numbers of any kind.</summary>
    ScalarList = 14,

    /// <summary>A list of texts.</summary>
    StringList = 15,

    /// <summary>A value that only libtorch understands, such as a prepacked weight.</summary>
    Object = 16,
}

/// <summary>One argument or result of a boxed operator call, laid out as the native side reads it. Valid only during the call.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
public readonly unsafe struct Value
{
    [FieldOffset(0)]
    private readonly int kind;

    [FieldOffset(4)]
    private readonly int count;

    [FieldOffset(8)]
    private readonly long integer;

    [FieldOffset(8)]
    private readonly double real;

    [FieldOffset(8)]
    private readonly void* pointer;

    [FieldOffset(16)]
    private readonly double imaginary;

    private Value(ValueKind kind, long integer)
    {
        Unsafe.SkipInit(out this);
        this.kind = (int)kind;
        this.integer = integer;
    }

    private Value(double real, double imaginary, ValueKind kind)
    {
        Unsafe.SkipInit(out this);
        this.kind = (int)kind;
        this.real = real;
        this.imaginary = imaginary;
    }

    private Value(ValueKind kind, void* pointer, int count)
    {
        Unsafe.SkipInit(out this);
        this.kind = (int)kind;
        this.count = count;
        this.pointer = pointer;
    }

    /// <summary>What this carries.</summary>
    public ValueKind Kind => (ValueKind)kind;

    /// <summary>The number of items of a list.</summary>
    public int Count => count;

    internal nint Handle => (nint)pointer;

    internal static Value None => new(ValueKind.None, 0);

    internal static Value Of(Tensor? tensor) => tensor is null ? None : new(ValueKind.Tensor, tensor.Handle);

    internal static Value Of(long value) => new(ValueKind.Int, value);

    internal static Value Of(long? value) => value is { } some ? Of(some) : None;

    internal static Value Of(double value) => new(value, 0, ValueKind.Double);

    internal static Value Of(double? value) => value is { } some ? Of(some) : None;

    internal static Value Of(bool value) => new(ValueKind.Bool, value ? 1 : 0);

    internal static Value Of(bool? value) => value is { } some ? Of(some) : None;

    internal static Value Of(DType value) => Of((long)value);

    internal static Value Of(DType? value) => value is { } some ? Of((long)some) : None;

    internal static Value Of(Layout value) => Of((long)value);

    internal static Value Of(Layout? value) => value is { } some ? Of((long)some) : None;

    internal static Value Of(MemoryFormat value) => Of((long)value);

    internal static Value Of(MemoryFormat? value) => value is { } some ? Of((long)some) : None;

    internal static Value Of(Device value) => new(ValueKind.Device, value.Packed);

    internal static Value Of(Device? value) => value is { } some ? Of(some) : None;

    internal static Value Of(Generator? value) => value is null ? None : new(ValueKind.Generator, value.Handle);

    internal static Value Of(Scalar value) => value.Kind switch
    {
        ValueKind.Int => Of(value.Integer),
        ValueKind.Bool => new Value(ValueKind.Bool, value.Integer),
        ValueKind.Complex => new Value(value.Real, value.Imaginary, ValueKind.Complex),
        ValueKind.Double => Of(value.Real),
        _ => throw new ArgumentException("a number is missing: this argument has no default"),
    };

    internal static Value Of(Scalar? value) => value is { Kind: not ValueKind.None } some ? Of(some) : None;

    internal static Value TensorList(nint* handles, int count) => new(ValueKind.TensorList, handles, count);

    internal static Value OptionalTensorList(nint* handles, int count) => new(ValueKind.OptionalTensorList, handles, count);

    internal static Value Longs(long* items, int count) => new(ValueKind.IntList, items, count);

    internal static Value LongsOrNone(long* items, int count) => count == 0 ? None : Longs(items, count);

    internal static Value Doubles(double* items, int count) => new(ValueKind.DoubleList, items, count);

    internal static Value DoublesOrNone(double* items, int count) => count == 0 ? None : Doubles(items, count);

    internal static Value Bools(bool* items, int count) => new(ValueKind.BoolList, items, count);

    internal static Value Scalars(Value* items, int count) => new(ValueKind.ScalarList, items, count);

    internal static Value Text(byte* text, int length) => length < 0 ? None : new(ValueKind.String, text, length);

    internal static Value Strings(Value* items, int count) => new(ValueKind.StringList, items, count);

    internal static Value Object(nint handle) => new(ValueKind.Object, handle);

    /// <summary>UTF-8 with a final zero, or null.</summary>
    internal static byte[]? Utf8(string? text)
    {
        if (text is null) return null;
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    /// <summary>-1 for null.</summary>
    internal static int Utf8Length(string? text) => text is null ? -1 : Encoding.UTF8.GetByteCount(text);

    /// <summary>The integer.</summary>
    public long ToInt64() => integer;

    /// <summary>The truth value.</summary>
    public bool ToBoolean() => integer != 0;

    /// <summary>The floating-point number.</summary>
    public double ToDouble() => real;

    /// <summary>The integers of a list.</summary>
    public ReadOnlySpan<long> ToInt64s() => kind == (int)ValueKind.IntList ? new(pointer, count) : default;

    /// <summary>The text.</summary>
    public string ToText() => kind == (int)ValueKind.String ? Encoding.UTF8.GetString((byte*)pointer, count) : "";

    internal DType ToDType() => (DType)integer;

    internal Scalar ToScalar() => Kind switch
    {
        ValueKind.Int => integer,
        ValueKind.Bool => integer != 0,
        ValueKind.Complex => new System.Numerics.Complex(real, imaginary),
        _ => real,
    };

    internal nint TensorAt(int index) => kind == (int)ValueKind.Tensor ? (nint)pointer : ((nint*)pointer)[index];

    internal Tensor TakeTensor() => kind == (int)ValueKind.Tensor
        ? Tensor.Own((nint)pointer)
        : throw new TorchException("the operator gave no tensor where its schema promises one");

    internal Tensor[] TakeTensors()
    {
        var tensors = new Tensor[count];
        for (int k = 0; k < count; k++) tensors[k] = Tensor.Own(((nint*)pointer)[k]);
        Native.sc_free(pointer);
        return tensors;
    }

    internal string TakeString()
    {
        string text = Encoding.UTF8.GetString((byte*)pointer, count);
        Native.sc_free(pointer);
        return text;
    }

    internal long[] TakeLongs()
    {
        long[] items = ToInt64s().ToArray();
        Native.sc_free(pointer);
        return items;
    }
}

/// <summary>The handles of a list of tensors, kept alive over a call.</summary>
internal readonly ref struct HandleList
{
    private readonly ReadOnlySpan<Tensor?> tensors;
    private readonly nint[] handles;

    internal HandleList(ReadOnlySpan<Tensor?> tensors)
    {
        this.tensors = tensors;
        handles = new nint[tensors.Length];
        for (int k = 0; k < tensors.Length; k++) handles[k] = tensors[k]?.Handle ?? 0;
    }

    internal ReadOnlySpan<nint> Span => handles;

    internal void KeepAlive()
    {
        foreach (var tensor in tensors) GC.KeepAlive(tensor);
    }
}
