namespace Sconce.Training;

/// <summary>The optimisers that settings name.</summary>
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

/// <summary>The schedules that settings name; each begins after the warm-up and ends with the run.</summary>
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

/// <summary>How weights are changed: optimiser, rate, clipping, average.</summary>
[Settings]
public sealed partial record OptimizationSettings
{
    /// <summary>Which optimiser.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>
    /// The peak rate; else 0.1 for SGD and 0.001 for the Adams at 256 items a step, in proportion for others, a tenth from pretrained
    /// weights.
    /// </summary>
    [Named("lr")]
    [Within(0, Above = true)]
    [LeftOpen]
    public double? LearningRate { get; init; }

    /// <summary>What SGD, RMSprop and LARS keep of the velocity.</summary>
    [Within(0, 1, Below = true)]
    public double Momentum { get; init; } = 0.9;

    /// <summary>Of weights, not of biases and gains; else 0.0005, for adamw 0.05.</summary>
    [Within(0)]
    [LeftOpen]
    public double? WeightDecay { get; init; }

    /// <summary>How the rate falls.</summary>
    public ScheduleKind Schedule { get; init; }

    /// <summary>Epochs, fractions too, of a straight rise of the rate; else a twentieth of the run.</summary>
    [Named("warmUp")]
    [Within(0)]
    [LeftOpen]
    public double? WarmUpEpochs { get; init; }

    /// <summary>Batches a step: larger steps than memory holds.</summary>
    [Named("accumulate")]
    [Within(1)]
    public int Accumulation { get; init; } = 1;

    /// <summary>The largest norm of all gradients together.</summary>
    [Named("clip")]
    [Within(0, Above = true)]
    public double? ClipNorm { get; init; }

    /// <summary>Adaptive gradient clipping, which spares a classifier's weight, such as 0.01 for networks without batch norms.</summary>
    [Named("agc")]
    [Within(0, Above = true)]
    public double? AdaptiveClipping { get; init; }

    /// <summary>A second set of weights, which is then the one that is evaluated and kept.</summary>
    [Named("average")]
    public Averaging Averaging { get; init; }

    /// <summary>What an exponential average keeps a step.</summary>
    [Within(0, 1, Below = true)]
    public double AverageDecay { get; init; } = 0.999;
}
