using System.Runtime.CompilerServices;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>One node of a tree; leaves have <see cref="Feature"/> -1.</summary>
internal readonly record struct TreeNode
{
    /// <summary>Which feature decides; -1 in a leaf.</summary>
    internal required int Feature { get; init; }

    /// <summary>A row goes left if its value is not more.</summary>
    internal double Threshold { get; init; }

    /// <summary>Places of both children, after the node's own.</summary>
    internal int Left { get; init; }

    /// <inheritdoc cref="Left"/>
    internal int Right { get; init; }

    /// <summary>Whether rows without a value go left; where training had none, the larger side.</summary>
    internal bool MissingLeft { get; init; }

    /// <summary>Whether kinds that training never saw go left: the larger side.</summary>
    internal bool UnseenLeft { get; init; }

    /// <summary>The place of the kinds that go left in <see cref="DecisionTree.KindSets"/>; -1 where the feature is a number.</summary>
    internal int Kinds { get; init; }

    /// <summary>What a leaf adds.</summary>
    internal double Value { get; init; }

    /// <summary>What the split took off the loss, times 2.</summary>
    internal double Gain { get; init; }

    /// <summary>Training rows that came by.</summary>
    internal int Rows { get; init; }
}

/// <summary>A grown tree: nodes in the order of their making, the root first.</summary>
internal sealed class DecisionTree
{
    private readonly TreeNode[] nodes;

    internal DecisionTree(TreeNode[] nodes, KindSet[] kindSets) => (this.nodes, KindSets) = (nodes, kindSets);

    internal IReadOnlyList<TreeNode> Nodes => nodes;

    internal IReadOnlyList<KindSet> KindSets { get; }

    internal int Leaves => nodes.Count(node => node.Feature < 0);

    /// <summary>What the tree adds for a row of features; a missing one is NaN.</summary>
    internal double ValueOf(ReadOnlySpan<double> row)
    {
        int at = 0;
        while (true)
        {
            ref readonly var node = ref nodes[at];
            if (node.Feature < 0) return node.Value;
            double value = row[node.Feature];
            bool left = node.Kinds >= 0 ? KindLeft(node, value) : value <= node.Threshold || (node.MissingLeft && double.IsNaN(value));
            at = left ? node.Left : node.Right;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool KindLeft(in TreeNode node, double value)
    {
        if (double.IsNaN(value)) return node.MissingLeft;
        return value is >= 0 and < FeatureBins.MostKinds ? KindSets[node.Kinds].Contains((int)value) : node.UnseenLeft;
    }
}
