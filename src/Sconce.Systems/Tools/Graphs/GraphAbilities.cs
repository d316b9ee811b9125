using Sconce.Abilities;
using Sconce.Nn;
using Sconce.Tables;
using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>Which nodes are classified.</summary>
[Settings]
public sealed partial record GraphClassifySettings
{
    /// <summary>Nodes to be told about; all where left out.</summary>
    public IReadOnlyList<string> Node { get; init; } = [];

    /// <summary>Edges of another graph, whose nodes are classified instead; it needs its table of nodes too.</summary>
    [FilePath]
    public string? Edges { get; init; }

    /// <summary>The table of nodes of that graph, with the columns that were learnt from.</summary>
    [FilePath]
    public string? Nodes { get; init; }

    /// <summary>When it abstains.</summary>
    public AbstentionSettings Abstention { get; init; } = new();
}

/// <summary>Classifies the nodes of a run's graph, or of another with the same features.</summary>
public sealed class GraphClassify : Ability<Nothing, Rows, GraphClassifySettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Classify;

    /// <inheritdoc/>
    public override string Purpose => "a run's graph, or another's tables of edges and nodes; out, a class a node with its probability";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<NodeClassifying>();

    /// <inheritdoc/>
    public override Session<Nothing, Rows, GraphClassifySettings> Open(OpenRequest request) => new GraphClassifySession(request);
}

/// <summary>A classifier of nodes with its graph.</summary>
public sealed class GraphClassifySession : Session<Nothing, Rows, GraphClassifySettings>
{
    private readonly TrainedGraph model;

    /// <summary>Loads it.</summary>
    /// <exception cref="UsageException">There is no run.</exception>
    public GraphClassifySession(OpenRequest request) => model = new TrainedGraph(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<Rows> Answer(
        IReadOnlyList<Nothing> inputs, GraphClassifySettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        if ((settings.Edges is null) != (settings.Nodes is null))
        {
            string missing = settings.Edges is null ? "edges" : "nodes";
            throw new SettingsException(missing, called => $"{called} is missing: another graph is a table of edges and one of nodes");
        }

        var (names, labels, probabilities) = settings.Edges is null
            ? model.Own()
            : model.Other(settings.Edges, settings.Nodes!, cancellation);
        string[] classes = [.. model.Contract.Classes];
        double? threshold = settings.Abstention.Abstain;
        var places = names.Index().ToDictionary(entry => entry.Item, entry => entry.Index, StringComparer.Ordinal);
        int[] asked = settings.Node.Count == 0
            ? [.. Enumerable.Range(0, names.Count)]
            : [.. settings.Node.Select(name => places.TryGetValue(name, out int place) ? place : throw Unknown(name, names))];
        return
        [
            new Rows(["node", "class", "probability", "known", .. threshold is null ? (string[])[] : ["unsure"]],
            [
                .. asked.Select(node =>
                {
                    var own = probabilities.AsSpan(node * classes.Length, classes.Length);
                    int best = 0;
                    for (int c = 1; c < own.Length; c++) best = own[c] > own[best] ? c : best;
                    object?[] unsure = threshold is { } least ? [Doubt.IsUnsure(own[best], least)] : [];
                    return (object?[])[names[node], classes[best], (double)own[best], labels[node], .. unsure];
                }),
            ]),
        ];
    }

    /// <inheritdoc/>
    protected override void Free() => model.Dispose();

    private static SettingsException Unknown(string name, IReadOnlyList<string> names) => new(
        "node", called => $"{called}: there is no node '{name}'. {NearestNames.Suggest(name, names.Take(10_000))}".TrimEnd());
}

/// <summary>Writes the numbers that stand for a run's nodes.</summary>
public sealed class GraphEmbed : Ability<Nothing, MadeTable, GraphEmbedSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Embed;

    /// <inheritdoc/>
    public override string Purpose => "a run's graph; out, a table (CSV, Parquet) with a row of numbers a node, under its name";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) =>
        network.Any(known => known is NodeClassifying or NodeEmbedding or Recommending);

    /// <inheritdoc/>
    public override Session<Nothing, MadeTable, GraphEmbedSettings> Open(OpenRequest request) => new GraphEmbedSession(request);
}

/// <summary>How the rows are given.</summary>
[Settings]
public sealed partial record GraphEmbedSettings
{
    /// <summary>Whether each row is brought to length one, so that products are cosines.</summary>
    public bool Normalize { get; init; }
}

/// <summary>Embeddings of a run's nodes.</summary>
public sealed class GraphEmbedSession : Session<Nothing, MadeTable, GraphEmbedSettings>
{
    private readonly TrainedGraph model;

    /// <summary>Loads them.</summary>
    /// <exception cref="UsageException">There is no run.</exception>
    public GraphEmbedSession(OpenRequest request) => model = new TrainedGraph(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<MadeTable> Answer(
        IReadOnlyList<Nothing> inputs, GraphEmbedSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var rows = model.Embeddings();
        if (settings.Normalize) rows = Functional.Normalize(rows);
        float[] numbers = rows.ToArray<float>();
        int width = (int)rows.Size(1), count = model.Folder.Count;
        TableColumn[] features =
        [
            .. Enumerable.Range(0, width).Select(k =>
                new TableColumn($"x{k}", (double[])[.. Enumerable.Range(0, count).Select(node => (double)numbers[(node * width) + k])])),
        ];
        string?[] kinds = [.. model.Folder.Kinds.Select(kind => kind.ToString().ToLowerInvariant())];
        TableColumn[] named = kinds.Contains("user")
            ? [new("node", [.. model.Folder.Names]), new("kind", kinds)]
            : [new("node", [.. model.Folder.Names])];
        return [new MadeTable(new Table("embeddings", [.. named, .. features]))];
    }

    /// <inheritdoc/>
    protected override void Free() => model.Dispose();
}

/// <summary>For whom, and how much.</summary>
[Settings]
public sealed partial record RecommendSettings
{
    /// <summary>The user's name, as the data have it.</summary>
    [Required]
    public string? User { get; init; }

    /// <summary>Items at most.</summary>
    [Within(1, 1_000_000)]
    public int Count { get; init; } = 10;

    /// <summary>Whether what the user took already may be recommended again.</summary>
    public bool Again { get; init; }
}

/// <summary>Recommends items to a user of a run's data; somebody unknown gets what is taken most, and is told so.</summary>
public sealed class GraphRecommend : Ability<Nothing, Rows, RecommendSettings>
{
    /// <inheritdoc/>
    public override Verb Verb => Verb.Recommend;

    /// <inheritdoc/>
    public override string Purpose => "a user's name; out, the items that the user might like, best first";

    /// <inheritdoc/>
    public override bool NeedsWeights => false;

    /// <inheritdoc/>
    public override bool Fits(IReadOnlyList<Capability> network) => network.Has<Recommending>();

    /// <inheritdoc/>
    public override Session<Nothing, Rows, RecommendSettings> Open(OpenRequest request) => new GraphRecommendSession(request);
}

/// <summary>A recommender with its graph.</summary>
public sealed class GraphRecommendSession : Session<Nothing, Rows, RecommendSettings>
{
    private readonly TrainedGraph model;

    /// <summary>Loads it.</summary>
    /// <exception cref="UsageException">There is no run.</exception>
    public GraphRecommendSession(OpenRequest request) => model = new TrainedGraph(request);

    /// <inheritdoc/>
    protected override IReadOnlyList<Rows> Answer(
        IReadOnlyList<Nothing> inputs, RecommendSettings settings, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var inference = Gradients.Inference();
        var folder = model.Folder;
        int users = folder.Kinds.Count(kind => kind == NodeKind.User);
        int user = Enumerable.Range(0, users).FirstOrDefault(k => folder.Names[k] == settings.User, -1);
        var taken = folder.Pairs.Where(pair => pair.A == user).Select(pair => pair.B - users).ToHashSet();
        Tensor scores;
        if (user < 0)
        {
            var counts = new float[folder.Count - users];
            foreach (var (_, item) in folder.Pairs) counts[item - users]++;
            scores = Tensor.From(counts, [1, counts.Length]);
            progress?.Report(new WorkProgress("recommending", 1, 1, $"nothing is known of '{settings.User}': here is what is taken most"));
        }
        else
        {
            var rows = model.Embeddings();
            scores = rows[user..(user + 1)].Matmul(rows[users..].T());
        }

        var best = TopItems.Of(scores, [settings.Again ? new HashSet<long>() : taken], settings.Count)[0];
        string by = user < 0 ? "what is taken most" : model.Network;
        return
        [
            new Rows(["rank", "item", "score", "by"],
                [.. best.Select((one, k) => (object?[])[(long)(k + 1), folder.Names[users + (int)one.Item], one.Score, by])]),
        ];
    }

    /// <inheritdoc/>
    protected override void Free() => model.Dispose();
}
