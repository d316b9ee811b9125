using Sconce.Compilation;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Cli;

/// <summary>What is asked about a network.</summary>
/// <param name="Variant">Which.</param>
/// <param name="Batch">Inputs in the forward pass that is counted.</param>
/// <param name="Compiles">Whether it is compiled too.</param>
internal sealed record NetworkMeasurement(ModelVariant Variant, int Batch, bool Compiles);

/// <summary>What a network is and what one forward pass of it costs, counted at the door.</summary>
/// <param name="Parameters">Trainable numbers.</param>
/// <param name="StateBytes">Bytes of parameters and buffers.</param>
/// <param name="Forward">Operators of one forward pass; null where the variant does not say how it is run.</param>
/// <param name="PeakBytes">The most that the forward pass held at once, weights not counted.</param>
internal sealed record NetworkCost(long Parameters, long StateBytes, FlopCounter? Forward, long PeakBytes)
{
    /// <summary>The form that it has once compiled for one input, or why it cannot be; null where that was not asked.</summary>
    public string? Compiled { get; init; }

    /// <summary>Builds the network with its initial weights and runs it once.</summary>
    public static NetworkCost Measure(NetworkMeasurement asked, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        var variant = asked.Variant;
        progress.Report(new WorkProgress("building", 0, 0));
        using var module = variant.Create(ModelOptions.Official);
        module.Eval();
        long bytes = module.StateDict().Select(entry => entry.Tensor).Distinct(ReferenceEqualityComparer.Instance).Cast<Tensor>()
            .Sum(tensor => tensor.Elements * tensor.DType.Size());
        cancellation.ThrowIfCancellationRequested();
        string? compiled = asked.Compiles ? Form(variant, module, progress) : null;
        cancellation.ThrowIfCancellationRequested();
        if (Exercise.Of(variant) is not { } exercise)
        {
            return new NetworkCost(module.ParameterCount, bytes, null, 0) { Compiled = compiled };
        }

        progress.Report(new WorkProgress("one forward pass", 0, 0));
        var counter = new FlopCounter();
        using var noGradients = Gradients.Inference();
        using var memory = new MemoryWatch();
        using (counter.Watch()) exercise.Run(module, asked.Batch);
        return new NetworkCost(module.ParameterCount, bytes, counter, memory.Read().Peak) { Compiled = compiled };
    }

    private static string Form(ModelVariant variant, Module module, IProgress<WorkProgress> progress)
    {
        if (module is not Module<Tensor, Tensor> network || variant.Find<TensorInput>() is not { } input)
            return "no: it takes more than one tensor";
        progress.Report(new WorkProgress("compiling", 0, 0));
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        try
        {
            using var compiled = network.Compile(Tensor.Randn([1, .. input.Shape]));
            return compiled.Form.ToString();
        }
        catch (TorchException fault)
        {
            return $"no: {fault.Message}";
        }
    }
}
