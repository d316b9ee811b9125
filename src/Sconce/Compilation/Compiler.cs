using System.Diagnostics;
using Sconce.Export;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Compilation;

/// <summary>Compiles networks.</summary>
public static class Compiler
{
    private const double FullTolerance = 1e-3;
    private const double BFloat16Tolerance = 0.25;
    private const int First = 2, Second = 3;
    private const int Timings = 4;
    private const double Clearly = 0.9; // of the packed form's time: noise alone shall not choose

    /// <summary>Traces, freezes, optimises and checks a network. It is switched to evaluation; its own weights are left as they are.</summary>
    /// <param name="module">The network.</param>
    /// <param name="example">An input of the shape wanted.</param>
    /// <param name="precision">In which numbers it shall compute.</param>
    /// <param name="anyBatch">Whether it shall answer for batches of any size, not only the example's.</param>
    /// <exception cref="TorchException">
    /// The compiled network answers otherwise than the eager one, as its forward pass depends on something that tracing can not see; or it can not be had for
    /// any batch.
    /// </exception>
    public static CompiledModule Compile(this Module<Tensor, Tensor> module, Tensor example, CompilePrecision precision = CompilePrecision.Full, bool anyBatch = false)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        module.Eval();
        using var still = new Still(module);
        var frozen = Frozen(module, example, precision, anyBatch);
        try
        {
            long[] shape = example.Shape.ToArray();
            if (anyBatch) shape[0] = -1;
            var (running, change) = Fastest(module, frozen, precision, shape, example);
            if (!(change <= Tolerance(precision)))
            {
                if (running != frozen) running.Dispose();
                throw new TorchException($"compile: the compiled {module.GetType().Name} differs from the eager one by {change:G3} of its rms on the example: run it eagerly");
            }

            return new CompiledModule(frozen, running, precision, shape, change);
        }
        catch
        {
            frozen.Dispose();
            throw;
        }
    }

    // Packed for this processor, or as libtorch optimises it, whichever is faster on the example; the folded graph as it is where neither runs (some operators have
    // no packed form for every shape).
    private static (ScriptModule Running, double Change) Fastest(Module<Tensor, Tensor> module, ScriptModule frozen, CompilePrecision precision, long[] shape, Tensor example)
    {
        List<Func<ScriptModule>> forms = [frozen.Optimize];
        if (Packs(precision, example)) forms.Insert(0, frozen.Fuse);
        ScriptModule? fastest = null;
        double change = 0;
        var time = TimeSpan.MaxValue;
        foreach (var form in forms)
        {
            ScriptModule? running = null;
            try
            {
                running = form();
                double itsChange = Tried(running);
                if (itsChange <= Tolerance(precision))
                {
                    var itsTime = Timed(new CompiledModule(frozen, running, precision, shape, 0), example);
                    if (fastest is null || itsTime < time * Clearly)
                    {
                        (running, fastest) = (fastest, running);
                        (change, time) = (itsChange, itsTime);
                    }
                }
            }
            catch (TorchException)
            {
                // This form does not run for this network: the next may.
            }

            running?.Dispose();
        }

        return fastest is null ? (frozen, Tried(frozen)) : (fastest, change);

        // Where any batch will do, one is tried that was not traced.
        double Tried(ScriptModule running)
        {
            var candidate = new CompiledModule(frozen, running, precision, shape, 0);
            return Math.Max(Change(module, candidate, example), shape[0] < 0 ? Change(module, candidate, Repeated(example, example.Size(0) == 1 ? 5 : 1)) : 0);
        }
    }

    private static TimeSpan Timed(CompiledModule compiled, Tensor example)
    {
        var best = TimeSpan.MaxValue;
        for (int k = 0; k < Timings; k++)
        {
            long start = Stopwatch.GetTimestamp();
            compiled.Call(example).Dispose();
            var time = Stopwatch.GetElapsedTime(start);
            if (time < best) best = time;
        }

        return best;
    }

    private static bool Packs(CompilePrecision precision, Tensor example) => precision == CompilePrecision.Full && ScriptModule.CanFuse && example is { DType: DType.Float32, Device.Type: DeviceType.Cpu };

    private static double Tolerance(CompilePrecision precision) => precision == CompilePrecision.Full ? FullTolerance : BFloat16Tolerance;

    /// <summary>Traces a network in evaluation on an example, without freezing or optimising.</summary>
    public static ScriptModule Trace(Module<Tensor, Tensor> module, Tensor example) => ScriptModule.Trace(inputs => [module.Call(inputs[0])], example);

    private static ScriptModule Frozen(Module<Tensor, Tensor> module, Tensor example, CompilePrecision precision, bool anyBatch)
    {
        // The trace keeps the converted weights as constants; the module gets its own back.
        bool half = precision == CompilePrecision.BFloat16;
        using var converted = half ? new InBFloat16(module, channelsLast: true) : null;
        if (!anyBatch)
        {
            using var traced = Packs(precision, example) ? TracePortably(module, example) : Trace(module, Prepared(example, half));
            return traced.Freeze();
        }

        using var one = TracePortably(module, Prepared(Repeated(example, First), half));
        using var other = TracePortably(module, Prepared(Repeated(example, Second), half));
        using var any = ScriptModule.Generalize(one, other, First, Second);
        return any.Freeze();
    }

    // Without loops over the batch and writes into views: the form that packing and generalising read.
    private static ScriptModule TracePortably(Module<Tensor, Tensor> module, Tensor example) => ScriptModule.TracePortably(inputs => [module.Call(inputs[0])], example);

    private static Tensor Prepared(Tensor example, bool half)
    {
        if (!half) return example;
        var input = example.To(DType.BFloat16);
        return input.Dimensions == 4 ? input.Contiguous(MemoryFormat.ChannelsLast) : input;
    }

    private static Tensor Repeated(Tensor example, int batch) => example.Narrow(0, 0, 1).Repeat([batch, .. Enumerable.Repeat(1L, example.Dimensions - 1)]);

    private static double Change(Module<Tensor, Tensor> module, CompiledModule compiled, Tensor example) => Agreement.Of(compiled.Call(example), module.Call(example));
}
