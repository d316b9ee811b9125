using Sconce.Nn;
using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// LightGCN: tables of users and items smoothed over who took what, without loops, weights or nonlinearity; the mean of all smoothings is
/// the embedding. 2002.02126 eq. 3-8.
/// </summary>
public sealed partial class LightGcn : Module<Graph, (Tensor Users, Tensor Items)>
{
    private static readonly Operator WeightedSum = Operator.Find("sconce::weighted_sum");
    private readonly int layers;

    /// <summary>Begins with normal numbers of deviation 0.1.</summary>
    /// <param name="users">How many users.</param>
    /// <param name="items">How many items.</param>
    /// <param name="width">Numbers of an embedding.</param>
    /// <param name="layers">K: smoothings; 0 is matrix factorisation.</param>
    public LightGcn(long users, long items, int width = 64, int layers = 3)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layers);
        this.layers = layers;
        EmbeddingUser = new Embedding(users, width);
        EmbeddingItem = new Embedding(items, width);
        Init.Normal(EmbeddingUser.Weight, 0.1);
        Init.Normal(EmbeddingItem.Weight, 0.1);
    }

    /// <summary>Of users.</summary>
    public Embedding EmbeddingUser { get; }

    /// <summary>Of items.</summary>
    public Embedding EmbeddingItem { get; }

    /// <summary>The graph of who took what: users first, then items.</summary>
    /// <param name="users">How many users.</param>
    /// <param name="items">How many items.</param>
    /// <param name="taken">A user and an item, both from 0.</param>
    public static Graph Bipartite(long users, long items, IEnumerable<(long User, long Item)> taken) =>
        Graph.Of(users + items, taken.Select(pair => (pair.User, users + pair.Item)));

    /// <summary>The embeddings of given tables. <c>(users, width), (items, width) -> the same</c></summary>
    /// <param name="users">Of users.</param>
    /// <param name="items">Of items.</param>
    /// <param name="graph">See <see cref="Bipartite"/>.</param>
    /// <param name="layers">K.</param>
    public static (Tensor Users, Tensor Items) Propagate(Tensor users, Tensor items, Graph graph, int layers)
    {
        using var scope = new TensorScope();
        var scale = graph.Degrees.ClampMin(1).Rsqrt(); // a node without neighbours receives nothing
        var smoothed = new Tensor[layers + 1];
        smoothed[0] = Tensor.Cat([users, items]);
        for (int k = 0; k < layers; k++) smoothed[k + 1] = graph.Product(smoothed[k], scale, loops: false);
        var sum = (Tensor)WeightedSum.Call(smoothed, (double[])[.. smoothed.Select(_ => 1.0)])[0]!;
        var parts = (sum / (layers + 1)).SplitWithSizes([users.Size(0), items.Size(0)]);
        return scope.Keep((parts[0], parts[1]));
    }

    /// <inheritdoc/>
    protected override (Tensor Users, Tensor Items) Forward(Graph graph) =>
        Propagate(EmbeddingUser.Weight, EmbeddingItem.Weight, graph, layers);
}
