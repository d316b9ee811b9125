namespace Sconce.Torch;

/// <summary>The gradient tape: modes, and gradients of chosen inputs.</summary>
public static unsafe class Gradients
{
    /// <summary>Whether operators are recorded on this thread.</summary>
    public static bool Enabled => Native.sc_grad_enabled() != 0;

    /// <summary>Stops recording until the result is disposed (<c>torch.no_grad</c>).</summary>
    public static GradientMode Off() => new(false);

    /// <summary>Records again inside <see cref="Off"/> (<c>torch.enable_grad</c>).</summary>
    public static GradientMode On() => new(true);

    /// <summary>Inference mode until the result is disposed: no recording, no version counting; the fastest way to run.</summary>
    public static InferenceMode Inference() => new(true);

    /// <summary>Runs eligible operators in a lower precision until the result is disposed (<c>torch.autocast</c>).</summary>
    /// <param name="dtype">BFloat16 (Float16 on GPUs too).</param>
    /// <param name="device">Whose operators.</param>
    public static AutocastMode Autocast(DType dtype = DType.BFloat16, DeviceType device = DeviceType.Cpu) => new(device, dtype);

    /// <summary>Gradients of <paramref name="outputs"/> with respect to <paramref name="inputs"/> (<c>torch.autograd.grad</c>); nothing
    /// accumulates into the leaves.</summary>
    /// <param name="outputs">What is differentiated; scalars unless <paramref name="outputGradients"/> are given.</param>
    /// <param name="inputs">With respect to what.</param>
    /// <param name="outputGradients">One each output; empty for ones.</param>
    /// <param name="retainGraph">Keep the tape for another pass; by default as <paramref name="createGraph"/>.</param>
    /// <param name="createGraph">Record the gradients' own computation, for second derivatives.</param>
    /// <returns>One each input, in order.</returns>
    /// <exception cref="TorchException">An input has no influence on the outputs, or is not on the tape.</exception>
    public static Tensor[] Of(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs, ReadOnlySpan<Tensor?> outputGradients = default,
        bool? retainGraph = null, bool createGraph = false)
    {
        var results = Compute(outputs, inputs, outputGradients, retainGraph, createGraph, allowUnused: false);
        return Array.ConvertAll(results, gradient => gradient!);
    }

    /// <summary>The same, with null for inputs that have no influence.</summary>
    public static Tensor?[] OfAny(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs,
        ReadOnlySpan<Tensor?> outputGradients = default, bool? retainGraph = null, bool createGraph = false) =>
        Compute(outputs, inputs, outputGradients, retainGraph, createGraph, allowUnused: true);

    /// <summary>Adds the gradients of several outputs to the <see cref="Tensor.Grad"/> of the leaves behind them.</summary>
    public static void Backward(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor?> outputGradients = default, bool? retainGraph = null,
        bool createGraph = false, ReadOnlySpan<Tensor> inputs = default)
    {
        var outputHandles = new HandleList(outputs);
        var gradientHandles = new HandleList(FillGradients(outputs, outputGradients));
        var inputHandles = new HandleList(inputs);
        fixed (nint* o = outputHandles.Span, g = gradientHandles.Span, i = inputHandles.Span)
        {
            Native.Check(Native.sc_backward(o, g, outputs.Length, i, inputs.Length, (retainGraph ?? createGraph) ? 1 : 0,
                createGraph ? 1 : 0), "backward");
        }

        outputHandles.KeepAlive();
        gradientHandles.KeepAlive();
        inputHandles.KeepAlive();
    }

    private static Tensor?[] Compute(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor> inputs, ReadOnlySpan<Tensor?> outputGradients,
        bool? retainGraph, bool createGraph, bool allowUnused)
    {
        var outputHandles = new HandleList(outputs);
        var gradientHandles = new HandleList(FillGradients(outputs, outputGradients));
        var inputHandles = new HandleList(inputs);
        var results = new nint[inputs.Length];
        fixed (nint* o = outputHandles.Span, g = gradientHandles.Span, i = inputHandles.Span, r = results)
        {
            Native.Check(Native.sc_grad(o, g, outputs.Length, i, inputs.Length, (retainGraph ?? createGraph) ? 1 : 0, createGraph ? 1 : 0,
                allowUnused ? 1 : 0, r), "grad");
        }

        outputHandles.KeepAlive();
        gradientHandles.KeepAlive();
        inputHandles.KeepAlive();
        return Array.ConvertAll(results, handle => handle == 0 ? null : Tensor.Own(handle));
    }

    private static Tensor?[] FillGradients(ReadOnlySpan<Tensor> outputs, ReadOnlySpan<Tensor?> given)
    {
        if (!given.IsEmpty && given.Length != outputs.Length)
        {
            throw new TorchException($"backward: {given.Length} output gradients for {outputs.Length} outputs");
        }

        return given.IsEmpty ? new Tensor?[outputs.Length] : given.ToArray();
    }
}

/// <summary>Restores the mode of recording that stood before. Disposed twice is once; guards left open inside are closed too.</summary>
public readonly ref struct GradientMode : IDisposable
{
    [ThreadStatic]
    private static ModeStack<bool>? open;

    private readonly ModeStack<bool>.Place place;

    internal GradientMode(bool on)
    {
        place = (open ??= new()).Push(Gradients.Enabled);
        Native.sc_set_grad_enabled(on ? 1 : 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (open is { } stack && stack.TryPop(place, out bool before)) Native.sc_set_grad_enabled(before ? 1 : 0);
    }
}

/// <summary>Leaves inference mode when disposed. Disposed twice is once; guards left open inside are closed too.</summary>
public readonly ref struct InferenceMode : IDisposable
{
    [ThreadStatic]
    private static ModeStack<nint>? open;

    private readonly ModeStack<nint>.Place place;

    internal InferenceMode(bool on) => place = (open ??= new()).Push(Native.Check(Native.sc_inference_enter(on ? 1 : 0), "inference_mode"));

    /// <summary>Whether this thread is in inference mode.</summary>
    public static bool Enabled => Native.sc_inference_enabled() != 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        while (open is { } stack && stack.TryPop(place, out nint guard)) Native.sc_inference_exit(guard);
    }
}

/// <summary>Leaves autocast when disposed. Disposed twice is once; guards left open inside are closed too.</summary>
public readonly ref struct AutocastMode : IDisposable
{
    [ThreadStatic]
    private static Dictionary<DeviceType, DType>? active;

    [ThreadStatic]
    private static ModeStack<(DeviceType Device, DType? DType)>? open;

    private readonly ModeStack<(DeviceType Device, DType? DType)>.Place place;

    internal AutocastMode(DeviceType device, DType dtype)
    {
        active ??= [];
        DType? before = active.TryGetValue(device, out var outer) ? outer : null;
        Native.Check(Native.sc_autocast((int)device, (int)dtype), "autocast");
        active[device] = dtype;
        place = (open ??= new()).Push((device, before));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        while (open is { } stack && stack.TryPop(place, out var before))
        {
            Native.Check(Native.sc_autocast((int)before.Device, before.DType is { } outer ? (int)outer : -1), "autocast");
            if (before.DType is { } dtype) active![before.Device] = dtype;
            else active!.Remove(before.Device);
        }
    }
}

/// <content>Gradients of one tensor.</content>
public partial class Tensor
{
    /// <summary>The gradient accumulated by <see cref="Backward"/>, or null; a leaf's. Set null to clear.</summary>
    public Tensor? Grad
    {
        get
        {
            nint gradient = Native.sc_grad_of(Handle);
            GC.KeepAlive(this);
            return gradient == 0 ? null : Own(gradient);
        }

        set
        {
            Native.Check(Native.sc_set_grad_of(Handle, value?.Handle ?? 0), "grad");
            GC.KeepAlive(this);
            GC.KeepAlive(value);
        }
    }

    /// <summary>Adds the gradient of this tensor to the <see cref="Grad"/> of every leaf behind it.</summary>
    /// <param name="gradient">The gradient that flows in; may be left out for a scalar.</param>
    /// <param name="retainGraph">Keep the tape for another pass; by default as <paramref name="createGraph"/>.</param>
    /// <param name="createGraph">Record the gradients' own computation, for second derivatives.</param>
    public void Backward(Tensor? gradient = null, bool? retainGraph = null, bool createGraph = false) =>
        Gradients.Backward([this], [gradient], retainGraph, createGraph);

    /// <summary>Asks for gradients, and gives the tensor back.</summary>
    public Tensor WithGrad(bool on = true)
    {
        RequiresGrad = on;
        return this;
    }
}
