using Sconce.Tests.Common;
using Sconce.Tests.Optim;
using Sconce.Torch;
using Xunit;

namespace Sconce.Tests.Maths;

/// <summary>A graph's sparse product, scaled before and after (native/neighbours.cpp).</summary>
[Collection(LiveTensors.Name)]
public sealed class NeighbourSumsTests
{
    private static readonly Operator NeighbourSums = Operator.Find("sconce::neighbour_sums");

    public static TheoryData<int, DType> Sizes
    {
        get
        {
            var data = new TheoryData<int, DType>();
            foreach (int width in (int[])[1, 5, 8, 24, 40, 64, 75, 130]) data.Add(width, DType.Float32);
            data.Add(5, DType.Float64);
            data.Add(0, DType.Float32);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void It_is_the_dense_product_with_and_without_loops_and_scale(int width, DType type)
    {
        using var scope = new TensorScope();
        var edges = new Edges(50, isSymmetric: false);
        Tensor x = Tensor.Randn([50, width], type), scale = Tensor.Rand([50]);
        foreach (var (by, loops) in ((Tensor?, bool)[])[(null, false), (null, true), (scale, false), (scale, true)])
        {
            Tensor answer = edges.Product(x, by, loops), exact = edges.Dense(by, loops).Matmul(x.To(DType.Float64));
            Assert.Equal(x.Shape.ToArray(), answer.Shape.ToArray());
            Assert.Equal(type, answer.DType);
            if (width > 0) Assert.True((answer.To(DType.Float64) - exact).Abs().Max().Item<double>() < 1e-4);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Its_gradient_is_the_turned_matrix_and_that_of_the_gradient_the_matrix_again(bool isSymmetric)
    {
        using var scope = new TensorScope();
        var edges = new Edges(30, isSymmetric);
        Tensor x = Tensor.Randn([30, 20]).WithGrad(), scale = Tensor.Rand([30]);
        var dense = edges.Dense(scale, loops: true).To(DType.Float32);
        Tensor[] Of(Func<Tensor, Tensor> product)
        {
            var first = Gradients.Of([product(x).Pow(3).Sum()], [x], createGraph: true)[0];
            return [first, Gradients.Of([first.Square().Sum()], [x])[0]];
        }

        foreach (var (own, exact) in Of(y => edges.Product(y, scale, true)).Zip(Of(y => dense.Matmul(y))))
            Assert.True((own - exact).Abs().Max().Item<double>() < 1e-4 * Math.Max(1, exact.Abs().Max().Item<double>()));
    }

    [Fact]
    public void Nodes_without_neighbours_receive_nothing_and_a_graph_may_have_no_edge_or_no_node()
    {
        using var scope = new TensorScope();
        foreach (int nodes in (int[])[0, 4])
        {
            Tensor starts = Tensor.Zeros([nodes + 1], DType.Int64), none = Tensor.Zeros([0], DType.Int32), x = Tensor.Randn([nodes, 9]);
            var sums = (Tensor)NeighbourSums.Call(x, starts, none, starts, none, null, false)[0]!;
            Assert.Equal([nodes, 9], sums.Shape.ToArray());
            Assert.Equal(0, sums.Abs().Sum().Item<double>());
        }
    }

    [Fact]
    public void Any_number_of_threads_gives_the_very_same_sums()
    {
        using var scope = new TensorScope();
        var edges = new Edges(700, isSymmetric: true);
        var x = Tensor.Randn([700, 64]);
        using var kept = new KeptThreads();
        TorchRuntime.Threads = 1;
        var alone = edges.Product(x, null, true);
        TorchRuntime.Threads = 3;
        Assert.True(alone.Equal(edges.Product(x, null, true)));
    }

    [Fact]
    public void Starts_of_another_graph_and_a_scale_of_another_length_are_refused()
    {
        using var scope = new TensorScope();
        var edges = new Edges(5, isSymmetric: true);
        Assert.Throws<TorchException>(() => edges.Product(Tensor.Ones([6, 2]), null, false));
        Assert.Throws<TorchException>(() => edges.Product(Tensor.Ones([5, 2]), Tensor.Ones([4]), false));
    }

    [Theory]
    [InlineData(new long[] { 0, 1, 2 }, new[] { 1, 2 })]
    [InlineData(new long[] { 0, 1, 2 }, new[] { -1, 0 })]
    [InlineData(new long[] { 0, 1, 3 }, new[] { 0, 1 })]
    [InlineData(new long[] { 0, 3, 2 }, new[] { 0, 1 })]
    public void Edges_that_lead_out_of_the_graph_are_refused_before_anything_is_read(long[] starts, int[] sources)
    {
        using var scope = new TensorScope();
        Tensor start = Tensor.From(starts, [3]), source = Tensor.From(sources, [2]), x = Tensor.Ones([2, 4]);
        Assert.Throws<TorchException>(() => NeighbourSums.Call(x, start, source, start, source, null, false));
    }

    /// <summary>Some edges of few, one node of many, the last of none.</summary>
    private sealed class Edges
    {
        private readonly Tensor matrix, starts, sources, ends, targets;

        public Edges(int nodes, bool isSymmetric)
        {
            var random = new Random(nodes);
            var has = new bool[nodes, nodes];
            for (int row = 0; row < nodes - 1; row++)
            {
                for (int column = 0; column < nodes - 1; column++)
                {
                    if (row == column || random.Next(row == 2 ? 2 : 12) > 0) continue;
                    has[row, column] = true;
                    if (isSymmetric) has[column, row] = true;
                }
            }

            matrix = Tensor.From([.. has.Cast<bool>().Select(there => there ? 1.0 : 0)], [nodes, nodes]);
            (starts, sources) = Lists(matrix);
            (ends, targets) = isSymmetric ? (starts, sources) : Lists(matrix.T());
        }

        public Tensor Product(Tensor x, Tensor? scale, bool loops) =>
            (Tensor)NeighbourSums.Call(x, starts, sources, ends, targets, scale, loops)[0]!;

        public Tensor Dense(Tensor? scale, bool loops)
        {
            var all = loops ? matrix + Tensor.Eye(matrix.Size(0), DType.Float64) : matrix;
            var by = scale?.To(DType.Float64);
            return by is null ? all : by.Unsqueeze(1) * all * by;
        }

        private static (Tensor Starts, Tensor Places) Lists(Tensor matrix)
        {
            double[] counts = matrix.Sum([1]).ToArray<double>();
            long[] starts = new long[counts.Length + 1];
            for (int k = 0; k < counts.Length; k++) starts[k + 1] = starts[k] + (long)counts[k];
            return (Tensor.From(starts, [starts.Length]), matrix.Nonzero()[.., 1].To(DType.Int32).Contiguous());
        }
    }
}
