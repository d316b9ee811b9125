using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>What a configuration says of optimiser, schedule, loader and trainer, for the runs of all methods.</summary>
public static partial class ConfiguredParts
{
    /// <summary>Refuses what no run can begin with: a value out of its range, settings that do not fit each other, or no data.</summary>
    /// <param name="configuration">As it was asked.</param>
    /// <param name="method">Whose settings they are.</param>
    /// <param name="hint">What may be added to the question for data: that it needs no labels, say.</param>
    /// <param name="needsData">Whether there is nothing to learn from where no data are named.</param>
    /// <exception cref="SettingsException">The message names the setting.</exception>
    public static void Verify(RunConfiguration configuration, TrainingMethod method, string? hint = null, bool needsData = true)
    {
        method.Settings.Verified(configuration.Settings);
        if (configuration.Optimization.WarmUpEpochs >= configuration.Run.Epochs && configuration.Run.Steps is null)
        {
            throw new SettingsException("warmUp", called => $"{called} must be less than the epochs, {configuration.Run.Epochs}");
        }

        if (configuration is { Run.Batch: < 2, Settings: IClassifierSettings { Mixing: var mixing } }
            && (mixing.MixUp ?? mixing.CutMix) is not null)
        {
            throw new SettingsException("batch", called => $"{called} must be at least 2 where pictures are mixed");
        }

        if (needsData && configuration.Data.Length == 0)
        {
            throw new SettingsException("data", called => $"which data? Name a folder with {called}{(hint is null ? "" : $"; {hint}")}");
        }
    }

    /// <summary>
    /// The configuration with what is common to all methods settled: places absolute, rate, decay, warm-up, threads, the figure to watch.
    /// </summary>
    /// <param name="configuration">As it was asked.</param>
    /// <param name="variant">The network.</param>
    /// <param name="method">Whose settings they are.</param>
    /// <param name="first">What the method settles before: it is given the size complete, and what else was asked.</param>
    public static RunConfiguration Settle(
        RunConfiguration configuration, ModelVariant variant, TrainingMethod method, Func<RunConfiguration, RunConfiguration>? first = null)
    {
        configuration = (configuration with { Network = variant.Name, Method = method.Name })
            .WithImageSize(configuration.ImageSize ?? (int?)variant.Find<TensorInput>()?.Shape[^1]);
        configuration = first?.Invoke(configuration) ?? configuration;
        var (run, optimization) = (configuration.Run, configuration.Optimization);
        return configuration
            .With(run with
            {
                Data = configuration.Data.Length > 0 ? Path.GetFullPath(configuration.Data) : run.Data,
                Pretrained = run.Pretrained is { } weights ? Path.GetFullPath(weights) : null,
                Threads = run.Threads ?? TorchRuntime.Threads,
                Workers = run.Workers ?? Environment.ProcessorCount,
            })
            .With(optimization with
            {
                LearningRate = optimization.LearningRate ?? RateOf(configuration, BaseRate(optimization.Optimizer)),
                WeightDecay = optimization.WeightDecay
                    ?? optimization.Optimizer switch { OptimizerKind.AdamW => 0.05, OptimizerKind.AdamP => 0.01, _ => 5e-4 },
                WarmUpEpochs = optimization.WarmUpEpochs ?? run.Epochs / 20.0,
            });
    }

    /// <summary>The peak rate for the items of a step, given that for 256; a tenth of it from pretrained weights.</summary>
    public static double RateOf(RunConfiguration configuration, double at256) =>
        at256 * ((double)configuration.Run.Batch * configuration.Optimization.Accumulation / 256
            * (configuration.Run.Pretrained is null ? 1 : 0.1));

    /// <summary>A rate where none was asked for.</summary>
    /// <param name="configuration">As it was asked.</param>
    /// <param name="rate">The method's; null to leave it to the optimiser.</param>
    public static RunConfiguration WithRate(RunConfiguration configuration, double? rate) =>
        configuration.With(configuration.Optimization with { LearningRate = configuration.Optimization.LearningRate ?? rate });

    /// <summary>Gives libtorch the threads that a settled configuration names.</summary>
    public static void UseThreads(RunConfiguration configuration)
    {
        if (configuration.Run.Threads is { } threads && threads != TorchRuntime.Threads) TorchRuntime.Threads = threads;
    }

    /// <summary>How the loader reads, in the set's order.</summary>
    /// <param name="configuration">Settled.</param>
    /// <param name="fault">Told of items that are left out.</param>
    public static DataLoaderOptions Loading(RunConfiguration configuration, Action<ItemFault>? fault) => new()
    {
        BatchSize = configuration.Run.Batch,
        Threads = configuration.Run.Workers!.Value,
        Seed = configuration.Run.Seed,
        OnFault = configuration.Run.SkipBroken ? FaultPolicy.Skip : FaultPolicy.Stop,
        Fault = fault,
    };

    /// <summary>Loads the weights that a run begins with, freezes what is to stay, and brings a network to its device.</summary>
    /// <param name="network">With initial weights.</param>
    /// <param name="variant">The catalogue's entry.</param>
    /// <param name="configuration">Settled.</param>
    /// <param name="device">Where it is to be.</param>
    public static void Ready(Module network, ModelVariant variant, RunConfiguration configuration, Device device)
    {
        if (configuration.Run.Pretrained is { } weights) ClassifierNetwork.LoadPretrained(network, variant, weights);
        Freeze(network, configuration);
        if (device.Type != DeviceType.Cpu) network.To(device);
    }

    /// <summary>Freezes what the configuration names.</summary>
    /// <exception cref="UsageException">A pattern fits nothing.</exception>
    public static void Freeze(Module network, RunConfiguration configuration)
    {
        foreach (string pattern in configuration.Run.Freeze)
        {
            if (network.Freeze(pattern) > 0) continue;
            var names = network.NamedParameters().Select(named => named.Name).ToList();
            throw new SettingsException("freeze", called => $"{called} {pattern}: no parameter has such a name. "
                + $"{NearestNames.Suggest(pattern.TrimEnd('*', '.'), names)} The first are {string.Join(", ", names.Take(4))}; * stands "
                + $"for anything");
        }
    }

    /// <summary>The optimiser of what is not frozen: weights, the classifier's weights apart, and vectors, which neither decay nor are
    /// adapted.</summary>
    /// <param name="network">Whose parameters.</param>
    /// <param name="head">The key of the classifier, which adaptive clipping leaves out; empty for none.</param>
    /// <param name="configuration">Settled.</param>
    /// <param name="vectorFactor">The share of the rate that vectors take.</param>
    /// <exception cref="UsageException">Everything is frozen.</exception>
    public static Optimizer Optimizer(Module network, string head, RunConfiguration configuration, double vectorFactor = 1)
    {
        string classifier = head + ".";
        var kinds = network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => named.Parameter.Dimensions <= 1 ? "vectors" : named.Name.StartsWith(classifier, StringComparison.Ordinal)
                ? "classifier" : "weights", named => (Tensor)named.Parameter);
        if (kinds.Count == 0) throw NothingToTrain();
        return Optimizer(
            [
                new ParameterGroup(kinds["weights"], "weights"),
                new ParameterGroup(kinds["classifier"], "classifier") { Clip = false },
                new ParameterGroup(kinds["vectors"], "vectors") { Decay = false, Adapt = false, RateFactor = vectorFactor },
            ],
            configuration);
    }

    /// <summary>Adam of other moments than the usual, where Adam is asked for, as adversarial players take it; others as
    /// configured.</summary>
    /// <param name="network">Whose parameters, those that are not frozen.</param>
    /// <param name="configuration">Settled.</param>
    /// <param name="moments">What is kept of the mean gradient, and of the mean square.</param>
    /// <exception cref="SettingsException">Everything is frozen.</exception>
    public static Optimizer Optimizer(Module network, RunConfiguration configuration, (double First, double Second) moments)
    {
        if (configuration.Optimization.Optimizer != OptimizerKind.Adam) return Optimizer(network, "", configuration);
        List<Tensor> learned = [.. network.Parameters().Where(parameter => parameter.RequiresGrad)];
        if (learned.Count == 0) throw NothingToTrain();
        var (rate, decay) = (configuration.Optimization.LearningRate!.Value, configuration.Optimization.WeightDecay!.Value);
        return new Adam(learned, rate, moments.First, moments.Second, weightDecay: decay);
    }

    /// <summary>Refuses batches of more pictures than there are to learn from: without one full batch there is no step.</summary>
    /// <exception cref="SettingsException">The batch is too large.</exception>
    public static void VerifyBatch(RunConfiguration configuration, int pictures)
    {
        int batch = configuration.Run.Batch;
        if (pictures >= batch) return;
        throw new SettingsException(
            "batch", called => $"{called} {batch}: there are {pictures} pictures to learn from: take smaller batches");
    }

    /// <summary>What there is to say where everything is frozen.</summary>
    public static SettingsException NothingToTrain() => new("freeze", called => $"{called} leaves nothing to train");

    /// <summary>The configured optimiser of groups.</summary>
    public static Optimizer Optimizer(IReadOnlyList<ParameterGroup> groups, RunConfiguration configuration)
    {
        double rate = configuration.Optimization.LearningRate!.Value, decay = configuration.Optimization.WeightDecay!.Value,
            momentum = configuration.Optimization.Momentum;
        return configuration.Optimization.Optimizer switch
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
    public static LearningRateSchedule Schedule(RunConfiguration configuration, int stepsPerEpoch, double? firstShare = null,
        double lastShare = 0)
    {
        double rate = configuration.Optimization.LearningRate!.Value;
        long total = configuration.Run.Steps ?? (long)stepsPerEpoch * configuration.Run.Epochs;
        if (configuration.Optimization.Schedule == ScheduleKind.OneCycle) return LearningRateSchedule.OneCycle(rate, Math.Max(2, total));
        long rising = Math.Min(total - 1, (long)Math.Round(configuration.Optimization.WarmUpEpochs!.Value * stepsPerEpoch));
        long rest = Math.Max(1, total - rising);
        var schedule = configuration.Optimization.Schedule switch
        {
            ScheduleKind.Constant => LearningRateSchedule.Constant(rate),
            ScheduleKind.Linear => LearningRateSchedule.Linear(rate, 0, rest),
            ScheduleKind.Step => LearningRateSchedule.MultiStep(rate, [rest / 2, rest * 3 / 4]),
            _ => LearningRateSchedule.Cosine(rate, rest, rate * lastShare),
        };
        return schedule.WithWarmUp(rising, firstShare is { } share ? rate * share : rate / (rising + 1));
    }

    /// <summary>How the trainer goes about it.</summary>
    public static TrainerOptions Trainer(RunConfiguration configuration, Device device) => new()
    {
        Epochs = configuration.Run.Epochs,
        Steps = configuration.Run.Steps,
        Accumulation = configuration.Optimization.Accumulation,
        BFloat16 = configuration.Run.Amp,
        Device = device,
        Patience = configuration.Run.Patience,
        Watched = configuration.Run.Watched ?? "accuracy",
        SaveEvery = configuration.Run.SaveEvery,
        Seed = configuration.Run.Seed,
    };

    /// <summary>Steps of an epoch of so many batches.</summary>
    public static int StepsPerEpoch(RunConfiguration configuration, int batches) =>
        (batches + configuration.Optimization.Accumulation - 1) / configuration.Optimization.Accumulation;

    private static double BaseRate(OptimizerKind kind) => kind switch
    {
        OptimizerKind.Adam or OptimizerKind.AdamW or OptimizerKind.AdamP or OptimizerKind.RmsProp => 0.001,
        _ => 0.1,
    };
}
