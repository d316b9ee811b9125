using Sconce.Data;
using Sconce.Metrics;
using Sconce.Tables;
using Sconce.Torch;
using Sconce.Training;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>Who took what, in two parts: of each user's items some are held out, never all, so that no edge is in both.</summary>
/// <param name="Users">Their names.</param>
/// <param name="Items">Their names.</param>
/// <param name="Training">To learn from.</param>
/// <param name="HeldOut">To be asked about.</param>
internal sealed record Interactions(
    NodeNames Users, NodeNames Items, IReadOnlyList<(long User, long Item)> Training, IReadOnlyList<(long User, long Item)> HeldOut)
{
    private const int Block = 256; // users whose scores are in memory at once

    /// <summary>Reads and divides them by the run's seed.</summary>
    /// <exception cref="TableException">They cannot be used.</exception>
    public static Interactions Open(RunConfiguration configuration, Action<string>? remark, CancellationToken cancellation)
    {
        string path = ProcessorRuns.DataOf(configuration, "a table of users and items, CSV or Parquet,");
        var table = EdgeTable.Read(path, cancellation);
        NodeNames users = new(), items = new();
        var pairs = table.Between(users, items);
        foreach (string said in table.Remarks()) remark?.Invoke(said);
        int[] order = AugmentationRandom.Permutation(pairs.Count, configuration.Run.Seed, 0);
        var counts = new int[users.Count];
        foreach (var (user, _) in pairs) counts[user]++;
        int[] held = [.. counts.Select(count => Math.Min(count - 1, (int)Math.Round(configuration.Run.Validation * count)))];
        List<(long, long)> training = [], heldOut = [];
        foreach (int k in order)
        {
            if (held[pairs[k].User]-- > 0) heldOut.Add(pairs[k]);
            else training.Add(pairs[k]);
        }

        if (heldOut.Count == 0)
        {
            throw new TableException(
                path, "no user has two items or more of which one could be held out: there is nothing to be judged by");
        }

        return new Interactions(users, items, training, heldOut);
    }

    /// <summary>The graph of what is learnt from.</summary>
    public Graph Graph() => LightGcn.Bipartite(Users.Count, Items.Count, Training);

    /// <summary>The items that each user took in a part.</summary>
    public HashSet<long>[] Taken(bool heldOut = false)
    {
        HashSet<long>[] taken = [.. Enumerable.Range(0, Users.Count).Select(_ => new HashSet<long>())];
        foreach (var (user, item) in heldOut ? HeldOut : Training) taken[user].Add(item);
        return taken;
    }

    /// <summary>How many users took each item, <c>(items)</c> float32: what is recommended to those of whom nothing is known.</summary>
    public Tensor Popularity()
    {
        using var scope = new TensorScope();
        long[] items = [.. Training.Select(pair => pair.Item)];
        return scope.Keep(Tensor.Zeros([Items.Count]).IndexAdd(0, Tensor.From(items, [items.Length]), Tensor.Ones([items.Length])));
    }

    /// <summary>Recall and NDCG at K of what is held out, in the mean over users; what a user took before is not recommended.</summary>
    /// <param name="users"><c>(users, width)</c></param>
    /// <param name="items"><c>(items, width)</c></param>
    /// <param name="at">K.</param>
    /// <param name="cancellation">Ends it.</param>
    public (double Recall, double Ndcg, int Users) Judge(Tensor users, Tensor items, int at, CancellationToken cancellation)
    {
        using var scope = new TensorScope();
        using var noGrad = Gradients.Off();
        HashSet<long>[] taken = Taken(), wanted = Taken(heldOut: true);
        long[] asked = [.. Enumerable.Range(0, Users.Count).Where(user => wanted[user].Count > 0).Select(user => (long)user)];
        double recall = 0, ndcg = 0;
        foreach (long[] block in asked.Chunk(Block))
        {
            cancellation.ThrowIfCancellationRequested();
            using var part = new TensorScope();
            var scores = users.IndexSelect(0, Tensor.From(block, [block.Length])).Matmul(items.T());
            var lists = TopItems.Of(scores, [.. block.Select(user => taken[user])], at);
            for (int k = 0; k < block.Length; k++)
            {
                long[] ranked = [.. lists[k].Select(one => one.Item)];
                recall += RecommendationMetrics.Recall(ranked, wanted[block[k]]);
                ndcg += RecommendationMetrics.Ndcg(ranked, wanted[block[k]]);
            }
        }

        return (recall / asked.Length, ndcg / asked.Length, asked.Length);
    }
}

/// <summary>The best items of users.</summary>
internal static class TopItems
{
    /// <summary>Of each row the highest scores, best first, without the items that are left out.</summary>
    /// <param name="scores"><c>(users, items)</c></param>
    /// <param name="without">Of each row.</param>
    /// <param name="count">At most; fewer where all else is left out.</param>
    public static IReadOnlyList<(long Item, double Score)[]> Of(Tensor scores, IReadOnlyList<IReadOnlySet<long>> without, int count)
    {
        using var scope = new TensorScope();
        long items = scores.Size(1);
        long[] hidden = [.. without.SelectMany((set, row) => set.Select(item => (row * items) + item))];
        var flat = scores.Reshape([-1]);
        if (hidden.Length > 0) flat = flat.IndexFill(0, Tensor.From(hidden, [hidden.Length]), double.NegativeInfinity);
        var (values, places) = flat.Reshape(scores.Shape).Topk(Math.Min(count, items), -1);
        float[] best = values.To(DType.Float32).Contiguous().ToArray<float>();
        long[] which = places.Contiguous().ToArray<long>();
        int width = (int)values.Size(1);
        return
        [
            .. Enumerable.Range(0, without.Count).Select(row => ((long, double)[])
            [
                .. Enumerable.Range(row * width, width).Where(k => float.IsFinite(best[k])).Select(k => (which[k], (double)best[k])),
            ]),
        ];
    }
}
