using Sconce.Nn;
using Sconce.Optim;
using Sconce.Systems.Tools.Graphs;
using Sconce.Torch;
using Sconce.Weights;

namespace Sconce.Bench.Science;

/// <summary>
/// An epoch of GCN (the whole graph a step) and of LightGCN (ten steps of 100,000 pairs) on a million edges; bench/peer/graphs.py has both
/// by torch.sparse. Begins with the same weights and negatives; no dropout, so that losses can be compared.
/// </summary>
internal sealed class GraphsGroup : BenchGroup
{
    private const int Edges = 1_000_000, Nodes = 100_000, Inputs = 128, Hidden = 64, Classes = 40;
    private const int Users = 60_000, Items = 40_000, Width = 64, Layers = 3, Batch = 100_000;

    internal override string Name => "graphs";

    internal override string About => "an epoch of GCN and of LightGCN on a million edges, against PyTorch's sparse products";

    internal override void Measure(BenchTable table)
    {
        BenchTable.Own(Name, "prepare", table.Folder);
        table.Row("GCN, an epoch, a million edges", () => BenchTable.Own(Name, "gcn", table.Folder),
            () => BenchTable.Peer("graphs.py", "gcn", table.Folder), 1.1);
        table.Row("LightGCN, an epoch, a million edges", () => BenchTable.Own(Name, "lightgcn", table.Folder),
            () => BenchTable.Peer("graphs.py", "lightgcn", table.Folder), 1.1, rounds: 1);
    }

    internal override Measured Work(string[] task)
    {
        using var scope = new TensorScope();
        return task[0] switch
        {
            "prepare" => Prepare(task[1]),
            "gcn" => Classifying(task[1]),
            "lightgcn" => Recommending(task[1]),
            _ => throw Unknown(task),
        };
    }

    private static Measured Prepare(string folder)
    {
        var random = new Random(7);
        (long, long)[] Pairs(int from, int to)
        {
            var pairs = new HashSet<(long, long)>(Edges);
            while (pairs.Count < Edges)
            {
                double popular = random.NextDouble();
                long a = random.Next(from), b = (long)(to * popular * popular);
                if (from != to || a < b) pairs.Add((a, b));
            }

            return [.. pairs];
        }

        void SavePairs(string name, (long A, long B)[] pairs) => NpyWriter.Save(
            Path.Combine(folder, name), TensorData.Of("", DType.Int64, [pairs.Length, 2], [.. pairs.SelectMany(p => new[] { p.A, p.B })]));

        SavePairs("edges.npy", Pairs(Nodes, Nodes));
        SavePairs("taken.npy", Pairs(Users, Items));
        NpyWriter.Save(Path.Combine(folder, "others.npy"),
            TensorData.Of("", DType.Int64, [Edges], [.. Enumerable.Range(0, Edges).Select(_ => (long)random.Next(Items))]));
        Worker.Save(Path.Combine(folder, "features.npy"), Tensor.Randn([Nodes, Inputs]));
        using var classifier = new GcnClassifier(Inputs, Hidden, Classes, 0);
        ModelWeights.Save(classifier, Path.Combine(folder, "gcn.pth"));
        using var recommender = new LightGcn(Users, Items, Width, Layers);
        ModelWeights.Save(recommender, Path.Combine(folder, "lightgcn.pth"));
        return new Measured { Seconds = 1e-9 };
    }

    private static Measured Classifying(string folder)
    {
        using var graph = Graph.Of(Nodes, Pairs(folder, "edges.npy"));
        using var network = new GcnClassifier(Inputs, Hidden, Classes, 0);
        ModelWeights.Load(network, Path.Combine(folder, "gcn.pth"));
        using var optimizer = new Adam(network.Parameters(), 0.01);
        Tensor features = Worker.Load(Path.Combine(folder, "features.npy")), labels = Tensor.Arange(Nodes) % Classes;
        return Epochs(optimizer, 5, _ => Functional.CrossEntropy(network.Call(features, graph), labels), 1);
    }

    private static Measured Recommending(string folder)
    {
        var taken = Pairs(folder, "taken.npy").ToArray();
        using var graph = LightGcn.Bipartite(Users, Items, taken);
        using var network = new LightGcn(Users, Items, Width, Layers);
        ModelWeights.Load(network, Path.Combine(folder, "lightgcn.pth"));
        using var optimizer = new Adam(network.Parameters(), 0.001);
        Tensor users = Tensor.From([.. taken.Select(pair => pair.User)], [Edges]),
            items = Tensor.From([.. taken.Select(pair => pair.Item)], [Edges]), others = Longs(folder, "others.npy");
        return Epochs(optimizer, 2, step =>
        {
            Tensor Part(Tensor all) => all.Narrow(0, step * Batch, Batch);
            Tensor user = Part(users), item = Part(items), other = Part(others);
            var (allUsers, allItems) = network.Call(graph);
            var ranking = BprLoss.Ranking(
                allUsers.IndexSelect(0, user), allItems.IndexSelect(0, item), allItems.IndexSelect(0, other));
            return ranking + (1e-4 * BprLoss.Decay(
                network.EmbeddingUser.Call(user), network.EmbeddingItem.Call(item), network.EmbeddingItem.Call(other)));
        }, Edges / Batch);
    }

    /// <summary>The median time of an epoch after the first, and the loss at each epoch's last step.</summary>
    private static Measured Epochs(Adam optimizer, int epochs, Func<int, Tensor> loss, int steps)
    {
        var times = new List<double>();
        var losses = new List<double>();
        for (int epoch = 0; epoch <= epochs; epoch++)
        {
            double start = BenchClock.Now;
            for (int step = 0; step < steps; step++)
            {
                using var scope = new TensorScope();
                optimizer.ZeroGrad();
                var now = loss(step);
                now.Backward();
                optimizer.Step();
                if (step == steps - 1) losses.Add(now.Item<double>());
            }

            if (epoch > 0) times.Add(BenchClock.Now - start);
        }

        times.Sort();
        return new Measured { Seconds = times[times.Count / 2], Losses = [.. losses] };
    }

    private static IEnumerable<(long User, long Item)> Pairs(string folder, string name)
    {
        using var file = Checkpoint.Open(Path.Combine(folder, name));
        long[] flat = file.Tensors[0].ToArray<long>();
        return [.. Enumerable.Range(0, flat.Length / 2).Select(k => (flat[2 * k], flat[(2 * k) + 1]))];
    }

    private static Tensor Longs(string folder, string name)
    {
        using var file = Checkpoint.Open(Path.Combine(folder, name));
        return ModelWeights.ToTensor(file.Tensors[0]);
    }
}
