using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Compilation;

/// <summary>
/// Compiles networks. The form is chosen by a rule, from the network, its shapes and the processor: packed where the native part has
/// kernels for this processor and the network computes in 32 bits on it; else as libtorch optimises it; else folded. A form that does not
/// run, or answers otherwise than the eager network on the example or on random inputs of its shape, is passed over, and <see
/// cref="CompiledModule.Form"/> says why.
/// </summary>
public static class Compiler
{
    private const double FullTolerance = 1e-3;
    private const double BFloat16Tolerance = 0.25;
    private const int First = 2, Second = 3;

    /// <summary>Traces, freezes, optimises and checks a network. It is switched to evaluation; its own weights are left as they
    /// are.</summary>
    /// <param name="module">The network.</param>
    /// <param name="example">An input of the shape wanted.</param>
    /// <param name="precision">In which numbers it shall compute.</param>
    /// <param name="anyBatch">Whether it shall answer for batches of any size, not only the example's.</param>
    /// <exception cref="TorchException">
    /// Every compiled form answers otherwise than the eager network, as its forward pass depends on something that tracing can not see; or
    /// it can not be had for any batch.
    /// </exception>
    public static CompiledModule Compile(this Module<Tensor, Tensor> module, Tensor example,
        CompilePrecision precision = CompilePrecision.Full, bool anyBatch = false)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        module.Eval();
        using var still = new Still(module);
        var frozen = Frozen(module, example, precision, anyBatch);
        try
        {
            long[] shape = example.Shape.ToArray();
            long[] batches = anyBatch ? [1, 5] : [.. shape.Take(1)];
            if (anyBatch) shape[0] = -1;
            var check = new CompileCheck(module, example, batches);
            return FirstRight(module, frozen, check, precision, shape, Packs(precision, example));
        }
        catch
        {
            frozen.Dispose();
            throw;
        }
    }

    // The first form that runs and answers right.
    private static CompiledModule FirstRight(Module module, ScriptModule frozen, CompileCheck check, CompilePrecision precision,
        long[] shape, bool packs)
    {
        List<string> reasons = packs ? [] : [$"packed: {WhyNot(precision)}"];
        foreach (var kind in Enum.GetValues<CompiledFormKind>())
        {
            if (kind == CompiledFormKind.Packed && !packs) continue;
            ScriptModule? running = null;
            try
            {
                running = kind switch
                {
                    CompiledFormKind.Packed => frozen.Fuse(),
                    CompiledFormKind.Optimised => frozen.Optimize(),
                    _ => frozen,
                };
                List<string> its = [.. reasons, .. running.Left];
                var candidate = new CompiledModule(frozen, running, precision, shape, 0, new(kind, its));
                var (change, fault, writes) = check.Judge(candidate.Call, Tolerance(precision), numbers: kind != CompiledFormKind.Folded);
                if (fault is null)
                {
                    return new CompiledModule(frozen, running, precision, shape, change, new(kind, its)) { CopiesInput = writes };
                }

                reasons.Add($"{CompiledForm.Name(kind)}: {fault}");
            }
            catch (TorchException error) when (kind != CompiledFormKind.Folded)
            {
                reasons.Add($"{CompiledForm.Name(kind)}: {Said(error)}");
            }

            if (running != frozen) running?.Dispose();
        }

        string all = string.Join("; ", reasons);
        throw new TorchException($"compile: no form of {module.GetType().Name} answers as the eager network does, run it eagerly. {all}");
    }

    private static string WhyNot(CompilePrecision precision) =>
        precision != CompilePrecision.Full ? "it computes in 32 bits only"
        : !ScriptModule.CanFuse ? "the native part was built without oneDNN"
        : "it takes 32-bit numbers in the processor's memory only";

    // The last line of what TorchScript's interpreter prints is the fault; what comes before is the place in the graph.
    private static string Said(TorchException error) =>
        error.Message.Split('\n',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? error.GetType().Name;

    private static bool Packs(CompilePrecision precision, Tensor example) =>
        precision == CompilePrecision.Full && ScriptModule.CanFuse && example is { DType: DType.Float32, Device.Type: DeviceType.Cpu };

    private static double Tolerance(CompilePrecision precision) => precision == CompilePrecision.Full ? FullTolerance : BFloat16Tolerance;

    /// <summary>Traces a network in evaluation on an example, without freezing or optimising.</summary>
    public static ScriptModule Trace(Module<Tensor, Tensor> module, Tensor example) =>
        KeptInput.Around([example], () => ScriptModule.Trace(inputs => [module.Call(inputs[0])], example));

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
    private static ScriptModule TracePortably(Module<Tensor, Tensor> module, Tensor example) =>
        KeptInput.Around([example], () => ScriptModule.TracePortably(inputs => [module.Call(inputs[0])], example));

    private static Tensor Prepared(Tensor example, bool half)
    {
        if (!half) return example;
        var input = example.To(DType.BFloat16);
        return input.Dimensions == 4 ? input.Contiguous(MemoryFormat.ChannelsLast) : input;
    }

    private static Tensor Repeated(Tensor example, int batch) =>
        example.Narrow(0, 0, 1).Repeat([batch, .. Enumerable.Repeat(1L, example.Dimensions - 1)]);
}
