using System.Numerics;

namespace Sconce.Control;

/// <summary>Draws places in proportion to their priorities, in logarithmic time: a binary tree of sums. 1511.05952 B.2.1.</summary>
internal sealed class PriorityTree
{
    private readonly int leaves;
    private readonly double[] sums;    // from 1 on; of 2k and 2k + 1 at k, the leaves last

    /// <summary>All of them 0.</summary>
    /// <param name="places">How many.</param>
    internal PriorityTree(int places)
    {
        leaves = (int)BitOperations.RoundUpToPowerOf2((uint)places);
        sums = new double[2 * leaves];
    }

    /// <summary>The sum of all.</summary>
    internal double Total => sums[1];

    /// <summary>The priority of a place, 0 at least.</summary>
    internal double this[int place]
    {
        get => sums[leaves + place];
        set
        {
            int node = leaves + place;
            sums[node] = value;
            // Summed anew rather than by the difference: so the sums follow from the priorities alone, whatever came before.
            while ((node /= 2) > 0) sums[node] = sums[2 * node] + sums[(2 * node) + 1];
        }
    }

    /// <summary>The place that a share of the sum falls on.</summary>
    /// <param name="share">In [0, 1).</param>
    internal int Find(double share)
    {
        double left = share * Total;
        int node = 1;
        while (node < leaves)
        {
            node *= 2;
            if (left < sums[node]) continue;
            left -= sums[node];
            node++;
        }

        return node - leaves;
    }

    /// <summary>The first priorities, to be read and written as they lie; <see cref="Sum"/> follows writing.</summary>
    internal Span<double> First(int count) => sums.AsSpan(leaves, count);

    /// <summary>Sums all anew.</summary>
    internal void Sum()
    {
        for (int node = leaves - 1; node > 0; node--) sums[node] = sums[2 * node] + sums[(2 * node) + 1];
    }
}
