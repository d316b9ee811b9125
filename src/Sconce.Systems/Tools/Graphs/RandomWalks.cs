namespace Sconce.Systems.Tools.Graphs;

/// <summary>Walks that go on to any neighbour alike, as DeepWalk draws them (1403.6652).</summary>
public sealed class RandomWalks
{
    private readonly long[] targets;
    private readonly int[] starts; // of each node's edges, and one past the last

    /// <summary>Of a graph, whose edges are sorted by their source.</summary>
    public RandomWalks(Graph graph)
    {
        targets = graph.Targets.ToArray<long>();
        long[] sources = graph.Sources.ToArray<long>();
        starts = new int[graph.Nodes + 1];
        foreach (long source in sources) starts[source + 1]++;
        for (int node = 0; node < graph.Nodes; node++) starts[node + 1] += starts[node];
    }

    /// <summary>A node drawn as often as walks are at it in the long run: by its degree.</summary>
    public long StationaryStart(Random random) => targets[random.Next(targets.Length)];

    /// <summary>The nodes of a walk; it ends early at a node without neighbours.</summary>
    /// <param name="start">The first node.</param>
    /// <param name="steps">Nodes in all.</param>
    /// <param name="random">Draws.</param>
    public IReadOnlyList<long> Walk(long start, int steps, Random random)
    {
        var nodes = new List<long>(steps) { start };
        while (nodes.Count < steps)
        {
            int first = starts[nodes[^1]], count = starts[nodes[^1] + 1] - first;
            if (count == 0) break;
            nodes.Add(targets[first + random.Next(count)]);
        }

        return nodes;
    }

    /// <summary>How often two nodes are within a window on walks from the stationary distribution, row by row, both ways.</summary>
    /// <param name="walks">How many.</param>
    /// <param name="length">Nodes of each.</param>
    /// <param name="window">Steps between the two at most.</param>
    /// <param name="random">Draws.</param>
    public double[] Pairs(int walks, int length, int window, Random random)
    {
        int nodes = starts.Length - 1;
        var counts = new double[nodes * nodes];
        for (int k = 0; k < walks; k++)
        {
            var walk = Walk(StationaryStart(random), length, random);
            for (int at = 0; at < walk.Count; at++)
            {
                for (int next = at + 1; next < Math.Min(walk.Count, at + window + 1); next++)
                {
                    counts[(walk[at] * nodes) + walk[next]]++;
                    counts[(walk[next] * nodes) + walk[at]]++;
                }
            }
        }

        return counts;
    }
}
