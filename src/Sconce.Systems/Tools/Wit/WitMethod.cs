using Sconce.Abilities;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Systems.Multimodal.Clip;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Tools.Wit;

/// <summary>Finds pictures by words, and words by pictures.</summary>
public sealed record PairRetrieval : Capability;

/// <summary>A dual encoder learns pairs of a table.</summary>
public sealed class WitMethod : TrainingMethod
{
    internal const string RecallAt1 = "recall@1", RecallAt5 = "recall@5", RecallAt10 = "recall@10", MedianRank = "median rank";
    private const int Block = 256;

    /// <inheritdoc/>
    public override string Name => "pairs";

    /// <inheritdoc/>
    public override string Purpose =>
        "an encoder of pictures and one of texts learn which belong together, from a table of WIT (with the page's context or without) " +
        "or from one's own: a folder with a text beside each picture, a table or JSON lines of picture and caption";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<WitSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("wit_small --data wit.tsv.gz --pictures photos/ --out run22", "pictures from a folder; --download fetches others"),
        ("wit_small --data photos/ --out run23", "photos/ship.jpg with photos/ship.txt beside it, or photos/captions.csv"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<PairRetrieval>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Search;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup)
    {
        var own = setup.Configuration.Of<WitSettings>();
        string? pictures = own.Pictures is { } place ? Path.GetFullPath(place) : null;
        var placed = setup.Configuration with { Settings = own with { Pictures = pictures } };
        var configuration = ProcessorRuns.Settle(
            setup with { Configuration = placed }, this, [RecallAt5, RecallAt1, RecallAt10, MedianRank]);
        return ProgramRun<RowBatch>.Open(owned => WitRun.Plan(configuration, WitData.Open(configuration, setup), owned));
    }

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        var configuration = network.Configuration
            ?? throw new UsageException($"{network.Variant.Name} finds nothing before it has learnt: name the folder of a run");
        if (!network.IsOwn(data)) configuration = configuration.With(configuration.Run with { Data = Path.GetFullPath(data!) });
        var settings = configuration.Of<WitSettings>();
        var setup = new TrainingSetup(configuration, new ModelRegistry([], []), new MethodRegistry([]))
        {
            Progress = progress,
            Cancellation = cancellation,
        };
        var own = WitData.Open(configuration, setup);
        var asked = network.IsOwn(data) ? own.HeldOut : [.. own.Training, .. own.HeldOut];
        using var module = WitNetworks.Create(settings.Side, settings.Length);
        ModelWeights.Load(module, network.Weights);
        module.Eval();
        var (figures, toText) = Figures(module, own, asked, settings, cancellation);
        return new EvaluationReport(configuration.Data, asked.Count, figures)
        {
            Items = "texts",
            Columns = [RecallAt1, RecallAt5, RecallAt10, MedianRank],
            Rows =
            [
                ("pictures for texts", [.. figures.Values]),
                ("texts for pictures", [toText.At(1), toText.At(5), toText.At(10), toText.MedianRank]),
            ],
        };
    }

    internal static (FigureSet Figures, RetrievalRecall ToText) Figures(
        ClipModel network, WitData data, IReadOnlyList<WitPair> asked, WitSettings settings, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int[] images = [.. asked.Select(pair => pair.Image).Distinct().Order()];
        var pictures = Tensor.Cat([.. images.Chunk(Block).Select(block =>
        {
            cancellation.ThrowIfCancellationRequested();
            byte[] planes = [.. block.SelectMany(image => data.Pixels[image])];
            return network.EncodeImage(WitEncoder.Input(planes, block.Length, settings.Side));
        })]);
        var texts = Tensor.Cat([.. asked.Chunk(Block).Select(block =>
            network.EncodeText(Tensor.From([.. block.SelectMany(pair => pair.Tokens)], [block.Length, settings.Length])))]);
        var cosines = ContrastiveLoss.UnitLength(texts).Matmul(ContrastiveLoss.UnitLength(pictures).T());
        var (toPicture, toText) = WitData.Recall(cosines.Contiguous().ToArray<float>(), asked);
        return (Of(toPicture), toText);
    }

    internal static FigureSet Of(RetrievalRecall recall) => new()
    {
        { RecallAt1, recall.At(1) }, { RecallAt5, recall.At(5) }, { RecallAt10, recall.At(10) },
        Figure.Lower(MedianRank, recall.MedianRank),
    };
}

/// <summary>What a run of <see cref="WitMethod"/> is made of.</summary>
internal static class WitRun
{
    internal static RunPlan<RowBatch> Plan(RunConfiguration settled, WitData data, OwnedParts owned)
    {
        var configuration = ProcessorRuns.Begun(settled);
        var settings = configuration.Of<WitSettings>();
        var network = owned.Own(WitNetworks.Create(settings.Side, settings.Length));
        if (configuration.Run.Pretrained is { } weights) ModelWeights.Load(network, weights);
        ConfiguredParts.Freeze(network, configuration);
        var batches = new RowBatches(data.Training.Count, configuration.Run.Batch, configuration.Run.Seed);
        var optimizer = ConfiguredParts.Optimizer(network, "", configuration);
        var player = owned.Own(ConfiguredParts.Player("encoders", network, optimizer, configuration, batches.BatchesPerEpoch));
        return new RunPlan<RowBatch>(configuration, new WitProgram(network, player, data, settings), batches)
        {
            Summary = $"{configuration.Network}, {data.Training.Count:N0} pairs to learn from and {data.HeldOut.Count:N0} to be found, "
                + $"{data.Pixels.Count:N0} pictures, {settings.Text.ToString().ToLowerInvariant()}",
            Evaluate = stop => WitMethod.Figures(network, data, data.HeldOut, settings, stop).Figures,
            ChecksFirstSteps = true,
        };
    }
}

/// <summary>The softmax over a batch both ways; other rows of the same picture are no wrong answers.</summary>
internal sealed class WitProgram(ClipModel network, Player player, WitData data, WitSettings settings) : LossProgram<RowBatch>(player)
{
    public override string Items => "pairs";

    public override int Count(RowBatch batch) => batch.Rows.Length;

    public override Tensor Loss(RowBatch batch)
    {
        WitPair[] pairs = [.. batch.Rows.Select(row => data.Training[(int)row])];
        byte[] planes = [.. pairs.SelectMany(pair => data.Pixels[pair.Image])];
        long[] images = [.. pairs.Select(pair => (long)pair.Image)];
        var pictures = network.EncodeImage(WitEncoder.Input(planes, pairs.Length, settings.Side));
        var texts = network.EncodeText(Tensor.From([.. pairs.SelectMany(pair => pair.Tokens)], [pairs.Length, settings.Length]));
        return PairLoss.Compute(pictures, texts, network.LogitScale, Tensor.From(images, [images.Length]));
    }

    /// <inheritdoc/>
    protected override void Stepped(long step) => network.ClampLogitScale();
}

/// <summary>CLIP's loss where several rows of a batch may be of one picture.</summary>
internal static class PairLoss
{
    /// <summary><c>-> ()</c></summary>
    /// <param name="pictures"><c>(N, e)</c></param>
    /// <param name="texts"><c>(N, e)</c></param>
    /// <param name="logitScale">The logarithm of the cosines' factor.</param>
    /// <param name="images">The picture of each row, <c>(N)</c> int64.</param>
    public static Tensor Compute(Tensor pictures, Tensor texts, Tensor logitScale, Tensor images)
    {
        using var scope = new TensorScope();
        var logits = ContrastiveLoss.UnitLength(pictures).Matmul(ContrastiveLoss.UnitLength(texts).T()) * logitScale.Exp();
        long count = logits.Size(0);
        var own = Tensor.Arange(count, DType.Int64);
        var alike = images.Unsqueeze(0).Eq(images.Unsqueeze(1)) & own.Unsqueeze(0).Ne(own.Unsqueeze(1));
        logits = logits.MaskedFill(alike, double.NegativeInfinity);
        return scope.Keep((Functional.CrossEntropy(logits, own) + Functional.CrossEntropy(logits.T(), own)) / 2);
    }
}
