using System.Globalization;
using System.Text;
using Sconce.Abilities;
using Sconce.Systems.Tools.Graphs;
using Sconce.Tables;
using Sconce.Torch;
using Xunit;

namespace Sconce.Systems.Tests.Graphs;

[Collection(LiveTensors.Name)]
public sealed class GraphRunTests : IDisposable
{
    private readonly RunFixture runs = new(new GraphsSystem());

    public void Dispose() => runs.Dispose();

    [Theory]
    [InlineData("gcn", false)]
    [InlineData("sage", true)]
    [InlineData("gat", false)]
    [InlineData("gatv2", true)]
    public void Nodes_are_learnt_resumed_judged_classified_and_embedded(string network, bool inBatches)
    {
        var (edges, nodes) = Blocks();
        var settings = new NodeSettings { Nodes = nodes, Heads = 2, Neighbours = inBatches ? [5, 3] : null };
        settings = settings with { Run = settings.Run with { Data = edges, Epochs = 6, Batch = 16, Threads = 1 } };
        var whole = runs.Train("whole", network, settings);
        runs.Stop("stopped", network, settings, 3);
        Assert.Equal(whole.Best!.Figures, runs.Train("stopped", network, settings).Best!.Figures);
        Assert.Equal(runs.Best("whole"), runs.Best("stopped"));

        var report = runs.MethodOf(network).Evaluate(runs.Trained("whole", network, settings), null, 16, null, default);
        Assert.Equal(whole.Best.Figures["accuracy"], report.Figures["accuracy"], 1e-9);
        using var session = new GraphClassify().Open(runs.Request("whole", network, settings));
        var rows = session.Ask(Nothing.Instance, new GraphClassifySettings { Node = ["n3", "n0"] });
        Assert.Equal(["n3", "n0"], rows.Items.Select(row => row[0]));
        Assert.All(rows.Items, row => Assert.InRange((double)row[2]!, 0.5, 1));
        var again = session.Ask(Nothing.Instance, new GraphClassifySettings { Edges = edges, Nodes = nodes });
        Assert.Equal(session.Ask(Nothing.Instance).Items.Select(row => row[1]), again.Items.Select(row => row[1]));
        using var embedding = new GraphEmbed().Open(runs.Request("whole", network, settings));
        Assert.Equal(40, embedding.Ask(Nothing.Instance).Table.Rows);
    }

    [Fact]
    public void Recommendations_are_learnt_resumed_and_asked_for_by_name()
    {
        string taken = Taken();
        var settings = new RecommenderSettings { Width = 8, At = 3 };
        settings = settings with { Run = settings.Run with { Data = taken, Epochs = 3, Batch = 32, Threads = 1 } };
        var whole = runs.Train("whole", "lightgcn", settings);
        runs.Stop("stopped", "lightgcn", settings, 4);
        runs.Train("stopped", "lightgcn", settings);
        Assert.Equal(runs.Best("whole"), runs.Best("stopped"));

        var report = runs.MethodOf("lightgcn").Evaluate(runs.Trained("whole", "lightgcn", settings), null, 16, null, default);
        Assert.Equal(whole.Best!.Figures["recall@3"], report.Figures["recall@3"], 1e-9);
        Assert.Equal("what is taken most", report.Rows[1].Name);
        using var session = new GraphRecommend().Open(runs.Request("whole", "lightgcn", settings));
        var rows = session.Ask(Nothing.Instance, new RecommendSettings { User = "7", Count = 4 });
        Assert.Equal(4, rows.Items.Count);
        Assert.Equal("lightgcn", rows.Items[0][3]);
        var learnt = Interactions.Open(runs.Trained("whole", "lightgcn", settings).Configuration!, null, default);
        long user = learnt.Users.Find("7")!.Value;
        Assert.All(rows.Items, row => Assert.DoesNotContain(learnt.Items.Find((string)row[1]!)!.Value, learnt.Taken()[user]));
        var stranger = session.Ask(Nothing.Instance, new RecommendSettings { User = "nobody", Count = 2 });
        Assert.Equal("what is taken most", stranger.Items[0][3]);
        Assert.True((double)stranger.Items[0][2]! >= (double)stranger.Items[1][2]!);
    }

    [Theory]
    [InlineData("netmf")]
    [InlineData("deepwalk")]
    public void Embeddings_tell_edges_that_were_held_out(string network)
    {
        var (edges, _) = Blocks();
        var settings = new NodeEmbeddingSettings { Width = 8, Window = 3, WalkLength = 20 };
        settings = settings with
        {
            Run = settings.Run with { Data = edges, Epochs = 10, Batch = 4, Validation = 0.15, Threads = 1 },
            Optimization = settings.Optimization with { LearningRate = 0.02 },
        };
        var result = runs.Train("run", network, settings);
        Assert.InRange(result.Best!.Figures["auroc"], 0.6, 1);
        using var session = new GraphEmbed().Open(runs.Request("run", network, settings));
        var table = session.Ask(Nothing.Instance).Table;
        Assert.Equal(["node", "x0"], table.Columns.Take(2).Select(column => column.Name));
        Assert.Equal(40, table.Rows);
        Assert.Contains("n39", Enumerable.Range(0, 40).Select(table["node"].Text));
    }

    [Fact]
    public void Factors_of_a_large_graph_are_those_of_its_closed_form()
    {
        using var scope = new TensorScope();
        using var model = new BlockModel(3);
        var settings = new NodeEmbeddingSettings { Width = 400, Window = 4, Negatives = 1, Rank = 400 };
        var log = NetMf.Log(NetMf.Matrix(NetMf.Adjacency(model.Graph), 4, 1)).To(DType.Float32);
        using var generator = new Generator(1);
        var (values, vectors) = NetMfFactors.Largest(log.Matmul, 400, 64, generator);
        var exact = log.To(DType.Float64).LinalgEigh().Item1.ToArray<double>().OrderByDescending(Math.Abs).Take(4).ToArray();
        float[] found = values.ToArray<float>();
        for (int k = 0; k < 4; k++) Assert.Equal(exact[k], found[k], 1e-2);
        Assert.Equal(64, vectors.Size(1));
        Assert.Equal(400, NetMfFactors.Embed(model.Graph, settings, generator, null, default).Size(0));
    }

    [Fact]
    public void Loops_doubles_and_lonely_nodes_are_told_and_headers_may_be_missing()
    {
        string edges = runs.Write("plain.txt", "# a graph\n0 1\n1 0\n2 2\n1 2\n");
        string nodes = runs.Write("nodes.csv", "id,label,x\n0,a,1\n1,b,2\n2,a,3\n3,b,4\n");
        var said = new List<string>();
        var settings = new NodeSettings { Nodes = nodes };
        settings = settings with { Run = settings.Run with { Data = edges } };
        using var run = runs.Open("gcn", settings, said.Add);
        Assert.Contains(said, line => line.Contains("1 rows join a node to itself", StringComparison.Ordinal));
        Assert.Contains(said, line => line.Contains("1 rows say what another says", StringComparison.Ordinal));
        Assert.Contains(said, line => line.Contains("1 of 4 nodes have no edge", StringComparison.Ordinal));
        Assert.Contains("2 edges", run.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("source,target\na,\n", "an end of the edge is blank")]
    [InlineData("source,target\na,zz\n", "names 'zz'")]
    [InlineData("source,target\na,a\n", "joins two different nodes")]
    [InlineData("source\na\n", "an edge has two ends")]
    public void What_no_edge_list_can_be_is_told(string text, string said)
    {
        string nodes = runs.Write("nodes.csv", "id,label,x\na,k,1\nb,l,2\nc,k,3\nd,l,3\n");
        var settings = new NodeSettings { Nodes = nodes };
        settings = settings with { Run = settings.Run with { Data = runs.Write("edges.csv", text) } };
        Assert.Contains(said, Assert.Throws<TableException>(() => runs.Open("gcn", settings)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_has_learnt_nothing_recommends_nothing()
    {
        var request = new MadeRequest(() => new LightGcn(2, 2), new Recommending());
        Assert.Contains("name the folder of a run", Assert.Throws<UsageException>(() => new GraphRecommend().Open(request)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_product_is_the_sum_of_neighbours()
    {
        using var scope = new TensorScope();
        using var graph = Graph.Of(4, [(0, 1), (1, 2)]);
        var product = graph.Product(Tensor.From([1f, 10, 100, 1000], [4, 1]));
        Assert.Equal([10f, 101, 10, 0], product.ToArray<float>());
    }

    /// <summary>Two groups of twenty whose members know each other.</summary>
    private (string Edges, string Nodes) Blocks()
    {
        var random = new Random(5);
        var edges = new StringBuilder("source,target\n");
        var nodes = new StringBuilder("id,label,x,y\n");
        for (int a = 0; a < 40; a++)
        {
            string label = a % 5 == 4 ? "" : a % 2 == 0 ? "even" : "odd";
            nodes.AppendLine(CultureInfo.InvariantCulture, $"n{a},{label},{(a % 2) + random.NextDouble()},{random.NextDouble()}");
            edges.AppendLine(CultureInfo.InvariantCulture, $"n{a},n{(a + 2) % 40}");
            for (int b = a + 1; b < 40; b++)
            {
                if (random.NextDouble() < (a % 2 == b % 2 ? 0.3 : 0.02)) edges.AppendLine(CultureInfo.InvariantCulture, $"n{a},n{b}");
            }
        }

        return (runs.Write("edges.csv", edges.ToString()), runs.Write("nodes.csv", nodes.ToString()));
    }

    private string Taken()
    {
        var random = new Random(6);
        var text = new StringBuilder("user\titem\n");
        for (int user = 0; user < 20; user++)
        {
            for (int item = 0; item < 20; item++)
            {
                if (random.NextDouble() < (user % 2 == item % 2 ? 0.6 : 0.1))
                    text.AppendLine(CultureInfo.InvariantCulture, $"{user}\t{item}");
            }
        }

        return runs.Write("taken.tsv", text.ToString());
    }
}
