using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <summary>A value that only libtorch understands (a custom class, such as a prepacked convolution): held, passed on and freed, never
/// looked into.</summary>
public sealed class OpaqueValue : IDisposable
{
    private nint handle;

    internal OpaqueValue(nint handle) => this.handle = handle;

    /// <summary>The safety net for a value that nobody disposed.</summary>
    ~OpaqueValue() => Free();

    internal nint Handle => handle != 0 ? handle : throw new ObjectDisposedException(nameof(OpaqueValue));

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        nint mine = Interlocked.Exchange(ref handle, 0);
        if (mine != 0) Native.sc_object_free(mine);
    }
}

/// <summary>Managed objects as boxed arguments, with the memory that they need during one call.</summary>
internal readonly unsafe ref struct Boxing : IDisposable
{
    private readonly Value[] values;
    private readonly List<GCHandle> pins = [];

    internal Boxing(ReadOnlySpan<object?> arguments)
    {
        values = new Value[arguments.Length];
        for (int k = 0; k < arguments.Length; k++) values[k] = Box(arguments[k]);
    }

    internal Span<Value> Values => values;

    public void Dispose()
    {
        foreach (var pin in pins) pin.Free();
    }

    internal static object? Unbox(Value value) => value.Kind switch
    {
        ValueKind.None => null,
        ValueKind.Tensor => value.TakeTensor(),
        ValueKind.TensorList => value.TakeTensors(),
        ValueKind.Int => value.ToInt64(),
        ValueKind.Double => value.ToDouble(),
        ValueKind.Bool => value.ToBoolean(),
        ValueKind.Complex => value.ToScalar(),
        ValueKind.String => value.TakeString(),
        ValueKind.IntList => value.TakeLongs(),
        ValueKind.Device => Device.FromPacked(value.ToInt64()),
        ValueKind.Object => new OpaqueValue(value.Handle),
        _ => throw new TorchException($"the operator gave a result of kind {value.Kind}, which has no managed form"),
    };

    private Value Box(object? argument)
    {
        switch (argument)
        {
            case null: return Value.None;
            case Tensor tensor: return Value.Of(tensor);
            case int number: return Value.Of((long)number);
            case long number: return Value.Of(number);
            case float number: return Value.Of((double)number);
            case double number: return Value.Of(number);
            case bool truth: return Value.Of(truth);
            case Scalar scalar: return Value.Of(scalar);
            case DType dtype: return Value.Of(dtype);
            case Layout layout: return Value.Of(layout);
            case MemoryFormat format: return Value.Of(format);
            case Device device: return Value.Of(device);
            case Generator generator: return Value.Of(generator);
            case OpaqueValue opaque: return Value.Object(opaque.Handle);
            case string text: return Value.Text((byte*)Pin(Value.Utf8(text)!), Value.Utf8Length(text));
            case long[] items: return Value.Longs((long*)Pin(items), items.Length);
            case int[] items: return Box(Array.ConvertAll(items, item => (long)item));
            case double[] items: return Value.Doubles((double*)Pin(items), items.Length);
            case bool[] items: return Value.Bools((bool*)Pin(items), items.Length);
            case Scalar[] items: return Value.Scalars((Value*)Pin(Array.ConvertAll(items, Value.Of)), items.Length);
            case Tensor?[] items: return Tensors(items);
            case string[] items:
                var texts = new Value[items.Length];
                for (int k = 0; k < items.Length; k++) texts[k] = Box(items[k]);
                return Value.Strings((Value*)Pin(texts), texts.Length);
            default: throw new ArgumentException($"a {argument.GetType().Name} is no argument of an operator");
        }
    }

    private Value Tensors(Tensor?[] items)
    {
        var handles = new nint[items.Length];
        bool holes = false;
        for (int k = 0; k < items.Length; k++)
        {
            handles[k] = items[k]?.Handle ?? 0;
            holes |= items[k] is null;
        }

        var pointer = (nint*)Pin(handles);
        return holes ? Value.OptionalTensorList(pointer, handles.Length) : Value.TensorList(pointer, handles.Length);
    }

    private void* Pin(Array items)
    {
        var pin = GCHandle.Alloc(items, GCHandleType.Pinned);
        pins.Add(pin);
        return (void*)pin.AddrOfPinnedObject();
    }
}
