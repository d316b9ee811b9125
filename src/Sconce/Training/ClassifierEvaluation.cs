using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Asks a classifier about every picture of a source once.</summary>
public static class ClassifierEvaluation
{
    /// <summary>The figures; the network is left in evaluation mode.</summary>
    /// <param name="network"><c>(N, 3, H, W) -> (N, classes)</c></param>
    /// <param name="batches">With labels.</param>
    /// <param name="classes">How many there are.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="progress">Told after each batch how many are done.</param>
    /// <param name="items">Takes the number of each answer's item in its set, where that is wanted.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    public static ClassificationMetrics Run(
        Module<Tensor, Tensor> network, IBatchSource<ImageBatch> batches, int classes, Device? device = null,
        Action<int>? progress = null, List<int>? items = null, CancellationToken cancellation = default)
    {
        var metrics = new ClassificationMetrics(classes);
        Each(network, batches, device, (batch, logits) =>
        {
            if (logits.Dimensions != 2 || logits.Size(1) != classes)
                throw new TrainingException($"the network answers with the shape [{string.Join(", ", logits.Shape.ToArray())}], where (N, "
                    + $"{classes}) is wanted");
            items?.AddRange(batch.Indices);
            metrics.Add(logits, batch.Labels ?? throw new TrainingException("a batch without labels cannot be evaluated"));
        }, progress, cancellation);
        return metrics;
    }

    /// <summary>Runs the network on every batch of a source and shows each answer, which lives until the call is over.</summary>
    public static void Each(Module<Tensor, Tensor> network, IBatchSource<ImageBatch> batches, Device? device,
        Action<ImageBatch, Tensor> see, Action<int>? progress, CancellationToken cancellation)
    {
        network.Eval();
        int done = 0;
        Each(
            batches,
            batch =>
            {
                see(batch, network.Call(batch.Images.To(device ?? Device.Cpu)));
                progress?.Invoke(++done);
            },
            cancellation);
    }

    /// <summary>Shows every batch of a source once, off the tape; what is made of it lives until the call is over.</summary>
    public static void Each<TBatch>(IBatchSource<TBatch> batches, Action<TBatch> see, CancellationToken cancellation)
    {
        using var stream = new BatchStream<TBatch>(batches, 0, 0, cancellation);
        for (int k = 0; k < batches.BatchesPerEpoch; k++)
        {
            using var group = stream.Take(1);
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            using var noGrad = Gradients.Off();
            see(group.Batches[0]);
        }
    }
}
