using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>A graph of groups whose members know each other more often, with noisy features of each group: a stochastic block
/// model.</summary>
internal sealed class BlockModel : IDisposable
{
    internal const int Nodes = 400, Blocks = 4, Features = 16;
    private const int Labelled = 10; // of each block
    private const double Within = 0.04, Between = 0.012, FeatureDeviation = 0.45;

    /// <summary>Draws one.</summary>
    internal BlockModel(int seed)
    {
        using var scope = new TensorScope();
        using var generator = new Generator((ulong)seed);
        var random = new Random(seed);
        long[] blocks = [.. Enumerable.Range(0, Nodes).Select(node => (long)(node % Blocks))];
        var edges = new List<(long, long)>();
        for (int a = 0; a < Nodes; a++)
        {
            for (int b = a + 1; b < Nodes; b++)
            {
                if (random.NextDouble() < (blocks[a] == blocks[b] ? Within : Between)) edges.Add((a, b));
            }

            if (!edges.Exists(edge => edge.Item1 == a || edge.Item2 == a)) edges.Add((a, (a + 1) % Nodes)); // nobody is alone
        }

        Graph = Graph.Of(Nodes, edges);
        var centres = Tensor.Zeros([Blocks, Features]).NormalInPlace(0, FeatureDeviation, generator);
        Labels = scope.KeepForever(Tensor.From(blocks));
        Inputs = scope.KeepForever(centres.IndexSelect(0, Labels) + Tensor.Zeros([Nodes, Features]).NormalInPlace(0, 1, generator));
        int[] order = [.. Enumerable.Range(0, Nodes)];
        random.Shuffle(order);
        long[] known = [.. order.GroupBy(node => blocks[node]).SelectMany(group => group.Take(Labelled)).Select(node => (long)node)];
        Known = scope.KeepForever(Tensor.From(known));
        Unknown = scope.KeepForever(Tensor.From([.. order.Select(node => (long)node).Except(known)]));
    }

    internal Graph Graph { get; }

    /// <summary><c>(nodes, 16)</c></summary>
    internal Tensor Inputs { get; }

    /// <summary>The block of each node.</summary>
    internal Tensor Labels { get; }

    /// <summary>Nodes whose block is told.</summary>
    internal Tensor Known { get; }

    /// <summary>The others.</summary>
    internal Tensor Unknown { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Graph.Dispose();
        foreach (var tensor in (Tensor[])[Inputs, Labels, Known, Unknown]) tensor.Dispose();
    }
}
