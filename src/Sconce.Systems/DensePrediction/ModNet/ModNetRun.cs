using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.DensePrediction.ModNet;

/// <summary>A run of MODNet on a person's pictures, with mattes or without.</summary>
internal sealed class ModNetRun : SupervisedRun<MatteBatch>
{
    private const int ShownPictures = 4;
    private readonly ModelVariant variant;
    private readonly MatteFolder data;
    private readonly ModNet network;
    private readonly DataLoader<MattedPicture, MatteBatch> batches;

    public ModNetRun(TrainingSetup setup, MatteMethod method)
        : base(setup)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, method);
        variant = setup.Models.Get(asked.Network);
        var supervised = asked.Settings as ModNetTrainingSettings;
        var configuration = ConfiguredParts.Settle(asked.WithImageSize(asked.ImageSize ?? MatteNetwork.OfficialSide), variant, method);
        int side = configuration.ImageSize!.Value;
        if (side % ModNet.Multiple != 0) throw new SettingsException("size", called => $"{called} must be a multiple of {ModNet.Multiple}");
        if (supervised is null && configuration.Run.Pretrained is null)
        {
            throw new SettingsException(
                "pretrained", called => $"{called} is missing: the method {method.Name} adapts a network that is trained");
        }

        data = MatteFolder.Open(
            configuration.Data, supervised is not null, configuration.Run.Validation, configuration.Run.Seed, setup.Kept);
        setup.Tell(data.Remarks);
        var names = MatteEvaluation.Names(data.HasMattes);
        string watched = WatchedFigure.Settle(configuration.Run.Watched, names[0], names);
        Configuration = configuration.With(configuration.Run with { Watched = watched });
        ConfiguredParts.UseThreads(Configuration);
        var loading = ConfiguredParts.Loading(Configuration, setup.Fault) with
        {
            Shuffle = true,
            DropLast = data.Learned.Count > Configuration.Run.Batch,
        };
        batches = new(new MatteRecipe(data.Learned, side, supervised?.CloseUps ?? 0), loading);
        TorchRuntime.ManualSeed(Configuration.Run.Seed);
        var made = Own(variant.Create(new ModelOptions()));
        network = Built(() => made as ModNet
            ?? throw new UsageException($"{variant.Name} gives no mattes: the method {method.Name} trains modnet"));
        Program = Built<TrainingProgram<MatteBatch>>(() => supervised is null ? Adapting() : Supervised(supervised));
    }

    /// <inheritdoc/>
    protected override TrainingProgram<MatteBatch> Program { get; }

    /// <inheritdoc/>
    protected override IBatchSource<MatteBatch> Batches => batches;

    /// <inheritdoc/>
    public override RunConfiguration Configuration { get; }

    /// <inheritdoc/>
    public override string Summary
    {
        get
        {
            bool untrained = Configuration.Run.Pretrained is null && (Configuration.Settings as ModNetTrainingSettings)?.Trunk is null;
            string mattes = data.HasMattes ? " with mattes" : " without mattes";
            return $"{variant.Name}, {data.Learned.Count:N0} pictures{mattes} to learn from and {data.HeldOut.Count:N0} to be asked about"
                + (untrained ? "; its encoder is untrained, so it wants many pictures: begin with a trunk or pretrained weights" : "");
        }
    }

    /// <inheritdoc/>
    protected override void KeepParts(RunFolder? folder) => data.Keep(folder?.Folder, Configuration.Data);

    /// <inheritdoc/>
    protected override FigureSet Evaluate(CancellationToken cancellation) =>
        MatteEvaluation.Run(network, data.HeldOut, Configuration.ImageSize!.Value, Device, null, cancellation);

    /// <inheritdoc/>
    protected override BatchView View(MatteBatch batch) => new(Draw(batch), "a batch and its mattes", "each matte fits its picture");

    private ModNetProgram Supervised(ModNetTrainingSettings settings)
    {
        if (settings.Trunk is { } trunk) LoadTrunk(trunk);
        ConfiguredParts.Ready(network, variant, Configuration, Device);
        var losses = new MatteLosses { SemanticScale = settings.Semantic, DetailScale = settings.Detail };
        int band = settings.Band ?? Math.Max(1, Configuration.ImageSize!.Value / 64);
        return new ModNetProgram(network, Player(adapts: false), losses, band, Device);
    }

    private SocProgram Adapting()
    {
        ConfiguredParts.Ready(network, variant, Configuration, Device);
        ModNet frozen;
        using (Init.Skipped()) frozen = Own(new ModNet());
        frozen.RequireGrad(false);
        frozen.To(Device);
        var settings = Configuration.Of<SocSettings>();
        var consistency = new ConsistencyLoss { SemanticScale = settings.Semantic, DetailScale = settings.Detail };
        var adapting = new SocProgram(network, frozen, Player(adapts: true), consistency, Device);
        adapting.Freeze();
        return adapting;
    }

    private Player Player(bool adapts) =>
        Own(ConfiguredParts.Player("matting", network, Optimizer(adapts), Configuration, Schedule()));

    /// <summary>SGD without Nesterov's momentum and Adam of 0.9 and 0.99, as the official code has them; others as configured.</summary>
    private Optimizer Optimizer(bool adapts)
    {
        var parameters = network.Parameters().Where(parameter => parameter.RequiresGrad).Cast<Tensor>().ToList();
        if (parameters.Count == 0) throw ConfiguredParts.NothingToTrain();
        var (rate, decay) = (Configuration.Optimization.LearningRate!.Value, Configuration.Optimization.WeightDecay!.Value);
        return Configuration.Optimization.Optimizer switch
        {
            OptimizerKind.Sgd => new Sgd(parameters, rate, Configuration.Optimization.Momentum, weightDecay: decay),
            OptimizerKind.Adam when adapts => new Adam(parameters, rate, 0.9, 0.99, weightDecay: decay),
            _ => ConfiguredParts.Optimizer([new ParameterGroup(parameters)], Configuration),
        };
    }

    /// <summary>A stepwise fall is a tenth after each quarter of the run, as officially every 10 of 40 epochs.</summary>
    private LearningRateSchedule Schedule()
    {
        int steps = StepsPerEpoch;
        if (Configuration.Optimization.Schedule != ScheduleKind.Step) return ConfiguredParts.Schedule(Configuration, steps);
        double rate = Configuration.Optimization.LearningRate!.Value;
        long total = Configuration.Run.Steps ?? (long)steps * Configuration.Run.Epochs;
        long rising = (long)Math.Round(Configuration.Optimization.WarmUpEpochs!.Value * steps);
        var falling = LearningRateSchedule.MultiStep(rate, [.. Enumerable.Range(1, 3).Select(k => Math.Max(1, (total * k / 4) - rising))]);
        return rising > 0 ? falling.WithWarmUp(rising, rate / (rising + 1)) : falling;
    }

    private void LoadTrunk(string file) => ModelWeights.Load(network.Encoder, file, new LoadOptions
    {
        Rename = static key => key.StartsWith("classifier.", StringComparison.Ordinal) ? null : key,
    });

    private static Image Draw(MatteBatch batch)
    {
        using var scope = new TensorScope();
        var cells = new List<Image>();
        for (int k = 0; k < Math.Min(batch.Count, ShownPictures); k++)
        {
            cells.Add(((batch.Images[k] + 1) / 2).ToImage());
            cells.Add(batch.Mattes[k].Expand(batch.Images[k].Shape).Contiguous().ToImage());
        }

        return ImageGrid.Create(cells, 2);
    }
}
