using System.Collections.Concurrent;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>
/// Grows a tree leaf by leaf, the greatest gain first; scikit-learn 1.2.1 _hist_gradient_boosting/grower.py, LightGBM (Ke et al., 2017).
/// The histograms of a
/// split's smaller side are counted, those of the larger are what remains of the parent's.
/// </summary>
internal sealed class TreeGrower
{
    private const int SerialRows = 1024;
    private readonly BinnedTable table;
    private readonly TreeSettings settings;
    private readonly bool constantHessian;
    private readonly int[] rows, moved;
    private readonly Gradient[] ordered;
    private readonly ConcurrentBag<Histograms> pool = [];
    private readonly ParallelOptions parallel;
    private bool[] used = [];

    internal TreeGrower(BinnedTable table, TreeSettings settings, bool constantHessian)
    {
        (this.table, this.settings, this.constantHessian) = (table, settings, constantHessian);
        (rows, moved, ordered) = (new int[table.Rows], new int[table.Rows], new Gradient[table.Rows]);
        parallel = new ParallelOptions { MaxDegreeOfParallelism = settings.Workers };
    }

    /// <summary>Grows one.</summary>
    /// <param name="gradients">Of each row of the table.</param>
    /// <param name="sample">The rows that it may see.</param>
    /// <param name="features">The features that it may use.</param>
    /// <param name="rate">What its leaves are multiplied by.</param>
    /// <param name="place">Told each leaf's rows and value.</param>
    internal DecisionTree Grow(Gradient[] gradients, ReadOnlySpan<int> sample, bool[] features, double rate, Action<ReadOnlyMemory<int>,
        double>? place)
    {
        used = features;
        sample.CopyTo(rows);
        var nodes = new List<TreeNode>();
        var kindSets = new List<KindSet>();
        var open = new PriorityQueue<Leaf, (double, int)>();
        var done = new List<Leaf>();
        var total = default(SideSum);
        foreach (int row in sample) total += new SideSum(gradients[row].G, gradients[row].H, 1);
        var root = new Leaf(0, 0, sample.Length, total);
        nodes.Add(Node(root));
        if (settings.Leaves > 1 && Divisible(root))
        {
            root.Histograms = Rent();
            Gather(gradients, root);
            Each(root.Count, group =>
            {
                Count(root, group);
                Find(root, group);
            });
        }

        Settle(root, open, done);
        while (open.Count > 0 && open.Count + done.Count < settings.Leaves)
        {
            var leaf = open.Dequeue();
            var (left, right) = Divide(leaf, nodes, kindSets);
            var (small, large) = left.Count < right.Count ? (left, right) : (right, left);
            bool smallOpen = Divisible(small), largeOpen = Divisible(large);
            if (smallOpen || largeOpen)
            {
                small.Histograms = Rent();
                large.Histograms = leaf.Histograms;
                Gather(gradients, small);
                Each(large.Count, group =>
                {
                    Count(small, group);
                    large.Histograms!.Subtract(group, small.Histograms);
                    if (smallOpen) Find(small, group);
                    if (largeOpen) Find(large, group);
                });
            }
            else
            {
                pool.Add(leaf.Histograms!);
            }

            leaf.Histograms = null;
            Settle(left, open, done);
            Settle(right, open, done);
        }

        foreach (var (leaf, _) in open.UnorderedItems) done.Add(leaf);
        foreach (var leaf in done)
        {
            double value = leaf.Sum.H + settings.L2 > 0 ? -rate * leaf.Sum.G / (leaf.Sum.H + settings.L2) : 0;
            nodes[leaf.Node] = nodes[leaf.Node] with { Value = value };
            place?.Invoke(rows.AsMemory(leaf.Start, leaf.Count), value);
            if (leaf.Histograms is { } histograms) pool.Add(histograms);
        }

        return new DecisionTree([.. nodes], [.. kindSets]);
    }

    private static TreeNode Node(Leaf leaf) => new() { Feature = -1, Kinds = -1, Rows = leaf.Count };

    private Histograms Rent() => pool.TryTake(out var histograms) ? histograms : new Histograms(table.Bins.Length, constantHessian);

    private bool Divisible(Leaf leaf) => leaf.Count >= 2 * settings.MinSamplesLeaf && leaf.Sum.H >= settings.MinHessian;

    private void Each(int work, Action<int> group)
    {
        if (parallel.MaxDegreeOfParallelism > 1 && work >= SerialRows)
        {
            Parallel.For(0, table.Words.Length, parallel, group);
            return;
        }

        for (int k = 0; k < table.Words.Length; k++) group(k);
    }

    /// <summary>The gradients of a leaf's rows side by side, so that every group of features reads them in a row.</summary>
    private void Gather(Gradient[] gradients, Leaf leaf)
    {
        var own = rows.AsSpan(leaf.Start, leaf.Count);
        for (int k = 0; k < own.Length; k++) ordered[leaf.Start + k] = gradients[own[k]];
    }

    private void Count(Leaf leaf, int group) =>
        leaf.Histograms!.Build(group, table.Words[group], rows.AsSpan(leaf.Start, leaf.Count), ordered.AsSpan(leaf.Start, leaf.Count));

    private void Find(Leaf leaf, int group)
    {
        int end = Math.Min(table.Bins.Length, (group + 1) * BinnedTable.Group);
        var best = Split.None;
        for (int feature = group * BinnedTable.Group; feature < end; feature++)
        {
            if (!used[feature]) continue;
            var split = SplitFinder.Best(feature, table.Bins[feature], leaf.Histograms!, leaf.Sum, settings);
            if (split.Gain > best.Gain) best = split;
        }

        leaf.Offer(best);
    }

    private void Settle(Leaf leaf, PriorityQueue<Leaf, (double, int)> open, List<Leaf> done)
    {
        if (leaf.Best.Feature >= 0)
        {
            open.Enqueue(leaf, (-leaf.Best.Gain, leaf.Node));
            return;
        }

        if (leaf.Histograms is { } histograms) pool.Add(histograms);
        leaf.Histograms = null;
        done.Add(leaf);
    }

    private (Leaf Left, Leaf Right) Divide(Leaf leaf, List<TreeNode> nodes, List<KindSet> kindSets)
    {
        var split = leaf.Best;
        var bins = table.Bins[split.Feature];
        int count = Partition(leaf, split);
        Leaf left = new(nodes.Count, leaf.Start, count, split.Left),
            right = new(nodes.Count + 1, leaf.Start + count, leaf.Count - count, leaf.Sum - split.Left);
        bool larger = left.Count > right.Count;
        nodes[leaf.Node] = new TreeNode
        {
            Feature = split.Feature,
            // Numbers beyond the last threshold are only apart from missing ones.
            Threshold = bins.IsCategory ? 0 : split.Bin < bins.Thresholds.Length ? bins.Thresholds[split.Bin] : double.PositiveInfinity,
            Left = left.Node,
            Right = right.Node,
            MissingLeft = bins.HasMissing ? split.MissingLeft : larger,
            UnseenLeft = larger,
            Kinds = split.Kinds is null ? -1 : kindSets.Count,
            Gain = split.Gain,
            Rows = leaf.Count,
        };
        if (split.Kinds is { } kinds) kindSets.Add(kinds);
        nodes.Add(Node(left));
        nodes.Add(Node(right));
        return (left, right);
    }

    /// <summary>Brings a leaf's rows into the order left, right, each in its own order; how many are left.</summary>
    private int Partition(Leaf leaf, in Split split)
    {
        Span<bool> goesLeft = stackalloc bool[Histograms.Bins];
        for (int bin = 0; bin < FeatureBins.Missing; bin++)
        {
            goesLeft[bin] = split.Kinds is { } kinds ? kinds.Contains(bin) : bin <= split.Bin;
        }
        goesLeft[FeatureBins.Missing] = split.MissingLeft;
        var words = table.Words[split.Feature / BinnedTable.Group];
        int shift = 8 * (split.Feature % BinnedTable.Group), left = 0, right = 0;
        var own = rows.AsSpan(leaf.Start, leaf.Count);
        var others = moved.AsSpan(0, leaf.Count);
        foreach (int row in own)
        {
            // Both places are written and one counter goes on: no branch to be guessed wrongly.
            int step = goesLeft[(int)(words[row] >> shift) & 255] ? 1 : 0;
            own[left] = row;
            others[right] = row;
            left += step;
            right += 1 - step;
        }

        others[..right].CopyTo(own[left..]);
        return left;
    }

    private sealed class Leaf(int node, int start, int count, SideSum sum)
    {
        private readonly Lock offers = new();

        internal int Node => node;

        internal int Start => start;

        internal int Count => count;

        internal SideSum Sum => sum;

        internal Histograms? Histograms { get; set; }

        internal Split Best { get; private set; } = Split.None;

        /// <summary>Takes a group's best; of equals the smaller feature's, whichever group is done first.</summary>
        internal void Offer(in Split split)
        {
            if (split.Feature < 0) return;
            lock (offers)
            {
                if (split.Gain > Best.Gain || (split.Gain == Best.Gain && split.Feature < Best.Feature)) Best = split;
            }
        }
    }
}
