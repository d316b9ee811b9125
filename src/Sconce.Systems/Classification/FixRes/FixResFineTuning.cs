using Sconce.Abilities;
using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Classification.FixRes;

/// <summary>Where FixRes touches a network.</summary>
/// <param name="Classifier">The key of the linear layer that learns.</param>
/// <param name="LastNorm">The key of the batch norm whose running statistics are taken anew; its gains and offsets stay.</param>
public sealed record FixResLayers(string Classifier, string LastNorm)
{
    /// <summary>EfficientNets.</summary>
    public static FixResLayers EfficientNet { get; } = new("classifier", "bn2");

    /// <summary>Any classifier's: its head, and the last batch norm before it.</summary>
    /// <exception cref="UsageException">It has none of them.</exception>
    public static FixResLayers Of(Module network, ModelVariant variant)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(variant);
        string norm = network.NamedModules().LastOrDefault(named => named.Module is BatchNorm).Name ?? "";
        string head = variant.Get<ImageClassifier>().Head;
        if (norm.Length > 0 && network.NamedModules().Any(named => named.Name == head && named.Module is Linear))
            return new FixResLayers(head, norm);
        throw new UsageException($"{variant.Name} has no batch norm before a linear classifier, which is what FixRes re-fits");
    }

    /// <summary>torchvision's ResNet-50 and deeper.</summary>
    public static FixResLayers ResNet { get; } = new("fc", "layer4.2.bn3");
}

/// <summary>
/// Re-fits a trained classifier to a higher resolution: the classifier learns, the last norm takes the batches' statistics and keeps their
/// running means, all else stays as it was. Pictures go through the TEST transform at the new size. 1906.06423 §4,
/// facebookresearch/FixRes@c9be6ac imnet_finetune/train.py.
/// </summary>
public sealed class FixResFineTuning
{
    private readonly Module<Tensor, Tensor> network;
    private readonly BatchNorm lastNorm;

    /// <summary>Freezes everything but the classifier.</summary>
    /// <exception cref="ArgumentException">The network has no such layers.</exception>
    public FixResFineTuning(Module<Tensor, Tensor> network, FixResLayers layers)
    {
        this.network = network;
        var modules = network.NamedModules().ToDictionary(named => named.Name, named => named.Module);
        lastNorm = modules.GetValueOrDefault(layers.LastNorm) as BatchNorm
            ?? throw new ArgumentException($"the {network.GetType().Name} has no batch norm '{layers.LastNorm}'", nameof(layers));
        Classifier = modules.GetValueOrDefault(layers.Classifier) as Linear
            ?? throw new ArgumentException($"the {network.GetType().Name} has no linear layer '{layers.Classifier}'", nameof(layers));
        network.RequireGrad(false);
        Classifier.RequireGrad();
        Enter();
    }

    /// <summary>The whole network.</summary>
    public Module<Tensor, Tensor> Network => network;

    /// <summary>What learns.</summary>
    public Linear Classifier { get; }

    /// <summary>The logits of a step: <c>(N, 3, H, W) -> (N, classes)</c>.</summary>
    public Tensor Logits(Tensor pictures)
    {
        Enter(); // whatever mode an evaluation in between has left
        return network.Call(pictures);
    }

    /// <summary>The mean cross-entropy: <c>(N, 3, H, W), (N) -> ()</c>.</summary>
    public Tensor Loss(Tensor pictures, Tensor labels)
    {
        using var scope = new TensorScope();
        return scope.Keep(Functional.CrossEntropy(Logits(pictures), labels));
    }

    /// <summary>SGD of momentum 0.9 and decay 1e-4 on the classifier.</summary>
    /// <param name="baseRate">1e-3 in most settings.</param>
    /// <param name="batch">Pictures a step, over all machines: the rate is <c>8 · base · batch / 512</c>.</param>
    public Sgd Optimizer(double baseRate, int batch) =>
        new(Classifier.Parameters(), 8 * baseRate * batch / 512, momentum: 0.9, weightDecay: 1e-4);

    /// <summary>A tenth every 30 epochs.</summary>
    public static LearningRateSchedule Schedule(double rate, long stepsPerEpoch) => LearningRateSchedule.Step(rate, stepsPerEpoch * 30);

    private void Enter()
    {
        network.Eval();
        lastNorm.Train();
    }
}

/// <summary>FixRes's fine-tuning for the <see cref="Trainer{TBatch}"/>.</summary>
/// <param name="tuning">What learns.</param>
/// <param name="player">Over its network, with <see cref="FixResFineTuning.Optimizer"/> and <see cref="FixResFineTuning.Schedule"/>
/// say.</param>
/// <param name="labels">The loss.</param>
/// <param name="device">Where the network is.</param>
public sealed class FixResProgram(FixResFineTuning tuning, Player player, LabelLoss labels, Device device) : LossProgram<ImageBatch>(player)
{
    /// <inheritdoc/>
    public override Module Product => tuning.Network;

    /// <inheritdoc/>
    public override Tensor Loss(ImageBatch batch)
    {
        using var scope = new TensorScope();
        return scope.Keep(labels.Of(tuning.Logits(batch.Images.To(device)).Float(), batch));
    }

    /// <inheritdoc/>
    public override int Count(ImageBatch batch) => batch.Count;

    /// <inheritdoc/>
    public override string Describe(ImageBatch batch) => BatchFaults.First(batch.Names);

    /// <inheritdoc/>
    public override string? Fault(ImageBatch batch) => BatchFaults.Of(batch);
}

/// <summary>FixRes's test transform as numbers; imnet_finetune/transforms.py.</summary>
public static class FixResTransform
{
    /// <summary>The size to which a picture is brought for a test at a resolution: the HEIGHT becomes 256/224 of it.</summary>
    public static (int Width, int Height) Resized(int width, int height, int test)
    {
        int high = (int)(256.0 / 224 * test);
        return ((int)((double)high * width / height), high);
    }

    /// <summary>Where the centre crop begins, half to even; negative where the picture is too small, and zeros stand there.</summary>
    public static int CropOffset(int size, int test) => (int)Math.Round((size - test) / 2.0, MidpointRounding.ToEven);
}
