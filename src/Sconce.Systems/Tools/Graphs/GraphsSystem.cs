using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Networks;
using Sconce.Nn;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>The card of networks on graphs and embeddings as matrix factorisation.</summary>
public sealed class GraphsSystem : CatalogueSystem
{
    /// <inheritdoc/>
    public override SystemCard Card { get; } = new(
        "graphs",
        "Graphs",
        "2017-W41",
        SystemTask.Tools,
        new Paper(
            "Network Embedding as Matrix Factorization: Unifying DeepWalk, LINE, PTE, and node2vec",
            "Qiu, Dong, Ma, Li, Wang, Tang",
            2017,
            "1710.02971",
            "xptree/NetMF@77286b8"),
        "Graph convolutions, GraphSAGE, both graph attentions, LightGCN's recommendations, and the closed form of what " +
            "random walks factorise.");

    private const int CoraWords = 1433, CoraClasses = 7, CoraNodes = 2708, GowallaUsers = 29_858, GowallaItems = 40_981;

    /// <inheritdoc/>
    public override IReadOnlyList<ModelVariant> Variants { get; } =
    [
        new("gcn", "two graph convolutions, 16 wide, for Cora's 1,433 words and 7 classes", _ =>
            new GcnClassifier(CoraWords, 16, CoraClasses))
        {
            Capabilities = [new NodeClassifying(Attends: false), new Exercise(Classify<GcnClassifier>)],
        },
        new("sage", "two GraphSAGE layers, 16 wide, for Cora", _ => new SageClassifier(CoraWords, 16, CoraClasses))
        {
            Capabilities = [new NodeClassifying(Attends: false), new Exercise(Classify<SageClassifier>)],
        },
        new("gat", "eight heads of 8, then one, for Cora", _ => new GatClassifier(CoraWords, 8, 8, CoraClasses))
        {
            Capabilities = [new NodeClassifying(Attends: true), new Exercise(Classify<GatClassifier>)],
        },
        new("gatv2", "the same with attention that sees both nodes, for Cora", _ => new GatV2Classifier(CoraWords, 8, 8, CoraClasses))
        {
            Capabilities = [new NodeClassifying(Attends: true), new Exercise(Classify<GatV2Classifier>)],
        },
        new("lightgcn", "three smoothings of 64 numbers, for Gowalla's 29,858 users and 40,981 places", _ =>
            new LightGcn(GowallaUsers, GowallaItems))
        {
            Capabilities = [new Recommending(), new Exercise(static (module, _) => Recommend((LightGcn)module))],
        },
        new("netmf", "factors of what endless walks count; what they are is learnt from edges", _ => new NoNetwork())
        {
            Capabilities = [new NodeEmbedding(ByWalks: false), new Exercise(static (_, _) => { })],
        },
        new(
            "deepwalk", "skip-gram on random walks; a table of 128 numbers a node, here for Cora's 2,708",
            _ => new Embedding(CoraNodes, 128))
        {
            Capabilities =
            [
                new NodeEmbedding(ByWalks: true),
                new Exercise(static (module, _) => ((Embedding)module).Call(Tensor.Zeros([1], DType.Int64))),
            ],
        },
    ];

    /// <inheritdoc/>
    public override IReadOnlyList<TrainingMethod> Methods { get; } =
        [new NodeMethod(), new RecommenderMethod(), new NodeEmbeddingMethod(byWalks: false), new NodeEmbeddingMethod(byWalks: true)];

    /// <inheritdoc/>
    public override IReadOnlyList<Ability> Abilities { get; } = [new GraphClassify(), new GraphEmbed(), new GraphRecommend()];

    /// <inheritdoc/>
    public override Claim Claim { get; } = new GraphsClaim();

    /// <summary>On a ring of as many nodes as the batch has examples, 3 at least.</summary>
    private static void Classify<T>(Module module, int batch)
        where T : Module<Tensor, Graph, Tensor>
    {
        using var scope = new TensorScope();
        int nodes = Math.Max(3, batch);
        using var graph = Graph.Of(nodes, Enumerable.Range(0, nodes).Select(node => ((long)node, (node + 1L) % nodes)));
        ((T)module).Call(Tensor.Zeros([nodes, CoraWords]), graph);
    }

    private static void Recommend(LightGcn network)
    {
        using var scope = new TensorScope();
        using var graph = LightGcn.Bipartite(GowallaUsers, GowallaItems, [(0, 0), (1, 0)]);
        network.Call(graph);
    }
}
