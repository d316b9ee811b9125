using Sconce.Nn;
using Sconce.Systems.Tools.Graphs;
using Sconce.Torch;

namespace Sconce.Parity.Answers;

/// <summary>Graphs: four layers, LightGCN, DeepWalk's closed form, skip-gram.</summary>
internal sealed class GraphsAnswers : ParityAnswers
{
    internal override string System => "graphs";

    internal override ParityAnswer? Answer(ParityCase question)
    {
        var config = question.Config;
        return question.Model switch
        {
            "gcn_layer" => Layer(new GraphConvolution(config.Int("in"), config.Int("out"))),
            "sage_layer" when config.String("aggr", "mean") == "mean" =>
                Layer(new SageConvolution(config.Int("in"), config.Int("out"), config.Bool("normalize", false))),
            "gat_layer" => Layer(new GraphAttention(Attention(config))),
            "gatv2_layer" => Layer(new GraphAttentionV2(Attention(config))),
            "lightgcn" => ParityAnswer.Of(inputs => Recommender(config, inputs)),
            "netmf" => ParityAnswer.Of(inputs => Factorised(config, inputs)),
            "skipgram_negative_sampling" => ParityAnswer.Of(inputs => new()
            {
                ["out"] = SkipGram.Loss(inputs["w"], inputs["c"], inputs["i"], inputs["j"], inputs["neg"]),
            }),
            _ => null,
        };
    }

    private static GraphAttentionConfig Attention(Config config) => new(config.Int("in"), config.Int("out"), config.Int("heads"))
    {
        Concatenates = config.Bool("concat", true),
        Slope = config.Double("slope", 0.2),
    };

    private static ParityAnswer Layer(Module<Tensor, Graph, Tensor> layer) => new(layer, inputs =>
    {
        using var graph = Neighbours(inputs["u"]);
        return new() { ["out"] = layer.Call(inputs["x"], graph) };
    });

    /// <summary>Nodes are neighbours where their two draws sum to 5 or more, and along a ring.</summary>
    private static Graph Neighbours(Tensor draws)
    {
        long[] u = draws.Reshape([-1]).ToArray<long>();
        long nodes = draws.Size(0);
        List<(long, long)> pairs = [.. Range(nodes).Select(node => (node, (node + 1) % nodes))];
        foreach (long a in Range(nodes))
        {
            foreach (long b in Range(nodes))
            {
                if (u[(a * nodes) + b] + u[(b * nodes) + a] >= 5) pairs.Add((a, b));
            }
        }

        return Graph.Of(nodes, pairs);
    }

    private static Dictionary<string, Tensor> Recommender(Config config, ParityInputs inputs)
    {
        Tensor users = inputs["eu"], items = inputs["ei"];
        long[] ratings = inputs["r"].Reshape([-1]).ToArray<long>();
        long userCount = users.Size(0), itemCount = items.Size(0);
        List<(long, long)> taken =
            [.. Range(userCount).Select(user => (user, user % itemCount)), .. Range(itemCount).Select(item => (item % userCount, item))];
        foreach (long user in Range(userCount))
        {
            taken.AddRange(Range(itemCount).Where(item => ratings[(user * itemCount) + item] >= 3).Select(item => (user, item)));
        }

        using var graph = LightGcn.Bipartite(userCount, itemCount, taken);
        var (smoothUsers, smoothItems) = LightGcn.Propagate(users, items, graph, config.Int("layers"));
        Tensor who = inputs["users"], positive = inputs["pos"], negative = inputs["neg"];
        var ranking = BprLoss.Ranking(
            smoothUsers.IndexSelect(0, who), smoothItems.IndexSelect(0, positive), smoothItems.IndexSelect(0, negative));
        var decay = BprLoss.Decay(users.IndexSelect(0, who), items.IndexSelect(0, positive), items.IndexSelect(0, negative));
        return new()
        {
            ["user"] = smoothUsers,
            ["item"] = smoothItems,
            ["bpr"] = ranking,
            ["loss"] = ranking + (decay * config.Double("reg")),
        };
    }

    private static Dictionary<string, Tensor> Factorised(Config config, ParityInputs inputs)
    {
        int window = config.Int("window");
        double negatives = config.Double("negative", 1);
        using var graph = Neighbours(inputs["u"]);
        var adjacency = NetMf.Adjacency(graph);
        var matrix = NetMf.Matrix(adjacency, window, negatives);
        var log = NetMf.Log(matrix);
        var (embedding, singular) = NetMf.Embed(log, config.Int("dim"));
        return new()
        {
            ["matrix"] = matrix,
            ["log"] = log,
            ["singular"] = singular,
            ["embedding_gram"] = embedding.Matmul(embedding.T()),
            ["from_spectrum"] = NetMf.FromSpectrum(adjacency, window, negatives),
        };
    }

    private static IEnumerable<long> Range(long count) => Enumerable.Range(0, (int)count).Select(k => (long)k);
}
