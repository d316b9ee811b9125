using Sconce.Abilities;
using Sconce.Data;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;
using Sconce.Weights;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>Embeds the nodes of the graph that it learnt from.</summary>
/// <param name="ByWalks">Whether by walks and skip-gram, else by factors of their closed form.</param>
public sealed record NodeEmbedding(bool ByWalks) : Capability;

/// <summary>Embeddings of nodes from edges alone: by walks (DeepWalk), or by what they factorise (NetMF).</summary>
/// <param name="byWalks">Which.</param>
public sealed class NodeEmbeddingMethod(bool byWalks) : TrainingMethod
{
    internal const string Auroc = "auroc";

    /// <inheritdoc/>
    public override string Name => byWalks ? "walks" : "factors";

    /// <inheritdoc/>
    public override string Purpose => byWalks
        ? "embeddings of nodes are learnt from random walks on a table of edges (CSV, Parquet) by skip-gram with negative samples"
        : "embeddings of nodes are the factors of what endless random walks on a table of edges (CSV, Parquet) would count";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<NodeEmbeddingSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples => byWalks
        ? [("deepwalk --data edges.csv --out run15", "a row of numbers for each node")]
        : [("netmf --data edges.csv --width 64 --out run16", "the same without walking")];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) =>
        variant.Find<NodeEmbedding>()?.ByWalks == byWalks;

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Embed;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup)
    {
        var own = setup.Configuration.Of<NodeEmbeddingSettings>();
        var configuration = ProcessorRuns.Settle(setup, this, [Auroc]);
        configuration = configuration with
        {
            Settings = ((NodeEmbeddingSettings)configuration.Settings) with { Negatives = own.Negatives ?? (byWalks ? 5 : 1) },
        };
        var data = EdgeDivision.Open(configuration, setup.Remark, setup.Cancellation);
        return byWalks
            ? ProgramRun<RowBatch>.Open(owned => WalksRun.Plan(configuration, data, owned))
            : new FactorsRun(ProcessorRuns.Begun(configuration), data);
    }

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        _ = GraphFolder.Of(network.Variant.Name, network);
        if (!network.IsOwn(data))
            throw new SettingsException("data", called => $"{called}: embeddings are judged on the edges that the run held out");
        var own = EdgeDivision.Open(network.Configuration!, null, cancellation);
        using var scope = new TensorScope();
        return new EvaluationReport(network.Configuration!.Data, own.HeldOut.Count, own.Judge(Read(network.Weights))) { Items = "edges" };
    }

    /// <summary>The embeddings of a checkpoint. <c>-> (nodes, width)</c></summary>
    internal static Tensor Read(string path)
    {
        using var checkpoint = Checkpoint.Open(path);
        return ModelWeights.ToTensor(
            checkpoint.Tensors.First(tensor => tensor.Name.EndsWith(SkipGramTables.Weight, StringComparison.Ordinal)));
    }
}

/// <summary>Two tables: nodes as words, and as contexts.</summary>
internal sealed partial class SkipGramTables : Module
{
    internal const string Weight = "weight";

    internal SkipGramTables(long nodes, int width)
    {
        Words = new Embedding(nodes, width);
        Contexts = new Embedding(nodes, width);
        Init.Uniform(Words.Weight, -0.5 / width, 0.5 / width); // as word2vec begins
        Init.Constant(Contexts.Weight, 0);
    }

    internal Embedding Words { get; }

    internal Embedding Contexts { get; }
}

/// <summary>What a run of DeepWalk is made of: skip-gram on walks that are walked anew for each batch.</summary>
internal static class WalksRun
{
    internal static RunPlan<RowBatch> Plan(RunConfiguration settled, EdgeDivision data, OwnedParts owned)
    {
        var configuration = ProcessorRuns.Begun(settled);
        var settings = configuration.Of<NodeEmbeddingSettings>();
        var graph = owned.Own(data.Graph());
        var tables = owned.Own(new SkipGramTables(data.Names.Count, settings.Width));
        var batches = new RowBatches(data.Names.Count, configuration.Run.Batch, configuration.Run.Seed);
        var optimizer = ConfiguredParts.Optimizer(tables, "", configuration);
        var player = owned.Own(ConfiguredParts.Player("walks", tables, optimizer, configuration, batches.BatchesPerEpoch));
        return new RunPlan<RowBatch>(configuration, new WalksProgram(tables, player, graph, settings), batches)
        {
            Summary = $"deepwalk, {data.Names.Count:N0} nodes, {data.Training.Count:N0} edges to walk on and {data.HeldOut.Count:N0} to "
                + "be asked about",
            Evaluate = _ => data.Judge(tables.Words.Weight),
            Keep = run =>
            {
                if (run is not null) data.Folder().Save(run.Folder);
            },
            ChecksFirstSteps = true,
        };
    }
}

/// <summary>Pairs within the window of walks from the batch's nodes, against contexts drawn as often as walks meet them.</summary>
internal sealed class WalksProgram(SkipGramTables tables, Player player, Graph graph, NodeEmbeddingSettings settings)
    : LossProgram<RowBatch>(player)
{
    private readonly RandomWalks walks = new(graph);
    private readonly int negativesOfPair = settings.Negatives!.Value;

    public override string Items => "walks";

    public override Module Product => tables.Words;

    public override int Count(RowBatch batch) => batch.Rows.Length;

    public override Tensor Loss(RowBatch batch)
    {
        var random = new Random(Tensor.Randint(int.MaxValue, [1]).Item<int>());
        List<long> centres = [], seen = [];
        foreach (long start in batch.Rows)
        {
            var walk = walks.Walk(start, settings.WalkLength, random);
            for (int at = 0; at < walk.Count; at++)
            {
                for (int other = Math.Max(0, at - settings.Window); other < Math.Min(walk.Count, at + settings.Window + 1); other++)
                {
                    if (other == at) continue;
                    centres.Add(walk[at]);
                    seen.Add(walk[other]);
                }
            }
        }

        long[] negatives = new long[centres.Count * negativesOfPair];
        for (int k = 0; k < negatives.Length; k++) negatives[k] = walks.StationaryStart(random);
        return SkipGram.Loss(
            tables.Words.Weight, tables.Contexts.Weight, Tensor.From([.. centres], [centres.Count]), Tensor.From([.. seen], [seen.Count]),
            Tensor.From(negatives, [centres.Count, negativesOfPair]));
    }
}

/// <summary>NetMF: the factors at once.</summary>
internal sealed class FactorsRun(RunConfiguration configuration, EdgeDivision data) : FittedRun(configuration)
{
    /// <inheritdoc/>
    public override string Summary =>
        $"netmf, {data.Names.Count:N0} nodes, {data.Training.Count:N0} edges to factorise and {data.HeldOut.Count:N0} to be asked about";

    /// <inheritdoc/>
    public override IReadOnlyList<SanityFinding> Check(string picture, CancellationToken cancellation = default)
    {
        using var graph = data.Graph();
        return [new SanityFinding("graph", true, $"{graph.Nodes:N0} nodes of {graph.Degrees.Mean().Item<double>():0.0} neighbours")];
    }

    /// <inheritdoc/>
    protected override void Begin(RunFolder folder) => data.Folder().Save(folder.Folder);

    /// <inheritdoc/>
    protected override FittedLearner Fit(IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var graph = data.Graph();
        using var generator = new Generator(Configuration.Run.Seed);
        var embedding = NetMfFactors.Embed(graph, Configuration.Of<NodeEmbeddingSettings>(), generator, progress, cancellation);
        return new FittedLearner(new KeptTable(embedding), data.Judge(embedding), data.Training.Count);
    }

    private sealed class KeptTable(Tensor table) : ISavedState
    {
        public void Save(SavedState state) => state.Set(SkipGramTables.Weight, table);

        public void Load(SavedState state) => throw new NotSupportedException("a table that is fitted is not gone on with");
    }
}
