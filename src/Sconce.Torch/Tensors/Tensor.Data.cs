using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sconce.Torch;

/// <content>Between managed memory and tensors.</content>
public unsafe partial class Tensor
{
    /// <summary>The dtype of a C# type: <c>float</c> is Float32, <c>Half</c> Float16, <c>Complex</c> Complex128 …</summary>
    /// <exception cref="NotSupportedException">No dtype has this C# form.</exception>
    public static DType DTypeOf<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float)) return DType.Float32;
        if (typeof(T) == typeof(double)) return DType.Float64;
        if (typeof(T) == typeof(long)) return DType.Int64;
        if (typeof(T) == typeof(int)) return DType.Int32;
        if (typeof(T) == typeof(short)) return DType.Int16;
        if (typeof(T) == typeof(sbyte)) return DType.Int8;
        if (typeof(T) == typeof(byte)) return DType.UInt8;
        if (typeof(T) == typeof(bool)) return DType.Bool;
        if (typeof(T) == typeof(Half)) return DType.Float16;
        if (typeof(T) == typeof(Complex)) return DType.Complex128;
        throw new NotSupportedException($"no dtype holds elements of the C# type {typeof(T).Name}: use byte, sbyte, short, int, long, "
            + $"Half, float, double, bool or Complex");
    }

    /// <summary>Copies managed elements into a new tensor.</summary>
    /// <param name="data">Row-major.</param>
    /// <param name="shape">Its product is the number of elements; left out, the tensor has one dimension.</param>
    /// <param name="device">The processor where left out.</param>
    public static Tensor From<T>(ReadOnlySpan<T> data, ReadOnlySpan<long> shape = default, Device? device = null)
        where T : unmanaged
    {
        ReadOnlySpan<long> sizes = shape.IsEmpty ? [data.Length] : shape;
        return FromBytes(MemoryMarshal.AsBytes(data), sizes, DTypeOf<T>(), device);
    }

    /// <inheritdoc cref="From{T}(ReadOnlySpan{T}, ReadOnlySpan{long}, Device?)"/>
    public static Tensor From<T>(T[] data, ReadOnlySpan<long> shape = default, Device? device = null)
        where T : unmanaged => From((ReadOnlySpan<T>)data, shape, device);

    /// <summary>A tensor without dimensions that holds one element.</summary>
    public static Tensor FromScalar<T>(T value, Device? device = null)
        where T : unmanaged => FromBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value)), [], DTypeOf<T>(), device);

    /// <summary>Copies a .NET tensor.</summary>
    public static Tensor From<T>(in System.Numerics.Tensors.ReadOnlyTensorSpan<T> data, Device? device = null)
        where T : unmanaged
    {
        var flat = new T[data.FlattenedLength];
        data.FlattenTo(flat);
        long[] sizes = new long[data.Rank];
        for (int k = 0; k < sizes.Length; k++) sizes[k] = data.Lengths[k];
        return From((ReadOnlySpan<T>)flat, sizes, device);
    }

    /// <summary>Copies raw row-major bytes of any dtype into a new tensor.</summary>
    public static Tensor FromBytes(ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape, DType dtype, Device? device = null)
    {
        long elements = 1;
        foreach (long size in shape) elements = checked(elements * size);
        if (checked(elements * dtype.Size()) != bytes.Length)
        {
            throw new TorchException($"from: {bytes.Length / dtype.Size()} elements ({bytes.Length} bytes of {dtype.TorchName()}) do not "
                + $"fill the shape [{string.Join(", ", shape.ToArray())}]");
        }

        var tensor = Tracer.EmptyToFill(shape, dtype);
        if (bytes.Length > 0) bytes.CopyTo(new Span<byte>(tensor.Data, bytes.Length));
        if (device is not { Type: not DeviceType.Cpu } other) return tensor;
        var moved = tensor.To(other);
        tensor.Dispose();
        return moved;
    }

    /// <summary>A tensor over memory that something else owns, without a copy.</summary>
    /// <param name="data">The first element.</param>
    /// <param name="shape">Sizes.</param>
    /// <param name="dtype">Element type.</param>
    /// <param name="keepAlive">Held until the last tensor over the memory is gone, then disposed if it is disposable.</param>
    /// <param name="strides">In elements; row-major where left out.</param>
    /// <exception cref="ArgumentException">A negative size or stride, another number of strides than of sizes, or no address for what has
    /// elements.</exception>
    public static Tensor Over(void* data, ReadOnlySpan<long> shape, DType dtype, object? keepAlive = null,
        ReadOnlySpan<long> strides = default)
    {
        CheckLayout(data, shape, strides);
        nint context = keepAlive is null ? 0 : ForeignMemory.Hold(keepAlive);
        fixed (long* sizes = shape, steps = strides)
        {
            nint made = Native.sc_tensor_over(
                data, sizes, strides.IsEmpty ? null : steps, shape.Length, (int)dtype, Device.Cpu.Packed,
                context == 0 ? null : &ForeignMemory.Release, context);
            if (made == 0 && context != 0) ForeignMemory.LetGo(context);
            return Own(Native.Check(made, "from_blob"));
        }
    }

    /// <summary>The address of the first element; on a GPU, an address there.</summary>
    public void* Data
    {
        get
        {
            void* data = Native.sc_tensor_data(Handle);
            GC.KeepAlive(this);
            if (data is null && Elements > 0) throw TorchException.Of("data_ptr", Native.LastError());
            return data;
        }
    }

    /// <summary>Identifies the memory behind the tensor: equal for tensors that share it.</summary>
    public (nint Address, long Bytes, long Offset) Storage
    {
        get
        {
            void* address;
            long bytes, offset;
            Native.Check(Native.sc_tensor_storage(Handle, &address, &bytes, &offset), "storage");
            GC.KeepAlive(this);
            return ((nint)address, bytes, offset);
        }
    }

    /// <summary>The elements where they lie, row-major. The span is valid while the tensor lives.</summary>
    /// <exception cref="TorchException">Another dtype, not contiguous, or not on the processor.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        if (DTypeOf<T>() != DType)
            throw new TorchException($"the elements are {DType.TorchName()}, not {typeof(T).Name}: convert with To, or ask for "
                + $"the right type");
        return MemoryMarshal.Cast<byte, T>(AsBytes());
    }

    /// <summary>The raw memory, row-major. The span is valid while the tensor lives.</summary>
    /// <exception cref="TorchException">Not contiguous, or not on the processor, over 2 GiB, or a conjugate or negative view.</exception>
    public Span<byte> AsBytes()
    {
        if (Device.Type != DeviceType.Cpu) throw new TorchException($"the tensor lies on {Device}: move it with Cpu() first");
        if (!IsContiguous) throw new TorchException("the elements do not lie in row-major order: make them so with Contiguous() first");
        if (IsLazy)
            throw new TorchException("the memory holds the conjugate or negative of the elements: compute them first with "
                + "ResolveConj().ResolveNeg()");
        return new Span<byte>(Data, checked((int)(Elements * DType.Size())));
    }

    /// <summary>Copies the elements, row-major, converted to <typeparamref name="T"/>, from wherever they lie.</summary>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        T[] copy = GC.AllocateUninitializedArray<T>(checked((int)Elements));
        var elements = Untaped().To(Device.Cpu, DTypeOf<T>());
        if (elements.IsLazy) elements = elements.ResolveConj().ResolveNeg();
        elements.Contiguous().AsBytes().CopyTo(MemoryMarshal.AsBytes(copy.AsSpan()));
        return copy;
    }

    /// <summary>Copies the elements into a .NET tensor of the same shape.</summary>
    public System.Numerics.Tensors.Tensor<T> ToNumericsTensor<T>()
        where T : unmanaged
    {
        nint[] lengths = new nint[Dimensions];
        for (int k = 0; k < lengths.Length; k++) lengths[k] = (nint)Shape[k];
        return System.Numerics.Tensors.Tensor.Create(ToArray<T>(), lengths);
    }

    /// <summary>The one element, as a C# number.</summary>
    /// <exception cref="TorchException">The tensor has another number of elements than one.</exception>
    public T Item<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(Half)) return (T)(object)(Half)Item().ToDouble();
        var scalar = Item();
        if (typeof(T) == typeof(float)) return As<float, T>((float)scalar.ToDouble());
        if (typeof(T) == typeof(double)) return As<double, T>(scalar.ToDouble());
        if (typeof(T) == typeof(bool)) return As<bool, T>(scalar.ToBoolean());
        if (typeof(T) == typeof(Complex)) return As<Complex, T>(scalar.ToComplex());
        long integer = scalar.ToInt64();
        return DTypeOf<T>() switch
        {
            DType.Int64 => As<long, T>(integer),
            DType.Int32 => As<int, T>(checked((int)integer)),
            DType.Int16 => As<short, T>(checked((short)integer)),
            DType.Int8 => As<sbyte, T>(checked((sbyte)integer)),
            _ => As<byte, T>(checked((byte)integer)),
        };
    }

    /// <summary>Converted to another element type, the same tensor where nothing changes.</summary>
    public Tensor To(DType dtype) => DType == dtype ? this : To(dtype, false, false, null);

    /// <summary>Moved to another device, the same tensor where nothing changes.</summary>
    public Tensor To(Device device) => IsOn(device) ? this : To(device, DType);

    /// <summary>Moved and converted, the same tensor where nothing changes.</summary>
    public Tensor To(Device device, DType dtype) => IsOn(device) && DType == dtype ? this : To(device, dtype, false, false, null);

    /// <summary>On the processor.</summary>
    public Tensor Cpu() => To(Device.Cpu);

    /// <summary>In 32-bit floating point.</summary>
    public Tensor Float() => To(DType.Float32);

    private bool IsOn(Device device)
    {
        var here = Device;
        return here.Type == device.Type && (device.Index < 0 || here.Index == device.Index || device.Type == DeviceType.Cpu);
    }

    private Tensor Untaped() => RequiresGrad ? Detach() : this;

    private static TTo As<TFrom, TTo>(TFrom value) => Unsafe.As<TFrom, TTo>(ref value);

    private static void CheckLayout(void* data, ReadOnlySpan<long> shape, ReadOnlySpan<long> strides)
    {
        string sizes = string.Join(", ", shape.ToArray()), steps = string.Join(", ", strides.ToArray());
        if (!strides.IsEmpty && strides.Length != shape.Length)
        {
            throw new ArgumentException($"{strides.Length} strides [{steps}] for the {shape.Length} dimensions of [{sizes}]: give one "
                + $"each, or none", nameof(strides));
        }

        bool empty = false;
        foreach (long size in shape)
        {
            if (size < 0) throw new ArgumentException($"a negative size in [{sizes}]", nameof(shape));
            empty |= size == 0;
        }

        foreach (long step in strides)
        {
            if (step < 0) throw new ArgumentException($"a negative stride in [{steps}]: libtorch has none", nameof(strides));
        }

        if (data is null && !empty) throw new ArgumentException($"no address for the elements of [{sizes}]", nameof(data));
    }
}
