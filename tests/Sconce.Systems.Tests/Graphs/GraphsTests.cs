using Sconce.Systems.Tools.Graphs;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Graphs;

[Collection(LiveTensors.Name)]
public class GraphsTests
{
    private static Graph Ring(long nodes) => Graph.Of(nodes, Enumerable.Range(0, (int)nodes).Select(k => ((long)k, (k + 1L) % nodes)));

    [Fact]
    public void Layers_have_PyGs_keys_and_classifiers_the_papers_sizes()
    {
        using var gcn = new GcnClassifier(1433, 16, 7);
        Assert.Equal(23_063, gcn.ParameterCount);
        Assert.Equal(
            ["conv1.bias", "conv1.lin.weight", "conv2.bias", "conv2.lin.weight"], gcn.StateDict().Select(entry => entry.Name).Order());
        using var gat = new GatClassifier(1433, 8, 8, 7);
        Assert.Equal(92_373, gat.ParameterCount);
        using var sage = new SageConvolution(4, 2);
        Assert.Equal(["lin_l.weight", "lin_l.bias", "lin_r.weight"], sage.StateDict().Select(entry => entry.Name));
        using var second = new GraphAttentionV2(new GraphAttentionConfig(6, 4, 2));
        Assert.Equal(128, second.ParameterCount);
        using var lightGcn = new LightGcn(3, 5, 8);
        Assert.Equal(["embedding_user.weight", "embedding_item.weight"], lightGcn.StateDict().Select(entry => entry.Name));
    }

    [Fact]
    public void Loops_and_repeated_edges_are_left_out()
    {
        using var graph = Graph.Of(3, [(0, 1), (1, 0), (0, 1), (2, 2)]);
        Assert.Equal([0L, 1], graph.Sources.ToArray<long>());
        Assert.Equal([1f, 1, 0], graph.Degrees.ToArray<float>());
    }

    [Fact]
    public void Products_and_their_gradients_are_the_dense_matrixs_of_one_way_and_of_both_ways()
    {
        using var scope = new TensorScope();
        long[] sources = [0, 1, 1, 4, 3], targets = [1, 2, 0, 1, 1];
        using Graph oneWay = Graph.Directed(6, sources, targets), both = Graph.Of(6, sources.Zip(targets));
        foreach (var graph in (Graph[])[oneWay, both])
        {
            var dense = Tensor.Zeros([6, 6]).IndexPut([graph.Targets, graph.Sources], Tensor.Ones([graph.Sources.Size(0)]));
            Tensor x = Tensor.Randn([6, 9]).WithGrad(), by = Tensor.Randn([6, 9]), scale = Tensor.Rand([6]);
            var diagonal = scale.Diag();
            var scaled = diagonal.Matmul(dense + Tensor.Eye(6)).Matmul(diagonal);
            foreach (var (product, matrix) in ((Tensor, Tensor)[])[(graph.Product(x), dense), (graph.Product(x, scale, true), scaled)])
            {
                Assert.True((product - matrix.Matmul(x)).Abs().Max().Item<double>() < 1e-5);
                var gradient = Gradients.Of([(product * by).Sum()], [x])[0];
                Assert.True((gradient - matrix.T().Matmul(by)).Abs().Max().Item<double>() < 1e-5);
            }
        }

        Assert.Throws<ArgumentException>(() => Graph.Directed(3, [0], [3]));
    }

    [Fact]
    public void Renumbering_the_nodes_renumbers_the_answer()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        (long A, long B)[] edges = [(0, 1), (1, 2), (2, 3), (3, 4), (1, 4), (0, 5)];
        long[] places = [3, 5, 0, 1, 4, 2];
        using Graph graph = Graph.Of(6, edges), renumbered = Graph.Of(6, edges.Select(edge => (places[edge.A], places[edge.B])));
        var features = Tensor.Randn([6, 4]);
        var moved = Tensor.Zeros([6, 4]).IndexCopy(0, Tensor.From(places), features);
        using var layer = new GraphAttention(new GraphAttentionConfig(4, 3, 2));
        var difference = layer.Call(features, graph) - layer.Call(moved, renumbered).IndexSelect(0, Tensor.From(places));
        Assert.True(difference.Abs().Max().Item<double>() < 1e-5);
    }

    [Fact]
    public void Attention_over_equal_neighbours_is_their_mean_and_a_lonely_node_sees_itself()
    {
        using var scope = new TensorScope();
        using var off = Gradients.Off();
        using var graph = Graph.Of(4, [(0, 1), (1, 2)]);
        using var layer = new GraphAttention(new GraphAttentionConfig(3, 2, 1));
        var output = layer.Call(Tensor.Ones([4, 3]), graph);
        Assert.True((output - output[0..1]).Abs().Max().Item<double>() < 1e-6);
    }

    [Fact]
    public void LightGCN_without_smoothing_is_matrix_factorisation()
    {
        using var scope = new TensorScope();
        using var graph = LightGcn.Bipartite(3, 4, [(0, 0), (1, 3), (2, 1)]);
        Tensor users = Tensor.Randn([3, 5]), items = Tensor.Randn([4, 5]);
        var (smoothUsers, smoothItems) = LightGcn.Propagate(users, items, graph, 0);
        Assert.Equal(0, (smoothUsers - users).Abs().Max().Item<double>() + (smoothItems - items).Abs().Max().Item<double>());
    }

    [Fact]
    public void What_walks_count_is_the_closed_forms_matrix()
    {
        using var scope = new TensorScope();
        var random = new Random(3);
        var edges = Enumerable.Range(0, 12).SelectMany(a => Enumerable.Range(0, 12).Where(b => b > a && random.Next(3) == 0)
            .Select(b => ((long)a, (long)b))).Concat(Enumerable.Range(0, 12).Select(a => ((long)a, (a + 1L) % 12)));
        using var graph = Graph.Of(12, [.. edges]);
        const int window = 3;
        double[] counts = new RandomWalks(graph).Pairs(4000, 40, window, random);
        var counted = Tensor.From(counts, [12, 12]);
        var seen = counted * counted.Sum() / (counted.Sum([0], keepdim: true) * counted.Sum([1], keepdim: true));
        var matrix = NetMf.Matrix(NetMf.Adjacency(graph), window, 1);
        Assert.True(((seen - matrix).Abs().Mean() / matrix.Mean()).Item<double>() < 0.05);
    }

    [Fact]
    public void All_of_the_spectrum_gives_the_same_matrix_and_an_embedding_of_full_width_its_logarithm()
    {
        using var scope = new TensorScope();
        using var graph = Ring(7);
        var adjacency = NetMf.Adjacency(graph);
        var matrix = NetMf.Matrix(adjacency, 4, 2);
        Assert.True((matrix - NetMf.FromSpectrum(adjacency, 4, 2)).Abs().Max().Item<double>() < 1e-10);
        Assert.Equal([7, 7], NetMf.FromSpectrum(adjacency, 4, 2, rank: 3).Shape.ToArray());
    }

    [Fact]
    public void An_edge_to_a_node_that_is_not_there_is_refused()
    {
        Assert.Throws<ArgumentException>(() => Graph.Of(3, [(0, 3)]));
        Assert.Throws<ArgumentException>(() => Graph.Of(3, [(-1, 0)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LightGcn(2, 2, layers: -1));
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        Once();
        long live = LiveTensors.Count;
        Once();
        Assert.Equal(live, LiveTensors.Count);

        static void Once()
        {
            using var graph = Ring(5);
            using var network = new GatClassifier(3, 2, 2, 4);
            using var scope = new TensorScope();
            network.Call(Tensor.Randn([5, 3]), graph);
        }
    }
}
