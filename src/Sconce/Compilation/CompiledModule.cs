using Sconce.Nn;
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
/// A network traced on one example, its weights folded in, fused and prepacked for this processor. It answers for inputs of the
/// example's shape.
/// </summary>
public sealed class CompiledModule : IDisposable
{
    private readonly ScriptModule frozen;
    private readonly ScriptModule running;
    private readonly CompilePrecision precision;

    internal CompiledModule(ScriptModule frozen, ScriptModule running, CompilePrecision precision, long[] inputShape, double change)
    {
        this.frozen = frozen;
        this.running = running;
        this.precision = precision;
        InputShape = inputShape;
        Change = change;
    }

    /// <summary>The shape of the example, batch included.</summary>
    public IReadOnlyList<long> InputShape { get; }

    /// <summary>The largest difference between this and the eager network on the example, in units of the eager answer's rms.</summary>
    public double Change { get; }

    /// <summary>The frozen graph, before it was prepacked.</summary>
    public string Graph => frozen.Graph;

    /// <summary>Answers for an input of <see cref="InputShape"/>.</summary>
    /// <exception cref="TorchException">Another shape.</exception>
    public Tensor Call(Tensor input)
    {
        if (!input.Shape.SequenceEqual([.. InputShape]))
        {
            throw new TorchException($"compiled: the input is [{string.Join(", ", input.Shape.ToArray())}], but the network was compiled for [{string.Join(", ", InputShape)}]: compile it again for this shape");
        }

        using var scope = new TensorScope();
        using var noGrad = Gradients.Inference();
        var x = precision == CompilePrecision.BFloat16 ? input.To(DType.BFloat16) : input;
        if (precision == CompilePrecision.BFloat16 && x.Dimensions == 4) x = x.Contiguous(MemoryFormat.ChannelsLast);
        var answer = running.Run(x)[0];
        return scope.Keep(precision == CompilePrecision.BFloat16 ? answer.To(DType.Float32) : answer);
    }

    /// <summary>Writes the frozen network as TorchScript, which Python's <c>torch.jit.load</c> reads.</summary>
    public void Save(string path) => frozen.Save(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        running.Dispose();
        frozen.Dispose();
    }
}

/// <summary>Compiles networks.</summary>
public static class Compiler
{
    private const double FullTolerance = 1e-3;
    private const double BFloat16Tolerance = 0.25;

    /// <summary>Traces, freezes, optimises and checks a network. It is switched to evaluation; its own weights are left as they are.</summary>
    /// <param name="module">The network.</param>
    /// <param name="example">An input of the shape wanted.</param>
    /// <param name="precision">In which numbers it shall compute.</param>
    /// <exception cref="TorchException">The compiled network answers otherwise than the eager one: its forward pass depends on something that tracing can not see.</exception>
    public static CompiledModule Compile(this Module<Tensor, Tensor> module, Tensor example, CompilePrecision precision = CompilePrecision.Full)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        module.Eval();
        var asking = module.Parameters().Where(parameter => parameter.RequiresGrad).ToList();
        foreach (var parameter in asking) parameter.RequiresGrad = false;
        try
        {
            var eager = module.Call(example).Clone();
            using var traced = precision == CompilePrecision.BFloat16 ? TraceInBFloat16(module, example) : Trace(module, example);
            var frozen = traced.Freeze();
            var running = frozen.Optimize();
            var compiled = new CompiledModule(frozen, running, precision, example.Shape.ToArray(), 0);
            double change = Difference(compiled.Call(example), eager);
            if (!(change <= (precision == CompilePrecision.Full ? FullTolerance : BFloat16Tolerance)))
            {
                compiled.Dispose();
                throw new TorchException($"compile: the compiled {module.GetType().Name} differs from the eager one by {change:G3} of its rms on the example: run it eagerly");
            }

            return new CompiledModule(frozen, running, precision, example.Shape.ToArray(), change);
        }
        finally
        {
            foreach (var parameter in asking) parameter.RequiresGrad = true;
        }
    }

    /// <summary>Traces a network in evaluation on an example, without freezing or optimising.</summary>
    public static ScriptModule Trace(Module<Tensor, Tensor> module, Tensor example) => ScriptModule.Trace(inputs => [module.Call(inputs[0])], example);

    private static ScriptModule TraceInBFloat16(Module<Tensor, Tensor> module, Tensor example)
    {
        // The trace keeps the converted weights as constants; the module gets its own back.
        var before = module.StateDict().Select(entry => entry.Tensor).Distinct().Select(tensor => (Tensor: tensor, Data: tensor.Detach())).ToList();
        try
        {
            module.To(DType.BFloat16);
            module.To(MemoryFormat.ChannelsLast);
            var input = example.To(DType.BFloat16);
            return Trace(module, input.Dimensions == 4 ? input.Contiguous(MemoryFormat.ChannelsLast) : input);
        }
        finally
        {
            foreach (var (tensor, data) in before) tensor.SetData(data);
        }
    }

    private static double Difference(Tensor answer, Tensor expected)
    {
        double rms = expected.Square().Mean().Sqrt().Item<double>();
        return (answer - expected).Abs().Max().Item<double>() / Math.Max(rms, 1e-30);
    }
}
