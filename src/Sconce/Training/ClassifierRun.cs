using Sconce.Abilities;
using Sconce.Data;
using Sconce.Data.Augmentations;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>In what a supervised method differs from plain training; each part is asked for once, when the run is opened, with what is
/// there by then.</summary>
public sealed record ClassifierPlan
{
    /// <summary>Nothing differs.</summary>
    public static ClassifierPlan Plain { get; } = new();

    /// <summary>The method; the plain one where left out.</summary>
    public TrainingMethod Method { get; init; } = ClassifierMethod.Plain;

    /// <summary>Settles what the method's defaults leave open, given the network and a configuration that is settled else; its rate and
    /// decay are as they were asked.</summary>
    public Func<RunConfiguration, RunConfiguration>? Settle { get; init; }

    /// <summary>What is done to each picture, given the run with data and configuration, but without network.</summary>
    public Func<ClassifierRun, Pipeline>? Augmentation { get; init; }

    /// <summary>Epochs at the end that do without MixUp, CutMix and erasing.</summary>
    public Func<ClassifierRun, int>? UnmixedEpochs { get; init; }

    /// <summary>What is done to the network, with its weights, before it gets an optimiser: parts that are frozen, say.</summary>
    public Action<Module<Tensor, Tensor>, ModelVariant>? Prepare { get; init; }

    /// <summary>Who learns what, given the whole run; cross-entropy with the labels where left out.</summary>
    public Func<ClassifierRun, TrainingProgram<ImageBatch>>? Program { get; init; }
}

/// <summary>A classifier's run: data, network, optimiser, schedule, trainer.</summary>
public sealed class ClassifierRun : TrainingRun
{
    private readonly DataLoader<ImageExample, ImageBatch> test;
    private readonly TrainingProgram<ImageBatch> program;

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
        ConfiguredParts.Verify(configuration, plan.Method);
        Variant = plan.Method.StandIn(ClassifierNetwork.Find(setup.Models, configuration.Network));
        configuration = ConfiguredParts.Settle(configuration, Variant, plan.Method, plan.Settle);
        Data = LabelledImages.Open(configuration.Data, configuration.Classes, configuration.Run.Validation,
            configuration.Run.Seed, setup.Kept, Decisions.Of(setup));
        setup.Tell(Data.Remarks);
        Configuration = (configuration with { Classes = Data.Classes }).With(
            configuration.Run with { Watched = Data.Watch(configuration.Run.Watched) });
        ConfiguredParts.UseThreads(Configuration);
        Preprocessing = ClassifierNetwork.Preprocessing(Variant, Configuration.ImageSize);
        var options = ConfiguredParts.Loading(Configuration, setup.Fault);
        var pictures = plan.Augmentation?.Invoke(this)
            ?? TrainingAugmentation.OfPicture(Configuration.ImageSize!.Value, Settings.Augmentation);
        var mixing = TrainingAugmentation.OfBatch(Settings.Mixing, Settings.Augmentation);
        // A last batch of one picture has no statistics for a batch norm.
        var learning = options with { Shuffle = true, DropLast = Data.Train.Count > Configuration.Run.Batch };
        Batches = Source(pictures, learning, mixing);
        int unmixed = mixing is null ? 0 : plan.UnmixedEpochs?.Invoke(this) ?? 0;
        if (unmixed > 0) Batches = new EpochSwitch<ImageBatch>(Batches, Source(pictures, learning), Configuration.Run.Epochs - unmixed);
        test = Loader(Data.Test, [new Preprocess(Preprocessing)], options);
        Device = setup.RunsOn;
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
        Network = ClassifierNetwork.Create(Variant, Data.Classes.Count, Configuration.ImageSize);
        try
        {
            if (Configuration.Run.Pretrained is { } weights) ClassifierNetwork.LoadPretrained(Network, Variant, weights);
            ConfiguredParts.Freeze(Network, Configuration);
            plan.Prepare?.Invoke(Network, Variant);
            if (Device.Type != DeviceType.Cpu) Network.To(Device);
            var optimizer = ConfiguredParts.Optimizer(Network, Variant.Get<ImageClassifier>().Head, Configuration);
            Player = ConfiguredParts.Player("classifier", Network, optimizer, Configuration, Batches.BatchesPerEpoch);
            program = plan.Program?.Invoke(this) ?? new ClassifierProgram(Network, Player, Labels, Device);
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
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{Variant.Name}, {Data.Train.Count:N0} pictures to learn from and {Data.Test.Count:N0} to be asked about, "
        + $"{Data.Classes.Count} classes";

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

    /// <summary>Of its parameters that are not frozen, with schedule, clipping and average as configured.</summary>
    public Player Player { get; }

    /// <summary>The plain loss, as configured.</summary>
    public LabelLoss Labels => new(Data.Classes.Count, Settings.Labels.LabelSmoothing, Device)
    {
        ClassWeights = Settings.Labels.ClassWeights == ClassWeighting.Balanced
            ? LabelLoss.Balanced(Data.TrainLabels, Data.Classes.Count) : null,
    };

    private IClassifierSettings Settings => Configuration.Of<IClassifierSettings>();

    /// <summary>The training batches.</summary>
    public IBatchSource<ImageBatch> Batches { get; }

    /// <summary>The loop over them.</summary>
    /// <param name="folder">Where the run is kept; null for a run in memory.</param>
    public Trainer<ImageBatch> CreateTrainer(RunFolder? folder = null) =>
        new(program, Batches, ConfiguredParts.Trainer(Configuration, Device))
        {
            Folder = folder,
            Sampled = Settings.Outputs.KeepOutputs ? OutputKeeper() : null,
            Evaluate = cancellation => ClassifierEvaluation.Run(Network, test, Data.Classes.Count, Device,
                cancellation: cancellation).Figures(),
        };

    /// <inheritdoc/>
    public override TrainingResult Train(RunFolder? folder, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Data.Keep(folder, Configuration.Data);
        return CreateTrainer(folder).Run(progress, cancellation);
    }

    /// <summary>Keeps what the network answers to some of the held-out pictures.</summary>
    private Action<SampleFolder> OutputKeeper()
    {
        var chosen = KeptOutputs.Choose(Data.TestLabels);
        var images = Data.Test.Subset(chosen);
        var batches = Loader(images, [new Preprocess(Preprocessing)], ConfiguredParts.Loading(Configuration, Setup.Fault));
        string[] names = [.. Enumerable.Range(0, images.Count).Select(images.NameOf)];
        int[] labels = [.. chosen.Select(place => Data.TestLabels[place])];
        return samples => KeptOutputs.Write(samples, names, labels, NetworkOutputs.Of(Network, batches, Device));
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default) =>
        SanityCheck.Run(this, program, picture, cancellation);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        (program as IDisposable)?.Dispose();
        Player.Dispose();
        Network.Dispose();
    }

    /// <summary>The training pictures, each once an epoch, or every class as often as every other.</summary>
    private IBatchSource<ImageBatch> Source(Pipeline augmentation, DataLoaderOptions options, BatchAugmentation? mixing = null) =>
        Settings.Sampling.Balanced
        ? new BalancedSource<ImageExample, ImageBatch>(
            Data.Train, Data.TrainLabels, drawn => Loader(drawn, augmentation, options with { Shuffle = false }, mixing), options.Seed)
        : Loader(Data.Train, augmentation, options, mixing);

    private DataLoader<ImageExample, ImageBatch> Loader(IDataset<ImageExample> images, Pipeline augmentation, DataLoaderOptions options,
        BatchAugmentation? mixing = null) =>
        ImageLoader.Create(images, augmentation, options, Preprocessing.Mean, Preprocessing.Std, Data.Classes.Count, mixing);
}

/// <summary>Another source from some epoch on.</summary>
internal sealed class EpochSwitch<TBatch>(IBatchSource<TBatch> before, IBatchSource<TBatch> then, int from) : IBatchSource<TBatch>
{
    public int BatchesPerEpoch => before.BatchesPerEpoch;

    public IAsyncEnumerable<TBatch> Epoch(int epoch, int first = 0, CancellationToken cancellationToken = default) =>
        (epoch < from ? before : then).Epoch(epoch, first, cancellationToken);
}
