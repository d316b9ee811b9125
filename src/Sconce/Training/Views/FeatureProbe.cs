using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>Features of labelled pictures.</summary>
/// <param name="Features"><c>(N, width)</c></param>
/// <param name="Labels"><c>(N)</c> int64</param>
public sealed record LabelledFeatures(Tensor Features, Tensor Labels) : ITensorContainer
{
    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Features, Labels];
}

/// <summary>What frozen features know of labels that they were not learned from.</summary>
public static class FeatureProbe
{
    private const int Neighbours = 20;
    private const double Sharpness = 0.07;

    /// <summary>Features of every picture of a source; the network is left in evaluation.</summary>
    /// <param name="network"><c>(N, 3, H, W) -> (N, width)</c></param>
    /// <param name="batches">With labels.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="cancellation">Ends it between two batches.</param>
    public static LabelledFeatures Features(Module<Tensor, Tensor> network, IBatchSource<ImageBatch> batches, Device device,
        CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        var features = new List<Tensor>();
        var labels = new List<Tensor>();
        ClassifierEvaluation.Each(
            network,
            batches,
            device,
            (batch, found) =>
            {
                using var inner = new TensorScope();
                features.Add(inner.KeepForever(found.Float().Cpu().Clone()));
                labels.Add(inner.KeepForever((batch.Labels ?? throw new TrainingException("features are probed with labels, and a "
                    + "batch has none")).Clone()));
            },
            null,
            cancellation);
        try
        {
            return scope.Keep(new LabelledFeatures(Tensor.Cat([.. features], 0), Tensor.Cat([.. labels], 0)));
        }
        finally
        {
            foreach (var part in features.Concat(labels)) part.Dispose();
        }
    }

    /// <summary>A linear classifier on standardised features: Adam 0.01, full batches; what it says of the test pictures.</summary>
    /// <param name="train">To learn from.</param>
    /// <param name="test">To be asked about.</param>
    /// <param name="classes">How many there are.</param>
    /// <param name="steps">Of Adam.</param>
    /// <param name="progress">Told how many are done.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    public static ClassificationMetrics Linear(LabelledFeatures train, LabelledFeatures test, int classes, int steps = 300,
        Action<int>? progress = null, CancellationToken cancellation = default)
    {
        using var scope = new TensorScope();
        Tensor seen, asked;
        using (Gradients.Off())
        {
            var (mean, deviation) = (train.Features.Mean([0]), train.Features.Std([0]) + 1e-6);
            (seen, asked) = ((train.Features - mean) / deviation, (test.Features - mean) / deviation);
        }

        TorchRuntime.ManualSeed(0);
        using var classifier = new Linear((int)seen.Size(1), classes);
        using var optimizer = new Adam(classifier.Parameters(), 1e-2);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var inner = new TensorScope();
            optimizer.ZeroGrad();
            Functional.CrossEntropy(classifier.Call(seen), train.Labels).Backward();
            optimizer.Step();
            progress?.Invoke(step + 1);
        }

        optimizer.ZeroGrad();
        var metrics = new ClassificationMetrics(classes);
        using var noGrad = Gradients.Off();
        metrics.Add(classifier.Call(asked), test.Labels);
        return metrics;
    }

    /// <summary>The share of test pictures whose label the 20 nearest training pictures vote for, by cosine and weighed by exp(cosine /
    /// 0.07); 1805.01978 §3.4.</summary>
    public static double NearestNeighbours(LabelledFeatures train, LabelledFeatures test, int classes)
    {
        const int rows = 256;
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var known = Functional.Normalize(train.Features, -1);
        var asked = Functional.Normalize(test.Features, -1);
        long right = 0, count = asked.Size(0);
        for (long start = 0; start < count; start += rows)
        {
            using var inner = new TensorScope();
            long here = Math.Min(rows, count - start);
            // (here, k)
            var (similar, places) = asked.Narrow(0, start, here).Matmul(known.T()).Topk(Math.Min(Neighbours, known.Size(0)), 1);
            var votes = Tensor.Zeros([here, classes])
                .ScatterAdd(1, train.Labels[places.Flatten()].Reshape(places.Shape), (similar / Sharpness).Exp());
            right += votes.Argmax(1).Eq(test.Labels.Narrow(0, start, here)).Sum().Item<long>();
        }

        return (double)right / count;
    }
}
