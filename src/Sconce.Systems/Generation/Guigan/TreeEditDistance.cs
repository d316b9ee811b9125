namespace Sconce.Systems.Generation.Guigan;

/// <summary>
/// How many nodes of an ordered tree must be inserted, deleted or renamed to make another of it. Zhang and Shasha 1989; GUIGAN takes it
/// between a written screen and the real one that its first sub-tree comes from.
/// </summary>
/// <typeparam name="TLabel">What names a node; labels are compared whole.</typeparam>
public sealed class OrderedTree<TLabel>
{
    // In postorder, from 0.
    private readonly TLabel[] labels;
    private readonly int[] leftmost, keyRoots;

    /// <summary>Builds a tree, or a forest under no root.</summary>
    /// <param name="nodes">In preorder: a node's depth, 0 for roots, and its label.</param>
    /// <exception cref="ArgumentException">A depth leaves out a level.</exception>
    public OrderedTree(IReadOnlyList<(int Depth, TLabel Label)> nodes)
    {
        (labels, leftmost) = (new TLabel[nodes.Count], new int[nodes.Count]);
        var open = new Stack<(int Node, int First)>(); // the path to the node; First is the postorder number of its leftmost leaf
        int finished = 0;
        for (int k = 0; k < nodes.Count; k++)
        {
            int depth = nodes[k].Depth;
            if (depth < 0 || depth > (k == 0 ? 0 : nodes[k - 1].Depth + 1))
            {
                throw new ArgumentException(
                    $"a tree's node {k} has the depth {depth} after {(k == 0 ? "none" : nodes[k - 1].Depth)}", nameof(nodes));
            }

            while (open.Count > depth) Close();
            open.Push((k, finished));
        }

        while (open.Count > 0) Close();
        keyRoots = [.. leftmost.Index().GroupBy(node => node.Item).Select(group => group.Max(node => node.Index)).Order()];

        void Close()
        {
            var (node, first) = open.Pop();
            (labels[finished], leftmost[finished]) = (nodes[node].Label, first);
            finished++;
        }
    }

    /// <summary>Nodes.</summary>
    public int Count => labels.Length;

    /// <summary>The least number of changes, each of cost one.</summary>
    public int DistanceTo(OrderedTree<TLabel> other)
    {
        if (Count == 0 || other.Count == 0) return Math.Max(Count, other.Count);
        var trees = new int[Count, other.Count]; // between the sub-trees rooted there
        var forests = new int[Count + 1, other.Count + 1];
        foreach (int i in keyRoots)
        {
            foreach (int j in other.keyRoots) Fill(i, j, other, trees, forests);
        }

        // A forest has no root of its own: its last pass covers only the last tree.
        return leftmost[^1] == 0 && other.leftmost[^1] == 0 ? trees[Count - 1, other.Count - 1] : WholeForests(other, trees);
    }

    private void Fill(int i, int j, OrderedTree<TLabel> other, int[,] trees, int[,] forests)
    {
        int firstA = leftmost[i], firstB = other.leftmost[j];
        forests[firstA, firstB] = 0;
        for (int a = firstA; a <= i; a++) forests[a + 1, firstB] = forests[a, firstB] + 1;
        for (int b = firstB; b <= j; b++) forests[firstA, b + 1] = forests[firstA, b] + 1;
        for (int a = firstA; a <= i; a++)
        {
            for (int b = firstB; b <= j; b++)
            {
                int change = Math.Min(forests[a, b + 1], forests[a + 1, b]) + 1;
                bool wholeTrees = leftmost[a] == firstA && other.leftmost[b] == firstB;
                int kept = wholeTrees
                    ? forests[a, b] + (EqualityComparer<TLabel>.Default.Equals(labels[a], other.labels[b]) ? 0 : 1)
                    : forests[leftmost[a], other.leftmost[b]] + trees[a, b];
                forests[a + 1, b + 1] = Math.Min(change, kept);
                if (wholeTrees) trees[a, b] = forests[a + 1, b + 1];
            }
        }
    }

    private int WholeForests(OrderedTree<TLabel> other, int[,] trees)
    {
        var forests = new int[Count + 1, other.Count + 1];
        for (int a = 0; a < Count; a++) forests[a + 1, 0] = a + 1;
        for (int b = 0; b < other.Count; b++) forests[0, b + 1] = b + 1;
        for (int a = 0; a < Count; a++)
        {
            for (int b = 0; b < other.Count; b++)
            {
                int change = Math.Min(forests[a, b + 1], forests[a + 1, b]) + 1;
                forests[a + 1, b + 1] = Math.Min(change, forests[leftmost[a], other.leftmost[b]] + trees[a, b]);
            }
        }

        return forests[Count, other.Count];
    }
}
