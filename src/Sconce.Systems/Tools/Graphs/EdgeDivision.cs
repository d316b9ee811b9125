using Sconce.Data;
using Sconce.Metrics;
using Sconce.Nn;
using Sconce.Tables;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>Edges to learn from, and edges that are held out with as many pairs that are none; every node keeps an edge.</summary>
/// <param name="Names">Of the nodes.</param>
/// <param name="Training">Edges to learn from.</param>
/// <param name="HeldOut">Edges to be told from pairs that are none.</param>
/// <param name="Apart">Such pairs, drawn after the division.</param>
internal sealed record EdgeDivision(
    NodeNames Names, IReadOnlyList<(long A, long B)> Training, IReadOnlyList<(long A, long B)> HeldOut,
    IReadOnlyList<(long A, long B)> Apart)
{
    /// <summary>Reads and divides them by the run's seed.</summary>
    /// <exception cref="TableException">They cannot be used.</exception>
    public static EdgeDivision Open(RunConfiguration configuration, Action<string>? remark, CancellationToken cancellation)
    {
        string path = ProcessorRuns.DataOf(configuration, "a table of edges, CSV or Parquet,");
        var table = EdgeTable.Read(path, cancellation);
        var names = new NodeNames();
        var edges = table.Among(names);
        foreach (string said in table.Remarks()) remark?.Invoke(said);
        var degrees = new int[names.Count];
        foreach (var (a, b) in edges) (degrees[a], degrees[b]) = (degrees[a] + 1, degrees[b] + 1);
        int left = Math.Max(1, (int)Math.Round(configuration.Run.Validation * edges.Count));
        List<(long, long)> training = [], heldOut = [];
        foreach (int k in AugmentationRandom.Permutation(edges.Count, configuration.Run.Seed, 0))
        {
            var (a, b) = edges[k];
            if (left > 0 && degrees[a] > 1 && degrees[b] > 1)
            {
                (degrees[a], degrees[b]) = (degrees[a] - 1, degrees[b] - 1);
                heldOut.Add(edges[k]);
                left--;
            }
            else training.Add(edges[k]);
        }

        if (heldOut.Count == 0)
            throw new TableException(path, "no edge can be held out without a node losing its last one: there is nothing to be judged by");
        return new EdgeDivision(names, training, heldOut, DrawApart(edges, names.Count, heldOut.Count, configuration.Run.Seed));
    }

    /// <summary>The graph of what is learnt from.</summary>
    public Graph Graph() => Graphs.Graph.Of(Names.Count, Training);

    /// <summary>How well the cosine of two embeddings tells edges from pairs that are none: the area under the ROC curve.</summary>
    /// <param name="embeddings"><c>(nodes, width)</c></param>
    public FigureSet Judge(Tensor embeddings)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        var unit = Functional.Normalize(embeddings.To(DType.Float64));
        List<(long A, long B)> pairs = [.. HeldOut, .. Apart];
        var cosines = (Ends(pair => pair.A) * Ends(pair => pair.B)).Sum([-1]);
        bool[] truths = [.. HeldOut.Select(_ => true), .. Apart.Select(_ => false)];
        return new FigureSet { { NodeEmbeddingMethod.Auroc, RankingMetrics.Auroc(cosines.ToArray<double>(), truths) } };

        Tensor Ends(Func<(long A, long B), long> end) => unit.IndexSelect(0, Tensor.From([.. pairs.Select(end)], [pairs.Count]));
    }

    /// <summary>What is kept beside the embeddings.</summary>
    public GraphFolder Folder() => new(
        Names.All, [.. Enumerable.Repeat(NodeKind.Node, Names.Count)], new string?[Names.Count], GraphFolder.Flat(Training));

    private static List<(long, long)> DrawApart(List<(long A, long B)> edges, int nodes, int count, ulong seed)
    {
        var known = edges.Select(edge => (Math.Min(edge.A, edge.B), Math.Max(edge.A, edge.B))).ToHashSet();
        var random = new Random(unchecked((int)seed) ^ nodes);
        var apart = new List<(long, long)>();
        for (long tries = 0; apart.Count < count && tries < 1000L * count; tries++)
        {
            long a = random.Next(nodes), b = random.Next(nodes);
            if (a != b && !known.Contains((Math.Min(a, b), Math.Max(a, b)))) apart.Add((a, b));
        }

        return apart;
    }
}
