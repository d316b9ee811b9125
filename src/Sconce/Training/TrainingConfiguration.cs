namespace Sconce.Training;

/// <summary>The optimisers that a configuration names.</summary>
public enum OptimizerKind
{
    /// <summary>Stochastic gradient descent with Nesterov's momentum.</summary>
    Sgd,

    /// <summary>Adam with L2 weight decay.</summary>
    Adam,

    /// <summary>Adam with weight decay apart from the gradient.</summary>
    AdamW,

    /// <summary>Root mean square propagation, as PyTorch has it.</summary>
    RmsProp,

    /// <summary>Layer-wise adaptive rates.</summary>
    Lars,

    /// <summary>Layer-wise adaptive rates as SwAV has them: the norm of the gradient alone is in the ratio.</summary>
    Larc,

    /// <summary>Adam that leaves the length of scale-invariant weights alone (2006.08217).</summary>
    AdamP,

    /// <summary>SGD that does the same.</summary>
    Sgdp,
}

/// <summary>The schedules that a configuration names; each begins after the warm-up and ends with the run.</summary>
public enum ScheduleKind
{
    /// <summary>Half a cosine down to 0.</summary>
    Cosine,

    /// <summary>One rate.</summary>
    Constant,

    /// <summary>Straight down to 0.</summary>
    Linear,

    /// <summary>A tenth after half of the steps, a hundredth after three quarters (1512.03385 §4.2).</summary>
    Step,

    /// <summary>Up and down again (1708.07120); it has its own warm-up.</summary>
    OneCycle,
}

/// <summary>
/// Everything that decides a run: <c>config.json</c> in its folder. What is null is settled by the method from the network and the
/// data before the run begins, so that a saved one has nothing open.
/// </summary>
public sealed record TrainingConfiguration
{
    /// <summary>A network of the catalogue, such as <c>resnet20</c>.</summary>
    public string Network { get; init; } = "";

    /// <summary>How it is trained: <c>classifier</c>, or a system's method such as <c>gradaug</c>.</summary>
    public string Method { get; init; } = "classifier";

    /// <summary>What only the method has.</summary>
    public MethodOptions MethodOptions { get; init; } = MethodOptions.None;

    /// <summary>A folder with a subfolder a class, one with <c>train</c> and <c>val</c> of such, or CIFAR's binary files.</summary>
    public string Data { get; init; } = "";

    /// <summary>The classes' names, in the order of the outputs; null: as the data have them.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>The share of each class held out to evaluate on, in (0, 1), where the data have no such part of their own.</summary>
    public double Validation { get; init; } = 0.1;

    /// <summary>Passes over the data.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Pictures a batch.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Batches a step.</summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>Which optimiser.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>The peak rate; null: 0.1 for SGD and 0.001 for the Adams at 256 pictures a step, in proportion for others, a tenth of it from pretrained weights.</summary>
    public double? LearningRate { get; init; }

    /// <summary>What SGD, RMSprop and LARS keep of the velocity, in [0, 1).</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Of weights, not of biases and gains; null: 0.0005, for AdamW 0.05.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Which schedule.</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>Epochs, fractions too, of a straight rise from 0; null: a twentieth of the run.</summary>
    public double? WarmUpEpochs { get; init; }

    /// <summary>The share of each label spread over all classes, in [0, 1).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>α of MixUp, which blends pairs of pictures and their labels; null for none. With CutMix too, each batch gets one of them.</summary>
    public double? MixUp { get; init; }

    /// <summary>α of CutMix, which pastes a box of one picture into another and mixes their labels; null for none.</summary>
    public double? CutMix { get; init; }

    /// <summary>The magnitude of RandAugment's two operations, 0 to 30; null for none.</summary>
    public double? RandAugment { get; init; }

    /// <summary>How much brightness, contrast and saturation are changed, in [0, 1]; null for not at all.</summary>
    public double? ColorJitter { get; init; }

    /// <summary>The share of pictures of which a box is erased, in [0, 1]; null for none.</summary>
    public double? Erasing { get; init; }

    /// <summary>The largest norm of all gradients; null for none.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>λ of adaptive gradient clipping, which spares the classifier's weight; null for none.</summary>
    public double? AdaptiveClipping { get; init; }

    /// <summary>A second set of weights, which is then the one that is evaluated and kept.</summary>
    public Averaging Averaging { get; init; }

    /// <summary>What the exponential average keeps a step, in [0, 1).</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>Evaluations without a better one after which to stop; null for never.</summary>
    public int? Patience { get; init; }

    /// <summary>The figure that says which weights are best: accuracy, top5, auroc, f1, loss.</summary>
    public string Watched { get; init; } = "accuracy";

    /// <summary>Whether the forward pass runs in bfloat16.</summary>
    public bool Amp { get; init; }

    /// <summary>The pictures' side in pixels; null: the network's own.</summary>
    public int? ImageSize { get; init; }

    /// <summary>A checkpoint to start from; a classifier of another size is left out.</summary>
    public string? Pretrained { get; init; }

    /// <summary>Parameters that stay as they are, by name with <c>*</c> and <c>?</c>.</summary>
    public IReadOnlyList<string> Freeze { get; init; } = [];

    /// <summary>Of initial weights, order, augmentation, dropout.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads of one operator; null: as libtorch has them. Another number may round differently.</summary>
    public int? Threads { get; init; }

    /// <summary>Threads that read pictures; the run does not depend on it.</summary>
    public int? Workers { get; init; }

    /// <summary>Whether pictures that cannot be read are left out, not an error.</summary>
    public bool SkipBroken { get; init; }

    /// <summary>Steps between checkpoints inside an epoch; null: five minutes.</summary>
    public int? SaveEvery { get; init; }
}
