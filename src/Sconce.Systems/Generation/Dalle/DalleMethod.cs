using Sconce.Data;
using Sconce.Imaging;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.Tools.Wit;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Generation.Dalle;

/// <summary>
/// DALL·E's second stage: a transformer learns captions and the codes that a trained first stage gives to their pictures.
/// </summary>
public sealed class DalleMethod : TrainingMethod
{
    private DalleMethod()
    {
    }

    /// <summary>The only one.</summary>
    public static DalleMethod Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => DalleNetworks.DalleName;

    /// <inheritdoc/>
    public override string Purpose =>
        "a transformer learns to paint captions, in a trained first stage's codes, with a vocabulary learned from the captions "
        + "(2102.12092 §2.2). Pairs are a table with columns image and caption, JSON lines, 'picture: caption' lines, a text beside "
        + "each picture, or a "
        + "table of WIT";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<DalleSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("dalle --first-stage run1 --data captions.csv --out run2", "columns image and caption; samples in run2/samples"),
        ("dalle --first-stage run1 --data wit.tsv.gz --folder downloaded/ --out run2", "WIT's rows whose pictures are there"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant?.Name == DalleNetworks.DalleName;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => Plan(setup, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(network);
        var own = network.Configuration ?? throw new UsageException($"{network.Variant.Name}: only a run can be evaluated");
        bool isOwn = network.IsOwn(data);
        var pairs = CaptionPairs.Read(data ?? own.Data, isOwn ? own.Of<DalleSettings>().Folder : null, cancellation);
        var asked = isOwn ? CaptionParts.Of(pairs, own.Run.Validation, own.Run.Seed, network.Kept).HeldOut : pairs.Pairs;
        var device = network.RunsOn;
        using var model = network.Variant.CreateTrained<DalleModel>(network.Weights, ModelOptions.Official);
        model.To(device);
        using var rows = new CaptionReading(model, model.Words(), device, isStrict: false).Read(asked, progress, cancellation).Rows;
        return new EvaluationReport(data ?? own.Data, asked.Count, DalleProgram.Figures(model, rows, batch, device, cancellation));
    }

    private RunPlan<RowBatch> Plan(TrainingSetup setup, OwnedParts owned)
    {
        var asked = setup.Configuration;
        ConfiguredParts.Verify(asked, this, "captions and the pictures that they are of");
        var variant = setup.Models.Get(asked.Network);
        if (!IsDefaultFor(variant)) throw new UsageException($"{Name} trains the network {Name}, whose size is set, not {variant.Name}");
        var given = asked.Of<DalleSettings>();
        var device = setup.RunsOn;
        string place = RunWeights.Named(given.FirstStage, "firstStage", "which autoencoder turns the pictures into codes?");
        var (first, side) = DalleNetworks.Open(place, device);
        using var stage = first;
        if (given.Pictures.ImageSize is { } size && size != side)
            throw new SettingsException("size", called => $"{called} {size}: the first stage learned {side} px, and the transformer "
                + "learns its codes");
        string mark = CodebookMark.Of(first.StateDict().Select(entry => entry.Tensor));
        CodebookMark.Verify(mark, given.Codebook, place);
        var pairs = CaptionPairs.Read(asked.Data, given.Folder, setup.Cancellation);
        setup.Tell(pairs.Remarks);
        var parts = CaptionParts.Of(pairs, asked.Run.Validation, asked.Run.Seed, setup.Kept);
        setup.Tell(parts.Remarks);
        var words = CaptionVocabulary.Learn(parts.Learned.Select(pair => pair.Caption), given.Vocabulary);
        var config = given.Transformer.Network(first.Config, side, words.Count);
        var settled = given with
        {
            Codebook = mark,
            FirstStage = Path.GetFullPath(place),
            Folder = given.Folder is { } folder ? Path.GetFullPath(folder) : null,
            Run = given.Run with { Watched = WatchedFigure.Settle(given.Run.Watched, DalleProgram.Watched, DalleProgram.Names) },
        };
        var configuration = ConfiguredParts.Settle((asked with { Settings = settled }).WithImageSize(side), variant, this);
        ConfiguredParts.UseThreads(configuration);
        TorchRuntime.ManualSeed(configuration.Run.Seed);
        var model = owned.Own(new DalleModel(first.Config, config, words.ToBytes()));
        if (configuration.Run.Pretrained is { } weights) Continue(model, weights, mark);
        else Take(first, model.Dvae);
        model.To(device);
        var reading = new CaptionReading(model, words, device, given.Strict);
        var (rows, cut) = reading.Read(parts.Learned, setup.Progress, setup.Cancellation);
        owned.Own(rows);
        var heldOut = owned.Own(reading.Read(parts.HeldOut, setup.Progress, setup.Cancellation).Rows);
        setup.Tell(
        [
            $"the captions' vocabulary has {words.Count:N0} tokens; {rows.Distinct:N0} of {first.Config.Codes:N0} codes are in use",
            .. cut > 0 ? (string[])[$"{cut:N0} captions are longer than {config.TextLength} tokens and are cut"] : [],
        ]);
        var batches = new RowBatches(rows.Count, configuration.Run.Batch, configuration.Run.Seed);
        var player = owned.Own(ConfiguredParts.Player(
            "transformer", model.Transformer, Optimizer(model.Transformer, configuration), configuration, batches.BatchesPerEpoch));
        var shown = (heldOut, (IReadOnlyList<string>)[.. parts.HeldOut.Select(pair => pair.Caption)]);
        var spelling = given.MergeDropout > 0
            ? new CaptionSpelling(
                words, [.. parts.Learned.Select(pair => pair.Caption)], config.TextLength, given.MergeDropout, configuration.Run.Seed)
            : null;
        return new RunPlan<RowBatch>(configuration, new DalleProgram(model, player, rows, shown, device, spelling), batches)
        {
            Summary = $"{Name} of {config.Layers} layers and {config.Width} channels, {rows.Count:N0} captions to learn from and "
                + $"{heldOut.Count:N0} to be asked about, {config.PictureLength:N0} codes a picture",
            Device = device,
            Evaluate = cancellation => DalleProgram.Figures(model, heldOut, configuration.Run.Batch, device, cancellation),
            Keep = folder => parts.Keep(folder?.Folder, pairs.Folder),
            View = batch => new BatchView(Draw(model, rows, batch, device), "a batch as its codes keep it"),
        };
    }

    private static void Continue(DalleModel model, string weights, string mark)
    {
        using (var checkpoint = Checkpoint.Open(weights))
        {
            string? known = CheckpointSettings.Read(checkpoint, Instance)?.Of<DalleSettings>().Codebook;
            CodebookMark.Verify(mark, known, weights);
            byte[]? words = checkpoint.Tensors.FirstOrDefault(tensor => tensor.Name == "vocabulary")?.ToArray<byte>();
            if (words is null || !words.AsSpan().SequenceEqual(model.Vocabulary.Cpu().ToArray<byte>()))
            {
                throw new SettingsException("pretrained", called =>
                    $"{called} {weights}: its vocabulary was learned from other captions, and its tokens mean other words: begin anew");
            }
        }

        ModelWeights.Load(model, weights);
    }

    private static void Take(Dvae from, Dvae to)
    {
        using var noGrad = Gradients.Off();
        foreach (var (source, copy) in from.StateDict().Zip(to.StateDict())) copy.Tensor.CopyInPlace(source.Tensor);
    }

    /// <summary>AdamW of 0.9 and 0.96, as 2102.12092 appendix B.2 has it; others as configured.</summary>
    private static Optimizer Optimizer(Module transformer, RunConfiguration configuration)
    {
        var groups = ParameterGroup.WeightsAndVectors(transformer);
        var optimization = configuration.Optimization;
        return optimization.Optimizer == OptimizerKind.AdamW
            ? new AdamW(groups, optimization.LearningRate!.Value, 0.9, 0.96, weightDecay: optimization.WeightDecay!.Value)
            : ConfiguredParts.Optimizer(groups, configuration);
    }

    private static Image Draw(DalleModel model, CodeRows rows, RowBatch batch, Device device)
    {
        using var noGrad = Gradients.Off();
        return ImageGrid.Create(PaintedPictures.Of(model.Decode(rows.At(batch.Rows, device).Codes)), 4);
    }
}
