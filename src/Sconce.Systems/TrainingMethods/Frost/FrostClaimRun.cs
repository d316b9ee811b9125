using System.Globalization;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.TrainingMethods.Frost;

/// <summary>One run of the claim: a perceptron, its labelled examples, its views.</summary>
internal sealed class FrostClaimRun : IDisposable
{
    private const int Labelled = 32, Unlabelled = 128, Views = 64;
    private readonly NuisanceClusters clusters;
    private readonly Tensor points;
    private readonly Generator generator;
    private readonly Random random;
    private List<(long Place, long Label)> labelled;

    internal FrostClaimRun(NuisanceClusters clusters, Tensor points, Tensor labels, int seed)
    {
        (this.clusters, this.points) = (clusters, points);
        generator = new Generator((ulong)seed + 1000);
        random = new Random(seed);
        labelled = [.. clusters.Iconic(points, labels).Select((place, label) => (place, (long)label))];
        TorchRuntime.ManualSeed((ulong)seed);
        Network = new FrostPerceptron();
    }

    internal FrostPerceptron Network { get; }

    /// <summary>Trains; gives each step's loss. FROST has the contrastive loss, the classes' balance (the official settings' 4) and the
    /// bootstrap, the others have none of them.</summary>
    internal IReadOnlyList<double> Train(bool frost, double unlabelledWeight, int steps, string name, IProgress<WorkProgress>? progress,
        CancellationToken cancellation)
    {
        using var optimizer = FrostTraining.Optimizer(Network);
        using var average = FrostTraining.Average(Network);
        var schedule = FrostTraining.Schedule(0.03, steps);
        var step = new FrostStep(new LabelGuesser(0.99, ClassBalance.LowerThresholdsKept))
        { UnlabelledWeight = unlabelledWeight, ContrastiveWeight = frost ? 1 : 0 };
        var bootstrap = Bootstrap.Schedule(steps).ToDictionary(moment => moment.Epoch, moment => moment.PerClass);
        var losses = new List<double>(steps);
        Network.Train();
        for (int k = 0; k < steps; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            if (frost && bootstrap.TryGetValue(k, out int perClass)) Extend(average, perClass);
            schedule.Apply(optimizer, k);
            optimizer.ZeroGrad();
            var loss = frost || unlabelledWeight == 0 ? step.Compute(Network, Batch()).Total : FixMatch(Batch(), unlabelledWeight);
            loss.Backward();
            losses.Add(loss.Item<double>());
            if (!double.IsFinite(losses[^1])) break;
            optimizer.Step();
            average.Update();
            if (k % 50 == 0)
                progress?.Report(new WorkProgress(name, k, steps, string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.000}")));
        }

        optimizer.ZeroGrad();
        average.CopyTo(Network);
        return losses;
    }

    /// <summary>FixMatch: labels guessed in a pass of their own, the unlabelled loss divided by all.</summary>
    private Tensor FixMatch(FrostBatch batch, double weight)
    {
        using var scope = new TensorScope();
        Tensor weak;
        using (Gradients.Off()) weak = Network.Call(batch.Weak);
        var logits = Network.Call(Tensor.Cat([batch.Labelled, batch.Strong], 0));
        var (unlabelled, _) = FrostLosses.FixMatch(weak, logits.Narrow(0, Labelled, Unlabelled), 0.99);
        return scope.Keep(Functional.CrossEntropy(logits.Narrow(0, 0, Labelled), batch.Labels) + (unlabelled * weight));
    }

    private void Extend(Optim.ExponentialMovingAverage average, int perClass)
    {
        using var noGrad = Gradients.Off();
        using var applied = average.Applied();
        Network.Eval();
        var chosen = Bootstrap.Select(Network.Call(clusters.Plain(points)), perClass);
        Network.Train();
        var known = labelled.Take(NuisanceClusters.Classes);
        labelled = [.. known, .. chosen.Places.SelectMany((places, label) => places.Select(place => (place, (long)label)))];
    }

    private FrostBatch Batch()
    {
        var drawn = Enumerable.Range(0, Labelled).Select(_ => labelled[random.Next(labelled.Count)]).ToArray();
        var known = points[Tensor.From(drawn.Select(example => example.Place).ToArray())];
        var unlabelled = points[Draw(Unlabelled)];
        var views = points[Draw(Views)];
        return new FrostBatch(
            clusters.Weak(known, generator), Tensor.From(drawn.Select(example => example.Label).ToArray()),
            clusters.Weak(unlabelled, generator), clusters.Strong(unlabelled, generator),
            clusters.Strong(views, generator), clusters.Strong(views, generator));

        Tensor Draw(int count) => Tensor.From(Enumerable.Range(0, count).Select(_ => (long)random.Next((int)points.Size(0))).ToArray());
    }

    public void Dispose()
    {
        Network.Dispose();
        generator.Dispose();
    }
}
