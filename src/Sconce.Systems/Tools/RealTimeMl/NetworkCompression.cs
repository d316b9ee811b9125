using System.Diagnostics;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.RealTimeMl;

/// <summary>What compression works with.</summary>
/// <param name="Learned">Augmented pictures to tune on.</param>
/// <param name="Plain">Pictures that say what ranges activations have, prepared as for asking.</param>
/// <param name="Asked">Pictures to measure on.</param>
/// <param name="Classes">How many there are.</param>
internal sealed record CompressionData(
    IBatchSource<ImageBatch> Learned, IBatchSource<ImageBatch> Plain, IBatchSource<ImageBatch> Asked, int Classes);

/// <summary>A classifier on its way to a smaller one; it and its teacher belong to whoever opened them.</summary>
/// <param name="network">Becomes smaller.</param>
/// <param name="device">Where it is.</param>
internal sealed class NetworkCompression(Module<Tensor, Tensor> network, Device device) : IDisposable
{
    private const double TuningRate = 3e-4;
    private const int TimedRuns = 21;

    private readonly IReadOnlyList<CompressedLayer> layers =
    [
        .. network.NamedModules().Where(named => CompressedLayer.Fits(named.Module))
            .Select(named => new CompressedLayer(named.Name, named.Module)),
    ];

    private NormFolding? folding;

    /// <summary>How many layers there are that can be made smaller.</summary>
    public int Layers => layers.Count;

    /// <summary>Numbers in the smaller form.</summary>
    public long Numbers =>
        network.ParameterCount - layers.Sum(layer => layer.Size.Rows * layer.Size.Width) + layers.Sum(layer => layer.Numbers);

    /// <summary>Two factors in place of every layer that has more numbers; the classifier is left whole.</summary>
    /// <returns>How many layers became smaller.</returns>
    public int Factor(int rank) => layers.SkipLast(1).Count(layer => layer.Factor(rank));

    /// <summary>A share of each layer's weights become 0, the smallest.</summary>
    public void Prune(double share)
    {
        foreach (var layer in layers) layer.Prune(share);
    }

    /// <summary>Learns on, with statistics of norms as they are: labels alone, or a teacher's answers with them.</summary>
    public void Tune(CompressionData data, int steps, Module<Tensor, Tensor>? teacher, Action<int> told, CancellationToken cancellation)
    {
        var frozen = layers.SelectMany(layer => layer.Learned).ToHashSet(ReferenceEqualityComparer.Instance);
        network.Eval();
        network.RequireGrad();
        using var optimizer = new Adam(
            [.. network.Parameters().Where(parameter => !frozen.Contains(parameter)), .. layers.SelectMany(layer => layer.Learned)],
            TuningRate);
        int step = 0;
        for (int epoch = 0; step < steps; epoch++)
        {
            foreach (var batch in data.Learned.Epoch(epoch, cancellationToken: cancellation).ToBlockingEnumerable(cancellation))
            {
                using var freed = batch;
                if (step == steps) break;
                using var scope = new TensorScope();
                optimizer.ZeroGrad();
                Loss(batch, teacher).Backward();
                optimizer.Step();
                foreach (var layer in layers) layer.Hold();
                told(++step);
            }
        }

        optimizer.ZeroGrad();
        network.RequireGrad(false);
    }

    /// <summary>Whole numbers of 8 bits for weights and for what layers read and make; norms behind convolutions go into them.</summary>
    /// <returns>How many layers were reached.</returns>
    public int Round(CompressionData data, CancellationToken cancellation)
    {
        network.Eval();
        folding ??= new NormFolding(network, layers);
        foreach (var batch in data.Plain.Epoch(0, cancellationToken: cancellation).ToBlockingEnumerable(cancellation))
        {
            using var freed = batch;
            using var scope = new TensorScope();
            using var off = Gradients.Off();
            folding.Fold(batch.Images.To(device));
            break;
        }

        foreach (var layer in layers) layer.Watch();
        ClassifierEvaluation.Each(network, data.Plain, device, (_, _) => { }, null, cancellation);
        foreach (var layer in layers) layer.Round();
        return layers.Count(layer => layer.WasAsked);
    }

    /// <summary>How right it is.</summary>
    public static ClassificationMetrics Measure(
        Module<Tensor, Tensor> network, CompressionData data, Device device, CancellationToken cancellation) =>
        ClassifierEvaluation.Run(network, data.Asked, data.Classes, device, cancellation: cancellation);

    /// <summary>Milliseconds that one picture takes here, in floating point; the median of several.</summary>
    public static double Milliseconds(Module<Tensor, Tensor> network, int side, Device device)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var picture = Tensor.Zeros([1, 3, side, side]).To(device);
        var times = new double[TimedRuns];
        for (int run = -3; run < TimedRuns; run++)
        {
            using var inner = new TensorScope();
            var clock = Stopwatch.StartNew();
            network.Call(picture).Cpu();
            if (run >= 0) times[run] = clock.Elapsed.TotalMilliseconds;
        }

        return times.Order().ElementAt(TimedRuns / 2);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        folding?.Dispose();
        foreach (var layer in layers) layer.Dispose();
    }

    private Tensor Loss(ImageBatch batch, Module<Tensor, Tensor>? teacher)
    {
        var (pictures, labels) = (batch.Images.To(device), batch.Labels!.To(device));
        var answer = network.Call(pictures);
        return teacher is null ? Functional.CrossEntropy(answer, labels)
            : Compression.DistillationLoss(answer, Wanted(teacher, pictures), labels);
    }

    private static Tensor Wanted(Module<Tensor, Tensor> teacher, Tensor pictures)
    {
        using var off = Gradients.Off();
        return teacher.Call(pictures);
    }
}
