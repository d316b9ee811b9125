using System.Runtime.CompilerServices;
using System.Text;

namespace Sconce.Torch;

/// <summary>One operator of libtorch, found once by name and overload and called through the boxed dispatcher.</summary>
public sealed unsafe class Operator
{
    private readonly nint handle;
    private string? schema;

    private Operator(string name, string overload, nint handle)
    {
        Name = name;
        Overload = overload;
        this.handle = handle;
    }

    /// <summary>With its namespace: <c>aten::add</c>.</summary>
    public string Name { get; }

    /// <summary>The overload's name, such as <c>Tensor</c>; empty for the unnamed one.</summary>
    public string Overload { get; }

    /// <summary>The schema, as the loaded libtorch prints it.</summary>
    public string Schema => schema ??= Native.TakeText(Native.sc_operator_schema(handle));

    /// <summary>Finds an operator.</summary>
    /// <param name="name">With its namespace: <c>aten::add</c>.</param>
    /// <param name="overload">The overload, or nothing.</param>
    /// <exception cref="TorchException">The loaded libtorch has none of that name.</exception>
    public static Operator Find(string name, string overload = "") => Find(name, overload, null);

    /// <summary>Whether the loaded libtorch has the operator.</summary>
    public static bool Exists(string name, string overload = "") => Native.sc_operator_exists(name, overload) != 0;

    /// <param name="name">With its namespace.</param>
    /// <param name="overload">The overload, or nothing.</param>
    /// <param name="known">Names of the arguments that callers give, in their order, with commas between; null for the loaded schema's
    /// own.</param>
    /// <exception cref="TorchException">The loaded libtorch has none of that name, or it asks for an argument that is not known and has no
    /// default.</exception>
    internal static Operator Find(string name, string overload, string? known)
    {
        nint found = Native.sc_operator(name, overload, known);
        if (found != 0) return new Operator(name, overload, found);
        string reason = $"{name}{(overload.Length > 0 ? "." + overload : "")}: {Native.LastError()} ({TorchRuntime.Version})";
        throw new TorchException($"{reason}. Use another operator, or name another libtorch with SCONCE_LIBTORCH") { Operation = name };
    }

    /// <summary>Calls the operator with arguments given as their schema's kinds; for operators that have no method of their own.</summary>
    /// <param name="arguments">One a schema argument, in order; the last may be left out where the schema has defaults:
    /// <see cref="Tensor"/>, <see cref="Tensor"/> arrays, numbers, <see cref="Scalar"/>, strings, arrays of <c>long</c>, <c>double</c>,
    /// <c>bool</c> and <c>string</c>, <see cref="DType"/>, <see cref="Device"/>, <see cref="Layout"/>, <see cref="MemoryFormat"/>,
    /// <see cref="Generator"/>, <see cref="OpaqueValue"/>, or null.</param>
    /// <returns>The results: tensors, numbers, strings, arrays, <see cref="OpaqueValue"/>.</returns>
    public object?[] Call(params ReadOnlySpan<object?> arguments)
    {
        using var boxing = new Boxing(arguments);
        const int capacity = 16;
        Value* results = stackalloc Value[capacity];
        int count;
        fixed (Value* values = boxing.Values) count = Invoke(values, arguments.Length, results, capacity);
        var unboxed = new object?[count];
        for (int k = 0; k < count; k++) unboxed[k] = Boxing.Unbox(results[k]);
        foreach (object? argument in arguments) GC.KeepAlive(argument);
        return unboxed;
    }

    /// <inheritdoc/>
    public override string ToString() => Overload.Length == 0 ? Name : $"{Name}.{Overload}";

    internal int Invoke(Value* arguments, int count, Value* results, int capacity)
    {
        if (OperatorObserver.AnyWatching) return OperatorObserver.Observe(this, arguments, count, results, capacity);
        int given = InvokeUnobserved(arguments, count, results, capacity);
        if (given < 0) Fail(arguments, count);
        return given;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int InvokeUnobserved(Value* arguments, int count, Value* results, int capacity) =>
        Native.sc_call(handle, arguments, count, results, capacity);

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void Fail(Value* arguments, int count) => throw TorchException.Of(ToString(), Native.LastError(), Describe(arguments, count));

    /// <summary><c>(float32[2, 3], float32[4], 1)</c></summary>
    private static string Describe(Value* arguments, int count)
    {
        var text = new StringBuilder("(");
        for (int k = 0; k < count; k++)
        {
            if (k > 0) text.Append(", ");
            var value = arguments[k];
            switch (value.Kind)
            {
                case ValueKind.Tensor: Describe(text, value.Handle); break;
                case ValueKind.Int: text.Append(value.ToInt64()); break;
                case ValueKind.Double: text.Append(value.ToDouble().ToString("R")); break;
                case ValueKind.Bool: text.Append(value.ToBoolean() ? "true" : "false"); break;
                case ValueKind.IntList: text.Append('[').AppendJoin(", ", value.ToInt64s().ToArray()).Append(']'); break;
                case ValueKind.TensorList or ValueKind.OptionalTensorList:
                    text.Append('[');
                    for (int t = 0; t < Math.Min(value.Count, 8); t++)
                    {
                        if (t > 0) text.Append(", ");
                        Describe(text, value.TensorAt(t));
                    }

                    text.Append(value.Count > 8 ? ", …]" : "]");
                    break;
                case ValueKind.None: text.Append("none"); break;
                default: text.Append(value.Kind); break;
            }
        }

        return text.Append(')').ToString();
    }

    private static void Describe(StringBuilder text, nint handle)
    {
        TensorFacts facts;
        if (handle == 0 || Native.sc_tensor_facts(handle, &facts) < 0)
        {
            text.Append("none");
            return;
        }

        text.Append(((DType)facts.DType).TorchName()).Append('[');
        text.AppendJoin(", ", new ReadOnlySpan<long>(facts.Sizes, facts.Dimensions).ToArray()).Append(']');
    }
}

/// <summary>The operators of <c>operators.txt</c>, each looked up at its first call.</summary>
internal static partial class OperatorTable
{
    private static readonly Operator?[] Found = new Operator?[Count];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Operator Get(int index, string name, string overload) => Found[index] ?? Find(index, name, overload);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Operator Find(int index, string name, string overload) =>
        Found[index] = Operator.Find(name, overload, ArgumentsOf(index));
}
