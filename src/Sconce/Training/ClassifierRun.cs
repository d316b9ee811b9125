using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>A configuration brought to life: data, network, optimiser, schedule, trainer.</summary>
public sealed class ClassifierRun : IDisposable
{
    private readonly DataLoader<ImageExample, ImageBatch> train;
    private readonly DataLoader<ImageExample, ImageBatch> test;
    private readonly Device device;

    /// <summary>Opens the data and builds the network; nothing is written.</summary>
    /// <param name="configuration">What is null in it is settled.</param>
    /// <param name="models">Where the network is found.</param>
    /// <param name="fault">Told of pictures that are left out.</param>
    /// <exception cref="UsageException">A setting means nothing, or the network is no classifier.</exception>
    /// <exception cref="DataException">The data cannot be used.</exception>
    public ClassifierRun(TrainingConfiguration configuration, ModelRegistry models, Action<ItemFault>? fault = null)
    {
        TrainingConfigurationFile.Validate(configuration);
        if (configuration.Data.Length == 0) throw new UsageException("which pictures? Name a folder with --data");
        Variant = CatalogueClassifier.Find(models, configuration.Network);
        Data = LabelledImages.Open(configuration.Data, configuration.Classes, configuration.Validation, configuration.Seed);
        Configuration = Settle(configuration);
        if (Configuration.Threads is { } threads && threads != TorchRuntime.Threads) TorchRuntime.Threads = threads;
        Preprocessing = CatalogueClassifier.Preprocessing(Variant, Configuration.ImageSize);
        var options = new DataLoaderOptions
        {
            BatchSize = Configuration.Batch,
            Threads = Configuration.Workers!.Value,
            Seed = Configuration.Seed,
            OnFault = Configuration.SkipBroken ? FaultPolicy.Skip : FaultPolicy.Stop,
            Fault = fault,
        };
        // A last batch of one picture has no statistics for a batch norm.
        bool drops = Data.Train.Count > Configuration.Batch;
        train = Loader(Data.Train, TrainingAugmentation.OfPicture(Configuration), options with { Shuffle = true, DropLast = drops }, TrainingAugmentation.OfBatch(Configuration));
        test = Loader(Data.Test, [new Preprocess(Preprocessing)], options);
        device = TorchRuntime.BestDevice;
        TorchRuntime.ManualSeed(Configuration.Seed);
        Network = CatalogueClassifier.Create(Variant, Data.Classes.Count, Configuration.ImageSize);
        try
        {
            if (Configuration.Pretrained is { } weights) CatalogueClassifier.LoadPretrained(Network, Variant, weights);
            foreach (string pattern in Configuration.Freeze) Freeze(pattern);
            if (device.Type != DeviceType.Cpu) Network.To(device);
            Optimizer = CreateOptimizer();
        }
        catch
        {
            Network.Dispose();
            throw;
        }
    }

    /// <summary>The configuration with nothing open.</summary>
    public TrainingConfiguration Configuration { get; }

    /// <summary>The catalogue's entry.</summary>
    public ModelVariant Variant { get; }

    /// <summary>The pictures.</summary>
    public LabelledImages Data { get; }

    /// <summary>How pictures are prepared for evaluation.</summary>
    public ImagePreprocessing Preprocessing { get; }

    /// <summary>What learns.</summary>
    public Module<Tensor, Tensor> Network { get; }

    /// <summary>Of its parameters that are not frozen.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The training batches.</summary>
    public IBatchSource<ImageBatch> Batches => train;

    /// <summary>The loop over them.</summary>
    /// <param name="folder">Where the run is kept; null for a run in memory.</param>
    public Trainer<ImageBatch> CreateTrainer(RunFolder? folder = null)
    {
        var options = new TrainerOptions
        {
            Epochs = Configuration.Epochs,
            Accumulation = Configuration.Accumulation,
            ClipNorm = Configuration.ClipNorm,
            AdaptiveClipping = Configuration.AdaptiveClipping,
            BFloat16 = Configuration.Amp,
            Device = device,
            Averaging = Configuration.Averaging,
            AverageDecay = Configuration.AverageDecay,
            Patience = Configuration.Patience,
            Watched = Configuration.Watched,
            HigherIsBetter = Configuration.Watched != "loss",
            SaveEvery = Configuration.SaveEvery,
            Seed = Configuration.Seed,
        };
        int stepsPerEpoch = (train.BatchesPerEpoch + options.Accumulation - 1) / options.Accumulation;
        return new Trainer<ImageBatch>(new ClassifierObjective(Network, Data.Classes.Count, Configuration.LabelSmoothing, device), Optimizer, Schedule(stepsPerEpoch), train, options)
        {
            Folder = folder,
            Evaluate = cancellation => ClassifierEvaluation.Run(Network, test, Data.Classes.Count, device, cancellation: cancellation).Figures(),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        Network.Dispose();
    }

    private DataLoader<ImageExample, ImageBatch> Loader(IDataset<ImageExample> images, Pipeline augmentation, DataLoaderOptions options, BatchAugmentation? mixing = null) =>
        ImageLoader.Create(images, augmentation, options, Preprocessing.Mean, Preprocessing.Std, Data.Classes.Count, mixing);

    private TrainingConfiguration Settle(TrainingConfiguration configuration)
    {
        double share = (double)configuration.Batch * configuration.Accumulation / 256 * (configuration.Pretrained is null ? 1 : 0.1);
        bool isAdam = configuration.Optimizer is OptimizerKind.Adam or OptimizerKind.AdamW;
        return configuration with
        {
            Network = Variant.Name,
            Data = Path.GetFullPath(configuration.Data),
            Pretrained = configuration.Pretrained is { } weights ? Path.GetFullPath(weights) : null,
            Classes = Data.Classes,
            LearningRate = configuration.LearningRate ?? ((isAdam || configuration.Optimizer == OptimizerKind.RmsProp ? 0.001 : 0.1) * share),
            WeightDecay = configuration.WeightDecay ?? (configuration.Optimizer == OptimizerKind.AdamW ? 0.05 : 5e-4),
            WarmUpEpochs = configuration.WarmUpEpochs ?? configuration.Epochs / 20.0,
            ImageSize = configuration.ImageSize ?? (int)Variant.InputShape[^1],
            Threads = configuration.Threads ?? TorchRuntime.Threads,
            Workers = configuration.Workers ?? Environment.ProcessorCount,
        };
    }

    private void Freeze(string pattern)
    {
        if (Network.Freeze(pattern) > 0) return;
        var names = Network.NamedParameters().Select(named => named.Name).ToList();
        throw new UsageException($"--freeze {pattern}: no parameter has such a name. {NearestNames.Suggest(pattern.TrimEnd('*', '.'), names)} The first are {string.Join(", ", names.Take(4))}; * stands for anything");
    }

    private Optimizer CreateOptimizer()
    {
        string classifier = Variant.Head + ".";
        var kinds = Network.NamedParameters().Where(named => named.Parameter.RequiresGrad)
            .ToLookup(named => named.Parameter.Dimensions <= 1 ? "vectors" : named.Name.StartsWith(classifier, StringComparison.Ordinal) ? "classifier" : "weights", named => (Tensor)named.Parameter);
        if (kinds.Count == 0) throw new UsageException("--freeze leaves nothing to train");
        ParameterGroup[] groups =
        [
            new ParameterGroup(kinds["weights"], "weights"),
            new ParameterGroup(kinds["classifier"], "classifier") { Clip = false },
            new ParameterGroup(kinds["vectors"], "vectors") { Decay = false, Adapt = false },
        ];
        double rate = Configuration.LearningRate!.Value, decay = Configuration.WeightDecay!.Value, momentum = Configuration.Momentum;
        return Configuration.Optimizer switch
        {
            OptimizerKind.Adam => new Adam(groups, rate, weightDecay: decay),
            OptimizerKind.AdamW => new AdamW(groups, rate, weightDecay: decay),
            OptimizerKind.RmsProp => new RmsProp(groups, rate, momentum: momentum, weightDecay: decay),
            OptimizerKind.Lars => new Lars(groups, rate, momentum, decay),
            _ => new Sgd(groups, rate, momentum, nesterov: momentum > 0, weightDecay: decay),
        };
    }

    private LearningRateSchedule Schedule(int stepsPerEpoch)
    {
        double rate = Configuration.LearningRate!.Value;
        long total = (long)stepsPerEpoch * Configuration.Epochs;
        if (Configuration.Schedule == ScheduleKind.OneCycle) return LearningRateSchedule.OneCycle(rate, Math.Max(2, total));
        long rising = Math.Min(total - 1, (long)Math.Round(Configuration.WarmUpEpochs!.Value * stepsPerEpoch));
        long rest = Math.Max(1, total - rising);
        var schedule = Configuration.Schedule switch
        {
            ScheduleKind.Constant => LearningRateSchedule.Constant(rate),
            ScheduleKind.Linear => LearningRateSchedule.Linear(rate, 0, rest),
            ScheduleKind.Step => LearningRateSchedule.MultiStep(rate, [rest / 2, rest * 3 / 4]),
            _ => LearningRateSchedule.Cosine(rate, rest),
        };
        return schedule.WithWarmUp(rising, rate / (rising + 1));
    }
}
