using Sconce.Abilities;
using Sconce.Data;
using Sconce.Imaging;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Optim;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Vqgan;

/// <summary>VQGAN's second stage: a transformer learns the codes that a trained first stage gives to a folder of pictures.</summary>
public sealed class VqganGptMethod : TrainingMethod
{
    private const string Watched = "loss";

    private VqganGptMethod()
    {
    }

    /// <summary>The only one.</summary>
    public static VqganGptMethod Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => VqganNetworks.TransformerName;

    /// <inheritdoc/>
    public override string Purpose =>
        "a transformer learns the codes of a trained first stage, from nothing, by class, from another picture or by place "
        + "(2012.09841 §3.2)";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<VqganGptSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("vqgan_gpt --first-stage run1 --data photos/ --out run3", "new pictures; samples in run3/samples"),
        ("vqgan_gpt --first-stage run1 --data sorted/ --condition class --out run4", "by the folder's classes"),
        ("vqgan_gpt --first-stage run1 --condition picture --condition-stage run2 --data pairs/", "from maps: "
            + "pairs/images, pairs/depth"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant?.Name == VqganNetworks.TransformerName;

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Generate || verb == Verb.Complete;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => Plan(setup, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        var own = network.Configuration ?? throw new UsageException($"{network.Variant.Name}: only a run can be evaluated");
        var settings = own.Of<VqganGptSettings>();
        string place = data ?? own.Data;
        var device = network.RunsOn;
        using var both = network.Variant.CreateTrained<Net2Net>(network.Weights, new ModelOptions(ImageSize: network.Size));
        both.To(device);
        var pairs = both.Config.ConditionStage is { } other ? ConditionFiles.In(place, other.Autoencoder.InputChannels) : default;
        var images = UnlabelledImages.Open(
            pairs.Pictures ?? place, own.Run.Validation, own.Run.Seed, network.IsOwn(data) ? network.Kept : null);
        using var rows = new CodeReading(both, device, settings.Crops, pairs.Of).Read(images.Test, own.Run.Seed, progress, cancellation);
        double loss = VqganGptProgram.Figure(both, rows, batch, device, cancellation);
        return new EvaluationReport(place, images.Test.Count, new Dictionary<string, double> { [Watched] = loss });
    }

    private RunPlan<RowBatch> Plan(TrainingSetup setup, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, this, "labels are needed by class alone");
        var variant = setup.Models.Get(asked.Network);
        if (!IsDefaultFor(variant)) throw new UsageException($"{Name} trains the network {Name}, whose size is set, not {variant.Name}");
        var given = asked.Of<VqganGptSettings>();
        var kind = given.Transformer.Kind;
        var device = setup.RunsOn;
        using var first = Stage(given.FirstStage, "firstStage", "which autoencoder turns the pictures into codes?", device);
        bool isPicture = kind == CodeCondition.Picture;
        if (!isPicture && given.ConditionStage is not null)
            throw new SettingsException("conditionStage", called => $"{called}: the condition is {kind}, no picture");
        using var condition = isPicture ? Stage(given.ConditionStage, "conditionStage", "which turns the conditions?", device) : null;
        string mark = CodebookMark.Of(first.Quantize.Codebook);
        CodebookMark.Verify(mark, given.Codebook, given.FirstStage!);
        Verify(given, first.Config, condition?.Config);
        var pairs = condition is null ? default : ConditionFiles.In(asked.Data, condition.Config.Autoencoder.InputChannels);
        var images = UnlabelledImages.Open(pairs.Pictures ?? asked.Data, asked.Run.Validation, asked.Run.Seed, setup.Kept);
        if (kind == CodeCondition.Class && images.Classes.Count == 0)
            throw new DataException(asked.Data, "its pictures are in no folders of classes, and the condition is the class");
        setup.Tell(images.Remarks);
        var configuration = ConfiguredParts.Settle(
            (asked with
            {
                Classes = kind == CodeCondition.Class ? images.Classes : null,
                Settings = given with
                {
                    Codebook = mark,
                    FirstStage = Path.GetFullPath(given.FirstStage!),
                    ConditionStage = given.ConditionStage is { } place ? Path.GetFullPath(place) : null,
                    Run = given.Run with { Watched = WatchedFigure.Settle(given.Run.Watched, Watched, [Watched]) },
                },
            }).WithImageSize(first.Config.Autoencoder.Resolution),
            variant,
            this);
        ConfiguredParts.UseThreads(configuration);
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var network = owned.Own(new Net2Net(VqganNetworks.Of(first.Config, condition?.Config, given.Transformer, images.Classes.Count)));
        Take(first, network.FirstStageModel);
        if (condition is not null) Take(condition, network.CondStageModel!);
        if (configuration.Run.Pretrained is { } weights) Continue(network, weights, mark);
        network.To(device);
        var reading = new CodeReading(network, device, given.Crops, pairs.Of);
        var rows = owned.Own(reading.Read(images.Train, configuration.Run.Seed, setup.Progress, setup.Cancellation));
        var heldOut = owned.Own(reading.Read(images.Test, configuration.Run.Seed, setup.Progress, setup.Cancellation));
        setup.Tell([$"{rows.Distinct:N0} of {first.Config.Codes:N0} codes are in use in the pictures to learn from"]);
        var batches = new RowBatches(rows.Count, configuration.Run.Batch, configuration.Run.Seed);
        var player = owned.Own(ConfiguredParts.Player(
            "transformer", network.Transformer, Optimizer(network.Transformer, configuration), configuration, batches.BatchesPerEpoch));
        return new RunPlan<RowBatch>(configuration, new VqganGptProgram(network, player, rows, heldOut, device), batches)
        {
            Summary = $"{Name} of {given.Transformer.Layers} layers and {given.Transformer.Channels} channels, {rows.Count:N0} "
                + "pictures to learn "
                + $"from and {heldOut.Count:N0} to be asked about, {rows.Codes.Size(1):N0} codes each, condition: {kind}",
            Device = device,
            Evaluate = cancellation => new FigureSet
            {
                Figure.Lower(Watched, VqganGptProgram.Figure(network, heldOut, configuration.Run.Batch, device, cancellation)),
            },
            Keep = folder => images.Keep(folder, pairs.Pictures ?? configuration.Data),
            View = batch => new BatchView(Draw(network, rows, batch, device), "a batch as its codes keep it"),
        };
    }

    private static VqModel Stage(string? place, string setting, string question, Device device) =>
        VqganNetworks.Open(RunWeights.Named(place, setting, question), device);

    private static void Verify(VqganGptSettings given, VqConfig first, VqConfig? condition)
    {
        var sizes = given.Transformer;
        if (sizes.Channels % sizes.Heads != 0)
        {
            throw new SettingsException(
                "channels", called => $"{called} {sizes.Channels} does not divide by {sizes.Heads} heads: take a multiple of them");
        }

        int side = first.Autoencoder.Resolution;
        if (given.Pictures.ImageSize is { } asked && asked != side)
        {
            throw new SettingsException(
                "size", called => $"{called} {asked}: the first stage learned {side} px, and the transformer learns its codes; "
                + "leave it out");
        }

        if (condition is not null && condition.Autoencoder.Downsampling != first.Autoencoder.Downsampling)
        {
            throw new SettingsException("conditionStage", called =>
                $"{called}: one of its codes stands for {condition.Autoencoder.Downsampling} pixels a side, and one of the first "
                + "stage's for "
                + $"{first.Autoencoder.Downsampling}: train both with the same");
        }
    }

    private static void Continue(Net2Net network, string weights, string mark)
    {
        using (var checkpoint = Checkpoint.Open(weights))
        {
            string? known = CheckpointSettings.Read(checkpoint, Instance)?.Of<VqganGptSettings>().Codebook;
            CodebookMark.Verify(mark, known, weights);
        }

        VqVariants.LoadWithoutLosses(network, weights);
    }

    private static void Take(VqModel from, VqModel to)
    {
        using var noGrad = Gradients.Off();
        foreach (var (source, copy) in from.StateDict().Zip(to.StateDict())) copy.Tensor.CopyInPlace(source.Tensor);
    }

    /// <summary>AdamW of 0.9 and 0.95, whose decay is of linear layers alone, as officially; others as configured.</summary>
    private static Optimizer Optimizer(Gpt transformer, RunConfiguration configuration)
    {
        var kinds = transformer.NamedParameters().Where(named => named.Parameter.RequiresGrad).ToLookup(
            named => named.Parameter.Dimensions == 2 && !named.Name.StartsWith("tok_emb", StringComparison.Ordinal),
            named => (Tensor)named.Parameter);
        ParameterGroup[] groups = [new(kinds[true], "weights"), new(kinds[false], "others") { Decay = false }];
        var optimization = configuration.Optimization;
        return optimization.Optimizer == OptimizerKind.AdamW
            ? new AdamW(groups, optimization.LearningRate!.Value, 0.9, 0.95, weightDecay: optimization.WeightDecay!.Value)
            : ConfiguredParts.Optimizer(groups, configuration);
    }

    private static Image Draw(Net2Net network, CodeRows rows, RowBatch batch, Device device)
    {
        using var noGrad = Gradients.Off();
        int grid = network.Config.Grid;
        return ImageGrid.Create(VqPictures.Painted(network.Decode(rows.At(batch.Rows, device).Codes, grid, grid)), 4);
    }
}
