using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// A graph as a list of directed edges without loops; an undirected one has each pair both ways. Memory grows with the edges, not with the
/// nodes squared.
/// </summary>
public sealed class Graph : IDisposable
{
    private static readonly Operator NeighbourSums = Operator.Find("sconce::neighbour_sums");

    // The sources in the order of their targets, int32, where each target's begin, and the same of edges turned round, for gradients.
    private readonly Tensor incoming, starts, outgoing, ends;

    private Graph(long nodes, Tensor sources, Tensor targets, bool isSymmetric)
    {
        if (nodes > int.MaxValue) throw new ArgumentException($"a graph has up to {int.MaxValue:N0} nodes here, and {nodes:N0} were given");
        using var scope = new TensorScope();
        (Nodes, Sources, Targets) = (nodes, sources, targets);
        var own = Tensor.Arange(nodes, dtype: DType.Int64);
        SourcesWithLoops = scope.KeepForever(Tensor.Cat([sources, own]));
        TargetsWithLoops = scope.KeepForever(Tensor.Cat([targets, own]));
        Degrees = scope.KeepForever(Tensor.Zeros([nodes]).IndexAdd(0, targets, Tensor.Ones([targets.Size(0)])));
        (incoming, starts) = InOrder(sources, targets, Degrees);
        if (isSymmetric)
        {
            (outgoing, ends) = (incoming, starts);
        }
        else
        {
            (outgoing, ends) = InOrder(targets, sources, Tensor.Zeros([nodes]).IndexAdd(0, sources, Tensor.Ones([sources.Size(0)])));
        }

        scope.KeepForever(incoming);
        scope.KeepForever(starts);
        scope.KeepForever(outgoing);
        scope.KeepForever(ends);
    }

    /// <summary>How many nodes.</summary>
    public long Nodes { get; }

    /// <summary>Where each edge comes from, <c>(edges)</c> int64.</summary>
    public Tensor Sources { get; }

    /// <summary>Where it goes, <c>(edges)</c> int64.</summary>
    public Tensor Targets { get; }

    /// <summary>Edges that end at each node, <c>(nodes)</c>: its neighbours.</summary>
    public Tensor Degrees { get; }

    /// <summary>The sources, and each node after them as its own neighbour.</summary>
    public Tensor SourcesWithLoops { get; }

    /// <summary>The targets of those.</summary>
    public Tensor TargetsWithLoops { get; }

    /// <summary>From pairs of neighbours; each may be named either way or both ways. Loops and repetitions are left out.</summary>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="pairs">Numbers of nodes, from 0.</param>
    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static Graph Of(long nodes, IEnumerable<(long A, long B)> pairs)
    {
        var seen = new HashSet<(long, long)>();
        foreach (var (a, b) in pairs)
        {
            if (a < 0 || b < 0 || a >= nodes || b >= nodes)
            {
                throw new ArgumentException($"an edge joins {a} and {b}, but nodes are counted from 0 to {nodes - 1}");
            }

            if (a == b) continue;
            seen.Add((a, b));
            seen.Add((b, a));
        }

        using var scope = new TensorScope();
        (long, long)[] edges = [.. seen.Order()];
        return new Graph(
            nodes,
            scope.KeepForever(Tensor.From([.. edges.Select(edge => edge.Item1)], [edges.Length])),
            scope.KeepForever(Tensor.From([.. edges.Select(edge => edge.Item2)], [edges.Length])), isSymmetric: true);
    }

    /// <summary>From edges as they are, such as a part of a graph that was drawn.</summary>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="sources">Where each edge comes from.</param>
    /// <param name="targets">Where it goes.</param>
    internal static Graph Directed(long nodes, long[] sources, long[] targets)
    {
        foreach (long node in (long[])[.. sources, .. targets])
        {
            if (node < 0 || node >= nodes) throw new ArgumentException($"an edge names node {node}, and there are {nodes}");
        }

        using var scope = new TensorScope();
        return new Graph(
            nodes, scope.KeepForever(Tensor.From(sources, [sources.Length])), scope.KeepForever(Tensor.From(targets, [targets.Length])),
            isSymmetric: false);
    }

    /// <summary>
    /// The adjacency's product: of each node the sum over its neighbours, without a number an edge in memory.
    /// <c>(nodes, width) -> (nodes, width)</c>, of any floating point.
    /// </summary>
    public Tensor Product(Tensor features) => Sums(features, null, false);

    /// <summary>
    /// S (A + I) S X in one pass: the product with each row scaled before and after. <c>(nodes, width) -> (nodes, width)</c>
    /// </summary>
    /// <param name="features">X.</param>
    /// <param name="scale">The diagonal of S, <c>(nodes)</c>, without a gradient.</param>
    /// <param name="loops">Whether each node is its own neighbour: I.</param>
    internal Tensor Product(Tensor features, Tensor scale, bool loops) => Sums(features, scale, loops);

    /// <summary>What is sent along the edges, summed where they end. <c>(edges, …) -> (nodes, …)</c></summary>
    /// <param name="messages">One an edge.</param>
    /// <param name="targets">Where each goes.</param>
    public Tensor Gather(Tensor messages, Tensor targets)
    {
        using var scope = new TensorScope();
        return scope.Keep(Tensor.Zeros([Nodes, .. messages.Shape[1..]], messages.DType).IndexAdd(0, targets, messages));
    }

    /// <summary>A softmax over the edges that end at one node. <c>(edges, heads) -> (edges, heads)</c></summary>
    /// <param name="scores">One an edge and head.</param>
    /// <param name="targets">Where each goes.</param>
    public Tensor Softmax(Tensor scores, Tensor targets)
    {
        using var scope = new TensorScope();
        Tensor greatest;
        using (Gradients.Off())
        {
            greatest = Tensor.Full([Nodes, .. scores.Shape[1..]], double.NegativeInfinity, scores.DType)
                .ScatterReduce(0, targets.Unsqueeze(1).Expand(scores.Shape), scores, "amax").IndexSelect(0, targets);
        }

        var weights = (scores - greatest).Exp();
        return scope.Keep(weights / Gather(weights, targets).IndexSelect(0, targets));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[Sources, Targets, Degrees, SourcesWithLoops, TargetsWithLoops, incoming, starts, outgoing, ends])
            tensor.Dispose();
    }

    private static (Tensor Sources, Tensor Starts) InOrder(Tensor sources, Tensor targets, Tensor degrees)
    {
        var places = targets.Argsort(stable: true, dim: 0);
        var starts = Tensor.Cat([Tensor.Zeros([1], DType.Int64), degrees.To(DType.Int64).Cumsum(0)]);
        return (sources.IndexSelect(0, places).To(DType.Int32), starts);
    }

    private Tensor Sums(Tensor features, Tensor? scale, bool loops) =>
        (Tensor)NeighbourSums.Call(features, starts, incoming, ends, outgoing, scale, loops)[0]!;
}
