using Sconce.Catalogue;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>In what a supervised method differs from plain training; each part is asked for once, when the run is opened, with what is there by then.</summary>
public sealed record ClassifierPlan
{
    /// <summary>Nothing differs.</summary>
    public static ClassifierPlan Plain { get; } = new();

    /// <summary>The method; the plain one where left out.</summary>
    public TrainingMethod Method { get; init; } = ClassifierMethod.Plain;

    /// <summary>Settles what the method's defaults leave open, given the network and a configuration that is settled else; its rate and decay are as they were asked.</summary>
    public Func<TrainingConfiguration, TrainingConfiguration>? Settle { get; init; }

    /// <summary>What is done to each picture, given the run with data and configuration, but without network.</summary>
    public Func<ClassifierRun, Pipeline>? Augmentation { get; init; }

    /// <summary>Epochs at the end that do without MixUp, CutMix and erasing.</summary>
    public Func<ClassifierRun, int>? UnmixedEpochs { get; init; }

    /// <summary>The loss, given the whole run.</summary>
    public Func<ClassifierRun, Objective<ImageBatch>>? Objective { get; init; }
}

/// <summary>A classifier's run: data, network, optimiser, schedule, trainer.</summary>
public sealed class ClassifierRun : TrainingRun
{
    private readonly DataLoader<ImageExample, ImageBatch> test;
    private readonly Objective<ImageBatch> objective;

    /// <summary>Opens the data and builds the network.</summary>
    /// <param name="setup">What is null in its configuration is settled.</param>
    /// <param name="plan">In what a method differs; nothing where left out.</param>
    /// <exception cref="UsageException">A setting means nothing, or the network is no classifier.</exception>
    /// <exception cref="DataException">The data cannot be used.</exception>
    public ClassifierRun(TrainingSetup setup, ClassifierPlan? plan = null)
    {
        plan ??= ClassifierPlan.Plain;
        Setup = setup;
        var configuration = setup.Configuration;
        ConfiguredParts.Verify(configuration);
        Variant = plan.Method.StandIn(CatalogueClassifier.Find(setup.Models, configuration.Network));
        configuration = ConfiguredParts.Settle(configuration, Variant, plan.Method, plan.Settle);
        Data = LabelledImages.Open(configuration.Data, configuration.Classes, configuration.Validation, configuration.Seed);
        Configuration = configuration with { Classes = Data.Classes };
        ConfiguredParts.UseThreads(Configuration);
        Preprocessing = CatalogueClassifier.Preprocessing(Variant, Configuration.ImageSize);
        var options = ConfiguredParts.Loading(Configuration, setup.Fault);
        var pictures = plan.Augmentation?.Invoke(this) ?? TrainingAugmentation.OfPicture(Configuration);
        var mixing = TrainingAugmentation.OfBatch(Configuration);
        // A last batch of one picture has no statistics for a batch norm.
        var learning = options with { Shuffle = true, DropLast = Data.Train.Count > Configuration.Batch };
        Batches = Loader(Data.Train, pictures, learning, mixing);
        int unmixed = mixing is null ? 0 : plan.UnmixedEpochs?.Invoke(this) ?? 0;
        if (unmixed > 0) Batches = new EpochSwitch<ImageBatch>(Batches, Loader(Data.Train, pictures, learning), Configuration.Epochs - unmixed);
        test = Loader(Data.Test, [new Preprocess(Preprocessing)], options);
        Device = TorchRuntime.BestDevice;
        TorchRuntime.ManualSeed(Configuration.Seed);
        Network = CatalogueClassifier.Create(Variant, Data.Classes.Count, Configuration.ImageSize);
        try
        {
            if (Configuration.Pretrained is { } weights) CatalogueClassifier.LoadPretrained(Network, Variant, weights);
            ConfiguredParts.Freeze(Network, Configuration);
            if (Device.Type != DeviceType.Cpu) Network.To(Device);
            objective = plan.Objective?.Invoke(this) ?? new ClassifierObjective(Network, Data.Classes.Count, Configuration.LabelSmoothing, Device);
            Optimizer = ConfiguredParts.Optimizer(Network, Variant.Head, Configuration);
        }
        catch
        {
            Network.Dispose();
            throw;
        }
    }

    /// <summary>What it was opened with.</summary>
    public TrainingSetup Setup { get; }

    /// <inheritdoc/>
    public override TrainingConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary => $"{Variant.Name}, {Data.Train.Count:N0} pictures to learn from and {Data.Test.Count:N0} to be asked about, {Data.Classes.Count} classes";

    /// <summary>The catalogue's entry.</summary>
    public ModelVariant Variant { get; }

    /// <summary>The pictures.</summary>
    public LabelledImages Data { get; }

    /// <summary>How pictures are prepared for evaluation.</summary>
    public ImagePreprocessing Preprocessing { get; }

    /// <summary>Where the network is.</summary>
    public Device Device { get; }

    /// <summary>What learns.</summary>
    public Module<Tensor, Tensor> Network { get; }

    /// <summary>Of its parameters that are not frozen.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The training batches.</summary>
    public IBatchSource<ImageBatch> Batches { get; }

    /// <summary>The loop over them.</summary>
    /// <param name="folder">Where the run is kept; null for a run in memory.</param>
    public Trainer<ImageBatch> CreateTrainer(RunFolder? folder = null) =>
        new(objective, Optimizer, ConfiguredParts.Schedule(Configuration, ConfiguredParts.StepsPerEpoch(Configuration, Batches.BatchesPerEpoch)), Batches, ConfiguredParts.Trainer(Configuration, Device))
        {
            Folder = folder,
            Evaluate = cancellation => ClassifierEvaluation.Run(Network, test, Data.Classes.Count, Device, cancellation: cancellation).Figures(),
        };

    /// <inheritdoc/>
    public override TrainingResult Train(RunFolder? folder, IProgress<WorkProgress>? progress = null, CancellationToken cancellation = default) => CreateTrainer(folder).Run(progress, cancellation);

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default) => SanityCheck.Run(this, objective, picture, cancellation);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        (objective as IDisposable)?.Dispose();
        Optimizer.Dispose();
        Network.Dispose();
    }

    private DataLoader<ImageExample, ImageBatch> Loader(IDataset<ImageExample> images, Pipeline augmentation, DataLoaderOptions options, BatchAugmentation? mixing = null) =>
        ImageLoader.Create(images, augmentation, options, Preprocessing.Mean, Preprocessing.Std, Data.Classes.Count, mixing);
}

/// <summary>Another source from some epoch on.</summary>
internal sealed class EpochSwitch<TBatch>(IBatchSource<TBatch> before, IBatchSource<TBatch> then, int from) : IBatchSource<TBatch>
{
    public int BatchesPerEpoch => before.BatchesPerEpoch;

    public IAsyncEnumerable<TBatch> Epoch(int epoch, int first = 0, CancellationToken cancellationToken = default) => (epoch < from ? before : then).Epoch(epoch, first, cancellationToken);
}
