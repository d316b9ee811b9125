using Sconce.Abilities;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Training;

/// <summary>A run of a <see cref="FileClassifierMethod"/>.</summary>
internal sealed class FileClassifierRun : TrainingRun
{
    private readonly ModelVariant variant;
    private readonly FileForm form;
    private readonly LabelledFiles files;
    private readonly Module<Tensor, Tensor> network;
    private readonly IBatchSource<ImageBatch> batches;
    private readonly DataLoader<TensorExample, ImageBatch> asked;
    private readonly Player player;
    private readonly ClassifierProgram program;
    private readonly Device device;

    public FileClassifierRun(TrainingSetup setup, FileClassifierMethod method)
    {
        var configuration = setup.Configuration;
        ConfiguredParts.Verify(configuration, method);
        variant = method.StandIn(setup.Models.Get(configuration.Network));
        configuration = ConfiguredParts.Settle(configuration, variant, method);
        form = method.FormOf(variant, configuration.ImageSize, configuration.Settings);
        var run = configuration.Run;
        files = LabelledFiles.Open(configuration.Data, form.Plural, form.Fits, configuration.Classes, run.Validation, run.Seed, setup.Kept);
        setup.Tell(files.Remarks);
        string watched = WatchedFigure.Settle(run.Watched, "accuracy", ClassificationMetrics.Names(files.Classes.Count));
        Configuration = (configuration with { Classes = files.Classes }).With(run with { Watched = watched });
        ConfiguredParts.UseThreads(Configuration);
        var options = ConfiguredParts.Loading(Configuration, setup.Fault);
        batches = Source(options with { Shuffle = true, DropLast = files.Learned.Count > run.Batch });
        asked = new DataLoader<TensorExample, ImageBatch>(new FileRecipe(files, form, files.HeldOut, learns: false), options);
        device = setup.RunsOn;
        TorchRuntime.ManualSeed(run.Seed);
        network = ClassifierNetwork.Create(variant, files.Classes.Count, configuration.ImageSize);
        try
        {
            if (run.Pretrained is { } weights) ClassifierNetwork.LoadPretrained(network, variant, weights);
            else method.Begin(network);
            ConfiguredParts.Freeze(network, Configuration);
            if (device.Type != DeviceType.Cpu) network.To(device);
            string head = variant.Find<IHasClasses>()?.Head ?? "";
            player = ConfiguredParts.Player("classifier", network, ConfiguredParts.Optimizer(network, head, Configuration),
                Configuration, batches.BatchesPerEpoch);
            program = new ClassifierProgram(network, player, Labels, device);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary =>
        $"{variant.Name}, {files.Learned.Count:N0} {form.Plural} to learn from and {files.HeldOut.Count:N0} to be asked about, "
            + $"{files.Classes.Count} classes";

    private IFileSettings Settings => Configuration.Of<IFileSettings>();

    private IReadOnlyList<int> LearnedLabels => [.. files.Learned.Select(k => files.Labels[k])];

    private LabelLoss Labels => new(files.Classes.Count, Settings.Labels.LabelSmoothing, device)
    {
        ClassWeights = Settings.Labels.ClassWeights == ClassWeighting.Balanced ? LabelLoss.Balanced(LearnedLabels, files.Classes.Count)
            : null,
    };

    /// <inheritdoc/>
    public override TrainingResult Train(RunFolder? folder, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        files.Keep(folder?.Folder, Configuration.Data);
        return new Trainer<ImageBatch>(program, batches, ConfiguredParts.Trainer(Configuration, device))
        {
            Folder = folder,
            Evaluate = stop => ClassifierEvaluation.Run(network, asked, files.Classes.Count, device, cancellation: stop).Figures(),
        }.Run(progress, cancellation);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        using var group = batches.FirstBatches(1, cancellation);
        using var scope = new TensorScope();
        var batch = group.Batches[0];
        network.Train();
        double loss;
        using (Gradients.Off()) loss = program.Loss(batch).Item<double>();
        return
        [
            SanityCheck.InitialLoss(loss, files.Classes.Count),
            SanityCheck.Overfit(network, batch, files.Classes.Count, device: device, cancellation: cancellation),
        ];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        program.Dispose();
        player.Dispose();
        network.Dispose();
    }

    /// <summary>Each file once an epoch, or every class as often as every other.</summary>
    private IBatchSource<ImageBatch> Source(DataLoaderOptions options) => Settings.Sampling.Balanced
        ? new BalancedSource<int, ImageBatch>(
            Datasets.InMemory(files.Learned), LearnedLabels,
            drawn => Loader([.. Enumerable.Range(0, drawn.Count).Select(k => drawn[k])], options with { Shuffle = false }), options.Seed)
        : Loader(files.Learned, options);

    private DataLoader<TensorExample, ImageBatch> Loader(IReadOnlyList<int> numbers, DataLoaderOptions options) =>
        new(new FileRecipe(files, form, numbers, learns: true), options);
}
