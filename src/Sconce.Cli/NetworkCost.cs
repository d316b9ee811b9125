using Sconce.Catalogue;
using Sconce.Torch;

namespace Sconce.Cli;

/// <summary>What a network is and what one forward pass of it costs, counted at the door.</summary>
/// <param name="Parameters">Trainable numbers.</param>
/// <param name="StateBytes">Bytes of parameters and buffers.</param>
/// <param name="Forward">Operators of one forward pass; null where the variant does not say how it is run.</param>
/// <param name="PeakBytes">The most that the forward pass held at once, weights not counted.</param>
internal sealed record NetworkCost(long Parameters, long StateBytes, FlopCounter? Forward, long PeakBytes)
{
    /// <summary>Builds the network with its initial weights and runs it once.</summary>
    public static NetworkCost Measure(ModelVariant variant, int batch, IProgress<WorkProgress> progress, CancellationToken cancellation)
    {
        progress.Report(new WorkProgress("building", 0, 0));
        using var module = variant.Create(ModelOptions.Official);
        module.Eval();
        long bytes = module.StateDict().Select(entry => entry.Tensor).Distinct(ReferenceEqualityComparer.Instance).Cast<Tensor>().Sum(tensor => tensor.Elements * tensor.DType.Size());
        cancellation.ThrowIfCancellationRequested();
        if (variant.Exercise is null && variant.InputShape.Count == 0) return new NetworkCost(module.ParameterCount, bytes, null, 0);

        progress.Report(new WorkProgress("one forward pass", 0, 0));
        var counter = new FlopCounter();
        using var noGradients = Gradients.Inference();
        using var memory = new MemoryWatch();
        using (counter.Watch()) variant.Run(module, batch);
        return new NetworkCost(module.ParameterCount, bytes, counter, memory.Read().Peak);
    }
}
