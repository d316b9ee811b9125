using Sconce.Abilities;
using Sconce.Data;
using Sconce.Metrics;
using Sconce.Networks;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>Recommends items to users.</summary>
public sealed record Recommending : Capability;

/// <summary>LightGCN learns who might like what from who took what.</summary>
public sealed class RecommenderMethod : TrainingMethod
{
    private const double TooGood = 0.98;

    /// <inheritdoc/>
    public override string Name => "bpr";

    /// <inheritdoc/>
    public override string Purpose =>
        "recommendations are learnt from a table of users and items (CSV, Parquet): what was taken shall rank above what was not";

    /// <inheritdoc/>
    public override MethodSettings Settings { get; } = MethodSettings.Of<RecommenderSettings>();

    /// <inheritdoc/>
    public override IReadOnlyList<(string Line, string Meaning)> Examples =>
    [
        ("lightgcn --data ratings.csv --out run14", "columns user and item; a fifth of each user's items is held out"),
    ];

    /// <inheritdoc/>
    public override bool IsDefaultFor(ModelVariant variant) => variant.Has<Recommending>();

    /// <inheritdoc/>
    public override bool Answers(Verb verb) => verb == Verb.Recommend || verb == Verb.Embed;

    /// <inheritdoc/>
    public override TrainingRun Open(TrainingSetup setup) => ProgramRun<RowBatch>.Open(owned => RecommenderRun.Plan(setup, this, owned));

    /// <inheritdoc/>
    public override EvaluationReport Evaluate(
        TrainedNetwork network, string? data, int batch, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        _ = GraphFolder.Of(network.Variant.Name, network);
        if (!network.IsOwn(data))
            throw new SettingsException("data", called => $"{called}: recommendations are judged on what the run held out");
        var configuration = network.Configuration!;
        var settings = configuration.Of<RecommenderSettings>();
        var own = Interactions.Open(configuration, null, cancellation);
        using var scope = new TensorScope();
        using var graph = own.Graph();
        using var module = new LightGcn(own.Users.Count, own.Items.Count, settings.Width, settings.Layers);
        Weights.ModelWeights.Load(module, network.Weights);
        var (recall, ndcg, users) = Judged(module, graph, own, settings.At, cancellation);
        var popularity = own.Popularity().Unsqueeze(1);
        var popular = own.Judge(Tensor.Ones([own.Users.Count, 1]), popularity, settings.At, cancellation);
        string[] remarks = recall > TooGood
            ? [$"a recall of {recall:0.000} is too good to be true: does a column of the data tell what was held out?"]
            : [];
        return new EvaluationReport(configuration.Data, users, Figures(recall, ndcg, settings.At))
        {
            Items = "users",
            Remarks = remarks,
            Columns = ["recall", "NDCG"],
            Rows = [(network.Variant.Name, [recall, ndcg]), ("what is taken most", [popular.Recall, popular.Ndcg])],
        };
    }

    internal static (double Recall, double Ndcg, int Users) Judged(
        LightGcn network, Graph graph, Interactions data, int at, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var (users, items) = network.Call(graph);
        return data.Judge(users, items, at, cancellation);
    }

    internal static FigureSet Figures(double recall, double ndcg, int at) => new() { { RecallAt(at), recall }, { NdcgAt(at), ndcg } };

    internal static string RecallAt(int at) => $"recall@{at}";

    internal static string NdcgAt(int at) => $"NDCG@{at}";
}

/// <summary>What a run of <see cref="RecommenderMethod"/> is made of.</summary>
internal static class RecommenderRun
{
    internal static RunPlan<RowBatch> Plan(TrainingSetup setup, RecommenderMethod method, OwnedParts owned)
    {
        int at = setup.Configuration.Of<RecommenderSettings>().At;
        var configuration = ProcessorRuns.Settle(
            setup, method, [RecommenderMethod.RecallAt(at), RecommenderMethod.NdcgAt(at)]);
        var data = Interactions.Open(configuration, setup.Remark, setup.Cancellation);
        configuration = ProcessorRuns.Begun(configuration);
        var settings = configuration.Of<RecommenderSettings>();
        var graph = owned.Own(data.Graph());
        var network = owned.Own(new LightGcn(data.Users.Count, data.Items.Count, settings.Width, settings.Layers));
        if (configuration.Run.Pretrained is { } weights) Weights.ModelWeights.Load(network, weights);
        ConfiguredParts.Freeze(network, configuration);
        var batches = new RowBatches(data.Training.Count, configuration.Run.Batch, configuration.Run.Seed);
        var optimizer = ConfiguredParts.Optimizer(network, "", configuration);
        var player = owned.Own(ConfiguredParts.Player("recommender", network, optimizer, configuration, batches.BatchesPerEpoch));
        var leak = new LeakWatch(batches.BatchesPerEpoch, setup.Remark);
        var program = new RecommenderProgram(network, player, graph, data, settings.Regularization, leak);
        return new RunPlan<RowBatch>(configuration, program, batches)
        {
            Summary = $"{configuration.Network}, {data.Users.Count:N0} users and {data.Items.Count:N0} items, {data.Training.Count:N0} "
                + $"pairs to learn from and {data.HeldOut.Count:N0} to be asked about",
            Evaluate = stop =>
            {
                var figures = Evaluate(network, graph, data, at, stop);
                leak.Look(RecommenderMethod.RecallAt(at), figures[RecommenderMethod.RecallAt(at)]);
                return figures;
            },
            Keep = run => Keep(run, data),
            ChecksFirstSteps = true,
        };
    }

    private static FigureSet Evaluate(LightGcn network, Graph graph, Interactions data, int at, CancellationToken cancellation)
    {
        var (recall, ndcg, _) = RecommenderMethod.Judged(network, graph, data, at, cancellation);
        return RecommenderMethod.Figures(recall, ndcg, at);
    }

    private static void Keep(RunFolder? run, Interactions data)
    {
        if (run is null) return;
        int users = data.Users.Count, items = data.Items.Count;
        new GraphFolder(
            [.. data.Users.All, .. data.Items.All],
            [.. Enumerable.Repeat(NodeKind.User, users), .. Enumerable.Repeat(NodeKind.Item, items)],
            new string?[users + items], GraphFolder.Flat(data.Training.Select(pair => (pair.User, users + pair.Item)))).Save(run.Folder);
    }
}

/// <summary>BPR: each pair against an item drawn anew that the user did not take to learn from.</summary>
internal sealed class RecommenderProgram(
    LightGcn network, Player player, Graph graph, Interactions data, double regularization, LeakWatch leak) : LossProgram<RowBatch>(player)
{
    private const int Tries = 100; // a user who took nearly all keeps what was drawn last
    private readonly HashSet<long>[] taken = data.Taken();

    public override string Items => "pairs";

    public override int Count(RowBatch batch) => batch.Rows.Length;

    public override Tensor Loss(RowBatch batch)
    {
        var random = new Random(Tensor.Randint(int.MaxValue, [1]).Item<int>());
        long[] users = [.. batch.Rows.Select(row => data.Training[(int)row].User)];
        Tensor user = Rows(users), item = Rows([.. batch.Rows.Select(row => data.Training[(int)row].Item)]);
        var other = Rows([.. users.Select(one => Other(one, random))]);
        var (smoothUsers, smoothItems) = network.Call(graph);
        var ranking = BprLoss.Ranking(
            smoothUsers.IndexSelect(0, user), smoothItems.IndexSelect(0, item), smoothItems.IndexSelect(0, other));
        var decay = BprLoss.Decay(network.EmbeddingUser.Call(user), network.EmbeddingItem.Call(item), network.EmbeddingItem.Call(other));
        return ranking + (decay * regularization);
    }

    /// <inheritdoc/>
    protected override void Stepped(long step) => leak.Stepped(step);

    private long Other(long user, Random random)
    {
        long item = random.NextInt64(data.Items.Count);
        for (int k = 0; k < Tries && taken[user].Contains(item); k++) item = random.NextInt64(data.Items.Count);
        return item;
    }

    private static Tensor Rows(long[] rows) => Tensor.From(rows, [rows.Length]);
}
