using System.Globalization;
using Sconce.Abilities;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Systems.Classification.FixRes;

/// <summary>The claim's network. <c>(N, 3, H, W) -> (N, 6)</c></summary>
internal sealed partial class FixResSmallNet : Module<Tensor, Tensor>
{
    Sequential Trunk { get; } = new(
        new Conv2d(3, 16, 3, 1, 1), new BatchNorm2d(16), new Relu(inPlace: true), new MaxPool2d(2),
        new Conv2d(16, 32, 3, 1, 1), new BatchNorm2d(32), new Relu(inPlace: true), new MaxPool2d(2),
        new Conv2d(32, 48, 3, 1, 1), new BatchNorm2d(48), new Relu(inPlace: true),
        new Conv2d(48, 96, 1));

    BatchNorm2d Bn2 { get; } = new(96);

    Linear Classifier { get; } = new(96, StarScenes.Classes);

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => Classifier.Call(Bn2.Call(Trunk.Call(x)).Relu().Mean([2, 3]));
}

/// <summary>One seed of the claim: scenes, a trained network, and its fine-tunings, each from the trained state. Its tensors belong to the
/// scope in which it is made.</summary>
internal sealed class FixResRun : IDisposable
{
    private const int Batch = 64;
    private readonly bool quick;
    private readonly int seed;
    private readonly Generator generator;
    private readonly Random random;
    private readonly FixResSmallNet network;
    private readonly (Tensor Scenes, Tensor Labels) train, test;
    private IReadOnlyList<(Tensor Own, Tensor Trained, string Name)> trained = [];

    internal FixResRun(bool quick, int seed)
    {
        (this.quick, this.seed) = (quick, seed);
        generator = new Generator((ulong)seed);
        random = new Random(seed);
        train = StarScenes.Sample(quick ? 128 : 3000, generator);
        test = StarScenes.Sample(quick ? 64 : 1000, generator);
        TorchRuntime.ManualSeed((ulong)seed);
        network = new FixResSmallNet();
    }

    /// <summary>Trains on random crops; gives each step's loss.</summary>
    internal IReadOnlyList<double> Train(int size, string name, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int steps = quick ? 4 : 350;
        using var optimizer = new Adam(network.Parameters(), 4e-3);
        var schedule = LearningRateSchedule.OneCycle(4e-3, steps);
        var losses = new List<double>(steps);
        network.Train();
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var batch = Draw();
            schedule.Apply(optimizer, step);
            optimizer.ZeroGrad();
            var loss = Functional.CrossEntropy(network.Call(StarScenes.Train(train.Scenes[batch], size, random, generator)),
                train.Labels[batch]);
            loss.Backward();
            losses.Add(loss.Item<double>());
            optimizer.Step();
            if (step % 10 == 0)
                progress?.Report(new WorkProgress(name, step, steps,
                    string.Create(CultureInfo.InvariantCulture, $"loss {losses[^1]:0.000}")));
        }

        optimizer.ZeroGrad();
        trained = [.. network.StateDict().Select(entry => (entry.Tensor, entry.Tensor.Detach().Clone(), entry.Name))];
        return losses;
    }

    /// <summary>Fine-tunes from the trained state. Whether nothing but the classifier and the last norm's statistics changed.</summary>
    internal bool FineTune(int size, bool testTransform, string name, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        int steps = quick ? 2 : 60;
        using (Gradients.Off())
        {
            foreach (var (own, before, _) in trained) own.CopyInPlace(before);
        }

        var tuning = new FixResFineTuning(network, FixResLayers.EfficientNet);
        using var optimizer = new Sgd(tuning.Classifier.Parameters(), 0.05, momentum: 0.9, weightDecay: 1e-4);
        for (int step = 0; step < steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            var batch = Draw();
            var scenes = train.Scenes[batch];
            optimizer.ZeroGrad();
            var loss = tuning.Loss(testTransform
                ? StarScenes.Test(scenes, size, generator) : StarScenes.Train(scenes, size, random, generator), train.Labels[batch]);
            loss.Backward();
            optimizer.Step();
            if (step % 10 == 0)
                progress?.Report(new WorkProgress(name, step, steps,
                    string.Create(CultureInfo.InvariantCulture, $"loss {loss.Item<double>():0.000}")));
        }

        optimizer.ZeroGrad();
        using var comparing = new TensorScope();
        return trained.All(entry => entry.Own.EqualTo(entry.Trained)
            || entry.Name.StartsWith("classifier.", StringComparison.Ordinal)
            || entry.Name is "bn2.running_mean" or "bn2.running_var" or "bn2.num_batches_tracked");
    }

    /// <summary>With the test transform at a size; the noise is the same each time.</summary>
    internal double Accuracy(int size, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var sensor = new Generator((ulong)seed + 5000);
        return ClassifierTrial.Accuracy(network,
            new LabelledTensors(StarScenes.Test(test.Scenes, size, sensor), test.Labels), cancellation);
    }

    /// <summary>The network as it is.</summary>
    internal ClaimNetwork Keep(ModelVariant entry) => ClaimNetwork.Of(entry.Name, network, entry.Get<ImageClassifier>().Preprocessing);

    public void Dispose()
    {
        network.Dispose();
        generator.Dispose();
    }

    private Tensor Draw() => Tensor.From(Enumerable.Range(0, Batch).Select(_ => (long)random.Next((int)train.Labels.Size(0))).ToArray());
}
