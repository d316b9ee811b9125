using System.Globalization;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Claims;

/// <summary>Examples that a claim made in memory.</summary>
/// <param name="Inputs"><c>(N, …)</c></param>
/// <param name="Labels">Class numbers <c>(N)</c>.</param>
public sealed record LabelledTensors(Tensor Inputs, Tensor Labels) : ITensorContainer
{
    /// <summary>How many examples.</summary>
    public long Count => Labels.Size(0);

    /// <inheritdoc/>
    public IEnumerable<Tensor> Tensors => [Inputs, Labels];
}

/// <summary>
/// One run of a small classifier, as many claims have it: shuffled batches of examples in memory, cross-entropy, an optimiser and its
/// schedule, the test accuracy at the end. Equal seeds give equal runs.
/// </summary>
/// <param name="Batch">Examples a step.</param>
/// <param name="Steps">Steps in all.</param>
public sealed record ClassifierTrial(int Batch, int Steps)
{
    /// <summary>The share of each label that is spread over all classes.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>Trains a network, which its maker made from this seed, and gives each step's loss; a loss that is no number ends the
    /// run.</summary>
    /// <param name="network">Maps inputs to logits.</param>
    /// <param name="optimizer">Of its parameters.</param>
    /// <param name="schedule">The rate of each step.</param>
    /// <param name="examples">What it learns.</param>
    /// <param name="seed">Of the order of examples.</param>
    /// <param name="name">The run's name for <paramref name="progress"/>.</param>
    /// <param name="progress">Told every ten steps.</param>
    /// <param name="cancellation">Ends the run between two steps.</param>
    public IReadOnlyList<double> Train(
        Module<Tensor, Tensor> network,
        Optimizer optimizer,
        LearningRateSchedule schedule,
        LabelledTensors examples,
        int seed,
        string name,
        IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        if (examples.Count < Batch)
            throw new ArgumentException($"{examples.Count} examples do not fill one batch of {Batch}", nameof(examples));
        using var order = new Generator((ulong)seed + 1000);
        var losses = new List<double>(Steps);
        long[] places = [];
        int next = 0;
        network.Train();
        for (int step = 0; step < Steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            if (next + Batch > places.Length)
            {
                places = Tensor.Randperm(examples.Count, order, DType.Int64).ToArray<long>();
                next = 0;
            }

            var batch = Tensor.From(places.AsSpan(next, Batch));
            next += Batch;
            schedule.Apply(optimizer, step);
            optimizer.ZeroGrad();
            var loss = Functional.CrossEntropy(network.Call(examples.Inputs[batch]), examples.Labels[batch],
                labelSmoothing: LabelSmoothing);
            losses.Add(loss.Item<double>());
            if (!double.IsFinite(losses[^1])) break;
            loss.Backward();
            optimizer.Step();
            if (step % 10 == 0)
                progress?.Report(new WorkProgress(name, step, Steps,
                    string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.000}")));
        }

        optimizer.ZeroGrad();
        return losses;
    }

    /// <summary>The share of examples whose largest logit is their label's, in [0, 1]; NaN where a logit is no number. Leaves the network
    /// in evaluation mode.</summary>
    public static double Accuracy(Module<Tensor, Tensor> network, LabelledTensors examples, CancellationToken cancellation = default)
    {
        const int part = 256;
        using var noGrad = Gradients.Off();
        network.Eval();
        long right = 0;
        for (long start = 0; start < examples.Count; start += part)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var range = TensorIndex.Slice(start, Math.Min(examples.Count, start + part));
            var logits = network.Call(examples.Inputs[range]);
            if (!logits.Isfinite().All().Item<bool>()) return double.NaN;
            right += logits.Argmax(-1).Eq(examples.Labels[range]).Sum().Item<long>();
        }

        return (double)right / examples.Count;
    }

    /// <summary>A run's losses as a curve of the chart "training loss".</summary>
    public static ClaimCurve Curve(string name, IReadOnlyList<double> losses) =>
        new("training loss", name, [.. Enumerable.Range(0, losses.Count).Select(step => (double)step)], losses);
}
