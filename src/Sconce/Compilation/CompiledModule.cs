using Sconce.Torch;

namespace Sconce.Compilation;

/// <summary>In which numbers a compiled network computes.</summary>
public enum CompilePrecision
{
    /// <summary>As the network's weights are.</summary>
    Full,

    /// <summary>Brain float 16: faster on processors that have its instructions, about three significant digits.</summary>
    BFloat16,
}

/// <summary>
/// A network traced on an example, its weights folded in, fused and prepacked for this processor. It answers for inputs of the example's
/// shape, or, where it was compiled so, for any batch of them. It owns its weights: the network may be trained on, or disposed, meanwhile.
/// Several threads may call it. Its inputs stay as they are, even where the network writes into its own.
/// </summary>
public sealed class CompiledModule : IDisposable
{
    private readonly ScriptModule frozen;
    private readonly ScriptModule running;
    private readonly CompilePrecision precision;

    internal CompiledModule(ScriptModule frozen, ScriptModule running, CompilePrecision precision, long[] inputShape, double change,
        CompiledForm form)
    {
        this.frozen = frozen;
        this.running = running;
        this.precision = precision;
        InputShape = inputShape;
        Change = change;
        Form = form;
    }

    /// <summary>The shape of its inputs, batch included; the batch is -1 where any will do.</summary>
    public IReadOnlyList<long> InputShape { get; }

    /// <summary>
    /// The largest difference between this and the eager network on the example and on random inputs of its shape, in units of the eager
    /// answer's rms.
    /// </summary>
    public double Change { get; }

    /// <summary>Whose operators it runs, and why not better ones.</summary>
    public CompiledForm Form { get; }

    /// <summary>Whether its layers are prepacked for this processor; where one of them cannot be, the folded graph runs as it is.</summary>
    public bool Prepacked => running != frozen;

    /// <summary>The frozen graph, before it was prepacked.</summary>
    public string Graph => frozen.Graph;

    /// <summary>Whether the graph writes into its input, which is copied first, so that the caller's stays as it is.</summary>
    internal bool CopiesInput { get; init; }

    /// <summary>Answers for an input of <see cref="InputShape"/>.</summary>
    /// <exception cref="TorchException">Another shape.</exception>
    public Tensor Call(Tensor input)
    {
        if (!Fits(input.Shape))
        {
            throw new TorchException($"compiled: the input is [{string.Join(", ", input.Shape.ToArray())}], but the network was compiled "
                + $"for [{string.Join(", ", InputShape)}]: compile it again for this shape");
        }

        using var scope = new TensorScope();
        using var noGrad = Gradients.Inference();
        var x = precision == CompilePrecision.BFloat16 ? input.To(DType.BFloat16) : input;
        if (precision == CompilePrecision.BFloat16 && x.Dimensions == 4) x = x.Contiguous(MemoryFormat.ChannelsLast);
        if (CopiesInput) x = x.Clone();
        var answer = running.Run(x)[0];
        return scope.Keep(precision == CompilePrecision.BFloat16 ? answer.To(DType.Float32) : answer);
    }

    /// <summary>Writes the frozen network as TorchScript, which Python's <c>torch.jit.load</c> reads.</summary>
    public void Save(string path) => frozen.Save(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (running != frozen) running.Dispose();
        frozen.Dispose();
    }

    private bool Fits(ReadOnlySpan<long> shape)
    {
        if (shape.Length != InputShape.Count) return false;
        for (int k = 0; k < shape.Length; k++)
        {
            if (InputShape[k] >= 0 && shape[k] != InputShape[k]) return false;
        }

        return true;
    }
}
