using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// NetMF: what DeepWalk factorises in the limit of endless walks, in closed form, and its embedding. All in float64. 1710.02971, official
/// netmf.py.
/// </summary>
public static class NetMf
{
    /// <summary>A graph's adjacency, <c>(nodes, nodes)</c> of 0 and 1: for graphs whose square fits into memory.</summary>
    public static Tensor Adjacency(Graph graph)
    {
        using var scope = new TensorScope();
        var flat = Tensor.Zeros([graph.Nodes * graph.Nodes], DType.Float64);
        var ones = Tensor.Ones([graph.Sources.Size(0)], DType.Float64);
        return scope.Keep(flat.IndexAdd(0, (graph.Sources * graph.Nodes) + graph.Targets, ones).Reshape([graph.Nodes, graph.Nodes]));
    }

    /// <summary>M = vol / (b T) · (Σ_{r ≤ T} (D⁻¹ A)^r) D⁻¹; eq. 4. <c>(nodes, nodes) -> (nodes, nodes)</c></summary>
    /// <param name="adjacency">Symmetric, 0 or more; every node has a neighbour.</param>
    /// <param name="window">T: steps between a word and its context.</param>
    /// <param name="negatives">b: negative samples.</param>
    public static Tensor Matrix(Tensor adjacency, int window, double negatives)
    {
        using var scope = new TensorScope();
        var degrees = Degrees(adjacency);
        var walk = adjacency / degrees.Unsqueeze(1);
        Tensor power = walk, sum = walk;
        for (int r = 1; r < window; r++)
        {
            power = power.Matmul(walk);
            sum += power;
        }

        return scope.Keep(sum * degrees.Sum() / degrees / (negatives * window));
    }

    /// <summary>
    /// The same through the spectrum of D^-½ A D^-½; with a rank, of the largest eigenvalues alone (NetMF for large windows, algorithm 4).
    /// </summary>
    /// <param name="adjacency">See <see cref="Matrix"/>.</param>
    /// <param name="window">T.</param>
    /// <param name="negatives">b.</param>
    /// <param name="rank">Eigenvalues kept, whose filter is floored at 0; null for all, unfloored.</param>
    public static Tensor FromSpectrum(Tensor adjacency, int window, double negatives, int? rank = null)
    {
        using var scope = new TensorScope();
        var degrees = Degrees(adjacency);
        var roots = degrees.Rsqrt();
        var (values, vectors) = (roots.Unsqueeze(1) * adjacency * roots).LinalgEigh();
        if (rank is { } kept)
        {
            values = values[^kept..];
            vectors = vectors[.., ^kept..];
        }

        Tensor power = values, filter = values;
        for (int r = 1; r < window; r++)
        {
            power *= values;
            filter += power;
        }

        filter /= window;
        if (rank is not null) filter = filter.ClampMin(0);
        var sides = roots.Unsqueeze(1) * vectors;
        return scope.Keep((sides * filter).Matmul(sides.T()) * (degrees.Sum() / negatives));
    }

    /// <summary>log max(M, 1).</summary>
    public static Tensor Log(Tensor matrix)
    {
        using var scope = new TensorScope();
        return scope.Keep(matrix.ClampMin(1).Log());
    }

    /// <summary>
    /// U √S of the largest singular values. The sign of each column is free. <c>(nodes, nodes) -> (nodes, width), (width)</c>
    /// </summary>
    /// <param name="log">See <see cref="Log"/>.</param>
    /// <param name="width">Numbers of an embedding.</param>
    public static (Tensor Embedding, Tensor Singular) Embed(Tensor log, int width)
    {
        using var scope = new TensorScope();
        var (u, singular, _) = Functional.LinalgSvd(log, fullMatrices: false);
        singular = singular[..width];
        return scope.Keep((u[.., ..width] * singular.Sqrt(), singular.Contiguous()));
    }

    private static Tensor Degrees(Tensor adjacency) => adjacency.Sum([1]);
}
