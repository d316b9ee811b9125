namespace Sconce.Systems.Tools.Graphs;

/// <summary>Some neighbours of some nodes, and some of theirs: a part of a graph that a batch fits into. 1706.02216 algorithm 2.</summary>
internal sealed class NeighbourSampler
{
    private readonly long[] neighbours;
    private readonly long[] starts; // of each node's neighbours, and one past the last

    /// <summary>Of an undirected graph, whose edges are sorted by their source.</summary>
    public NeighbourSampler(Graph graph)
    {
        neighbours = graph.Targets.ToArray<long>();
        starts = new long[graph.Nodes + 1];
        foreach (long source in graph.Sources.ToArray<long>()) starts[source + 1]++;
        for (long node = 0; node < graph.Nodes; node++) starts[node + 1] += starts[node];
    }

    /// <summary>The nodes of the part, the seeds first, and its graph, whose edges lead towards the seeds.</summary>
    /// <param name="seeds">Different nodes.</param>
    /// <param name="counts">Neighbours at most, hop by hop.</param>
    /// <param name="random">Draws.</param>
    public (long[] Nodes, Graph Part) Sample(IReadOnlyList<long> seeds, IReadOnlyList<int> counts, Random random)
    {
        var places = new Dictionary<long, long>(seeds.Count * 4);
        var nodes = new List<long>(seeds.Count * 4);
        foreach (long seed in seeds) Place(seed);
        List<long> sources = [], targets = [];
        int first = 0;
        foreach (int count in counts)
        {
            int last = nodes.Count;
            for (int k = first; k < last; k++)
            {
                foreach (long neighbour in Some(nodes[k], count, random))
                {
                    sources.Add(Place(neighbour));
                    targets.Add(k);
                }
            }

            first = last;
        }

        return ([.. nodes], Graph.Directed(nodes.Count, [.. sources], [.. targets]));

        long Place(long node)
        {
            if (!places.TryGetValue(node, out long place))
            {
                places[node] = place = nodes.Count;
                nodes.Add(node);
            }

            return place;
        }
    }

    /// <summary>All neighbours where there are no more than that, else so many different ones.</summary>
    private IEnumerable<long> Some(long node, int count, Random random)
    {
        long from = starts[node], degree = starts[node + 1] - from;
        if (degree <= count) return new ArraySegment<long>(neighbours, (int)from, (int)degree);
        var chosen = new HashSet<long>(count); // Floyd's algorithm: as many draws as neighbours are wanted
        for (long last = degree - count; last < degree; last++)
        {
            long drawn = random.NextInt64(last + 1);
            if (!chosen.Add(drawn)) chosen.Add(last);
        }

        return chosen.Order().Select(place => neighbours[from + place]);
    }
}
