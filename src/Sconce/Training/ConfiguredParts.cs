using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>What a configuration says of optimiser, schedule, loader and trainer, for the runs of all methods.</summary>
public static class ConfiguredParts
{
    /// <summary>Refuses what no run can begin with: a value out of its range, or no data.</summary>
    /// <param name="configuration">As it was asked.</param>
    /// <param name="hint">What may be added to the question for data: that it needs no labels, say.</param>
    /// <exception cref="UsageException">The message names the setting.</exception>
    public static void Verify(TrainingConfiguration configuration, string? hint = null)
    {
        TrainingConfigurationFile.Validate(configuration);
        if (configuration.Data.Length == 0) throw new UsageException($"which pictures? Name a folder with --data{(hint is null ? "" : $"; {hint}")}");
    }

    /// <summary>The configuration with what is common to all methods settled: places absolute, rate, decay, warm-up, threads.</summary>
    /// <param name="configuration">As it was asked.</param>
    /// <param name="variant">The network.</param>
    /// <param name="method">Whose options are checked and completed.</param>
    /// <param name="first">What the method settles before: it is given options and size complete, and what else was asked.</param>
    public static TrainingConfiguration Settle(TrainingConfiguration configuration, ModelVariant variant, TrainingMethod method, Func<TrainingConfiguration, TrainingConfiguration>? first = null)
    {
        configuration = configuration with
        {
            Network = variant.Name,
            Method = method.Name,
            MethodOptions = configuration.MethodOptions.Resolve(method.Options, method.Name),
            ImageSize = configuration.ImageSize ?? (variant.InputShape.Count > 0 ? (int)variant.InputShape[^1] : null),
        };
        configuration = first?.Invoke(configuration) ?? configuration;
        return configuration with
        {
            Data = Path.GetFullPath(configuration.Data),
            Pretrained = configuration.Pretrained is { } weights ? Path.GetFullPath(weights) : null,
            LearningRate = configuration.LearningRate ?? RateOf(configuration, BaseRate(configuration.Optimizer)),
            WeightDecay = configuration.WeightDecay ?? configuration.Optimizer switch { OptimizerKind.AdamW => 0.05, OptimizerKind.AdamP => 0.01, _ => 5e-4 },
            WarmUpEpochs = configuration.WarmUpEpochs ?? configuration.Epochs / 20.0,
            Threads = configuration.Threads ?? TorchRuntime.Threads,
            Workers = configuration.Workers ?? Environment.ProcessorCount,
        };
    }

    /// <summary>The peak rate for the pictures of a step, given that for 256; a tenth of it from pretrained weights.</summary>
    public static double RateOf(TrainingConfiguration configuration, double at256) =>
        at256 * ((double)configuration.Batch * configuration.Accumulation / 256 * (configuration.Pretrained is null ? 1 : 0.1));

    /// <summary>Gives libtorch the threads that a settled configuration names.</summary>
    public static void UseThreads(TrainingConfiguration configuration)
    {
        if (configuration.Threads is { } threads && threads != TorchRuntime.Threads) TorchRuntime.Threads = threads;
    }

    /// <summary>How the loader reads, in the set's order.</summary>
    /// <param name="configuration">Settled.</param>
    /// <param name="fault">Told of items that are left out.</param>
    public static DataLoaderOptions Loading(TrainingConfiguration configuration, Action<ItemFault>? fault) => new()
    {
        BatchSize = configuration.Batch,
        Threads = configuration.Workers!.Value,
        Seed = configuration.Seed,
        OnFault = configuration.SkipBroken ? FaultPolicy.Skip : FaultPolicy.Stop,
        Fault = fault,
    };

    /// <summary>Freezes what the configuration names.</summary>
    /// <exception cref="UsageException">A pattern fits nothing.</exception>
    public static void Freeze(Module network, TrainingConfiguration configuration)
    {
        foreach (string pattern in configuration.Freeze)
        {
            if (network.Freeze(pattern) > 0) continue;
            var names = network.NamedParameters().Select(named => named.Name).ToList();
            throw new UsageException($"--freeze {pattern}: no parameter has such a name. {NearestNames.Suggest(pattern.TrimEnd('*', '.'), names)} The first are {string.Join(", ", names.Take(4))}; * stands for anything");
        }
    }

    /// <summary>The optimiser of what is not frozen: weights, the classifier's weights apart, and vectors, which neither decay nor are adapted.</summary>
    /// <param name="network">Whose parameters.</param>
    /// <param name="head">The key of the classifier, which adaptive clipping leaves out; empty for none.</param>
    /// <param name="configuration">Settled.</param>
    /// <param name="vectorFactor">The share of the rate that vectors take.</param>
    /// <exception cref="UsageException">Everything is frozen.</exception>
    public static Optimizer Optimizer(Module network, string head, TrainingConfiguration configuration, double vectorFactor = 1)
    {
        string classifier = head + ".";
        var kinds = network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => named.Parameter.Dimensions <= 1 ? "vectors" : named.Name.StartsWith(classifier, StringComparison.Ordinal) ? "classifier" : "weights", named => (Tensor)named.Parameter);
        if (kinds.Count == 0) throw new UsageException("--freeze leaves nothing to train");
        return Optimizer(
            [
                new ParameterGroup(kinds["weights"], "weights"),
                new ParameterGroup(kinds["classifier"], "classifier") { Clip = false },
                new ParameterGroup(kinds["vectors"], "vectors") { Decay = false, Adapt = false, RateFactor = vectorFactor },
            ],
            configuration);
    }

    /// <summary>The configured optimiser of groups.</summary>
    public static Optimizer Optimizer(IReadOnlyList<ParameterGroup> groups, TrainingConfiguration configuration)
    {
        double rate = configuration.LearningRate!.Value, decay = configuration.WeightDecay!.Value, momentum = configuration.Momentum;
        return configuration.Optimizer switch
        {
            OptimizerKind.Adam => new Adam(groups, rate, weightDecay: decay),
            OptimizerKind.AdamW => new AdamW(groups, rate, weightDecay: decay),
            OptimizerKind.AdamP => new AdamP(groups, rate, weightDecay: decay),
            OptimizerKind.RmsProp => new RmsProp(groups, rate, momentum: momentum, weightDecay: decay),
            OptimizerKind.Lars => new Lars(groups, rate, momentum, decay),
            OptimizerKind.Larc => new Larc(groups, rate, momentum, decay),
            OptimizerKind.Sgdp => new Sgdp(groups, rate, momentum, nesterov: momentum > 0, weightDecay: decay),
            _ => new Sgd(groups, rate, momentum, nesterov: momentum > 0, weightDecay: decay),
        };
    }

    /// <summary>The rate of each step: a straight rise, then the configured fall.</summary>
    /// <param name="configuration">Settled.</param>
    /// <param name="stepsPerEpoch">Steps of one epoch.</param>
    /// <param name="firstShare">What the rise begins at, of the peak; null: one step's part.</param>
    /// <param name="lastShare">What a cosine ends at, of the peak.</param>
    public static LearningRateSchedule Schedule(TrainingConfiguration configuration, int stepsPerEpoch, double? firstShare = null, double lastShare = 0)
    {
        double rate = configuration.LearningRate!.Value;
        long total = (long)stepsPerEpoch * configuration.Epochs;
        if (configuration.Schedule == ScheduleKind.OneCycle) return LearningRateSchedule.OneCycle(rate, Math.Max(2, total));
        long rising = Math.Min(total - 1, (long)Math.Round(configuration.WarmUpEpochs!.Value * stepsPerEpoch));
        long rest = Math.Max(1, total - rising);
        var schedule = configuration.Schedule switch
        {
            ScheduleKind.Constant => LearningRateSchedule.Constant(rate),
            ScheduleKind.Linear => LearningRateSchedule.Linear(rate, 0, rest),
            ScheduleKind.Step => LearningRateSchedule.MultiStep(rate, [rest / 2, rest * 3 / 4]),
            _ => LearningRateSchedule.Cosine(rate, rest, rate * lastShare),
        };
        return schedule.WithWarmUp(rising, firstShare is { } share ? rate * share : rate / (rising + 1));
    }

    /// <summary>How the trainer goes about it. Of every figure but a loss, more is better.</summary>
    public static TrainerOptions Trainer(TrainingConfiguration configuration, Device device) => new()
    {
        Epochs = configuration.Epochs,
        Accumulation = configuration.Accumulation,
        ClipNorm = configuration.ClipNorm,
        AdaptiveClipping = configuration.AdaptiveClipping,
        BFloat16 = configuration.Amp,
        Device = device,
        Averaging = configuration.Averaging,
        AverageDecay = configuration.AverageDecay,
        Patience = configuration.Patience,
        Watched = configuration.Watched,
        HigherIsBetter = configuration.Watched != "loss",
        SaveEvery = configuration.SaveEvery,
        Seed = configuration.Seed,
    };

    /// <summary>Steps of an epoch of so many batches.</summary>
    public static int StepsPerEpoch(TrainingConfiguration configuration, int batches) => (batches + configuration.Accumulation - 1) / configuration.Accumulation;

    private static double BaseRate(OptimizerKind kind) => kind switch
    {
        OptimizerKind.Adam or OptimizerKind.AdamW or OptimizerKind.AdamP or OptimizerKind.RmsProp => 0.001,
        _ => 0.1,
    };
}
