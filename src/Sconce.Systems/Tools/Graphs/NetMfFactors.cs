using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// NetMF's embedding of graphs of any size: small ones by the closed form itself; of large ones the spectrum by sparse products, and the
/// factors by products with log max(M, 1), of which only some rows are in memory at once. 1710.02971 algorithms 3 and 4, with the
/// randomised range finder of 0909.4061 in place of ARPACK.
/// </summary>
internal static class NetMfFactors
{
    private const int ExactNodes = 600, DenseNodes = 4000, Iterations = 4, More = 16;
    private const long BlockNumbers = 1 << 24;

    /// <summary><c>(nodes, width)</c> float32; outlives the scope around.</summary>
    public static Tensor Embed(
        Graph graph, NodeEmbeddingSettings settings, Generator generator, IProgress<WorkProgress>? progress, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        int width = (int)Math.Min(settings.Width, graph.Nodes);
        if (graph.Nodes <= ExactNodes) return scope.KeepForever(NetMf.Embed(Logarithm(), width).Embedding.To(DType.Float32).Contiguous());
        int passes = 0;
        Func<Tensor, Tensor> product;
        if (graph.Nodes <= DenseNodes)
        {
            var log = Logarithm().To(DType.Float32);
            product = log.Matmul;
        }
        else
        {
            var sides = Sides(graph, settings, generator, cancellation);
            product = columns => LogProduct(sides, columns, cancellation);
        }

        var (values, vectors) = Largest(Told, graph.Nodes, width, generator);
        return scope.KeepForever((vectors * values.Abs().Sqrt()).Contiguous());

        Tensor Logarithm() => NetMf.Log(NetMf.Matrix(NetMf.Adjacency(graph), settings.Window, settings.Negatives ?? 1));

        Tensor Told(Tensor columns)
        {
            progress?.Report(new WorkProgress("factorising", passes++, Iterations + 2));
            return product(columns);
        }
    }

    /// <summary>
    /// The eigenvalues of largest magnitude of a symmetric matrix that is known by its products, and their vectors.
    /// <c>-> (width), (n, width)</c>
    /// </summary>
    internal static (Tensor Values, Tensor Vectors) Largest(Func<Tensor, Tensor> product, long n, int width, Generator generator)
    {
        using var scope = new TensorScope();
        var range = Tensor.Randn([n, Math.Min(n, width + More)], generator);
        for (int k = 0; k <= Iterations; k++) range = Functional.LinalgQr(product(range)).Item1;
        var (values, turned) = range.T().Matmul(product(range)).To(DType.Float64).LinalgEigh();
        var order = values.Abs().Argsort(stable: true, dim: 0, descending: true)[..width];
        return scope.Keep((
            values.IndexSelect(0, order).To(DType.Float32), range.Matmul(turned.IndexSelect(1, order).To(DType.Float32))));
    }

    /// <summary>X with M ≈ X Xᵀ: D^-½ U √f(Λ) √(vol / b), the filter floored at 0.</summary>
    private static Tensor Sides(Graph graph, NodeEmbeddingSettings settings, Generator generator, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        var roots = graph.Degrees.Rsqrt().Unsqueeze(1);
        int rank = (int)Math.Min(settings.Rank, graph.Nodes);
        var (values, vectors) = Largest(Normalised, graph.Nodes, rank, generator);
        Tensor power = values, filter = values;
        for (int r = 1; r < settings.Window; r++)
        {
            power *= values;
            filter += power;
        }

        var scale = (filter / settings.Window).ClampMin(0) * (graph.Degrees.Sum() / (settings.Negatives ?? 1));
        return scope.Keep(roots * vectors * scale.Sqrt());

        Tensor Normalised(Tensor columns)
        {
            cancellation.ThrowIfCancellationRequested();
            return graph.Product(columns, roots.Squeeze(1), loops: false);
        }
    }

    private static Tensor LogProduct(Tensor sides, Tensor columns, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        int rows = (int)Math.Max(16, BlockNumbers / sides.Size(0));
        var parts = new List<Tensor>();
        for (long first = 0; first < sides.Size(0); first += rows)
        {
            cancellation.ThrowIfCancellationRequested();
            using var block = new TensorScope();
            var some = sides[(int)first..(int)Math.Min(sides.Size(0), first + rows)];
            parts.Add(block.Keep(NetMf.Log(some.Matmul(sides.T())).Matmul(columns)));
        }

        return scope.Keep(Tensor.Cat([.. parts]));
    }
}
