using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Sconce.Systems.Tools.TreesVsNetworks;

/// <summary>
/// Sums of a leaf's gradients by feature and bin: pairs (G, H), and how many rows where H does not say it. All features in one array, 256
/// bins each.
/// </summary>
/// <param name="features">How many.</param>
/// <param name="constantHessian">Whether every row's second derivative is 1, so that H counts rows.</param>
internal sealed class Histograms(int features, bool constantHessian)
{
    /// <summary>Bins of a feature: every byte.</summary>
    internal const int Bins = 256;

    private const uint Next = Bins;

    // Whole words of features, so that a pass over a word's four needs no check.
    private readonly Vector128<double>[] sums =
        new Vector128<double>[(features + BinnedTable.Group - 1) / BinnedTable.Group * BinnedTable.Group * Bins];
    private readonly int[]? counts = constantHessian ? null
        : new int[(features + BinnedTable.Group - 1) / BinnedTable.Group * BinnedTable.Group * Bins];

    /// <summary>(G, H) of a feature's bins.</summary>
    internal ReadOnlySpan<Vector128<double>> Of(int feature) => sums.AsSpan(feature * Bins, Bins);

    /// <summary>Rows of a feature's bin.</summary>
    internal int Count(int feature, int bin) =>
        counts is null ? (int)sums[(feature * Bins) + bin].GetElement(1) : counts[(feature * Bins) + bin];

    /// <summary>Counts a leaf's rows into the histograms of one group of features.</summary>
    /// <param name="group">Which.</param>
    /// <param name="words">Its rows' bins.</param>
    /// <param name="rows">The leaf's rows.</param>
    /// <param name="gradients">G and H of each of those, in their order.</param>
    internal void Build(int group, uint[] words, ReadOnlySpan<int> rows, ReadOnlySpan<Gradient> gradients)
    {
        int start = group * BinnedTable.Group * Bins, length = BinnedTable.Group * Bins;
        sums.AsSpan(start, length).Clear();
        counts?.AsSpan(start, length).Clear();
        ref var sum = ref sums[start];
        ref uint word = ref MemoryMarshal.GetArrayDataReference(words);
        if (counts is null)
        {
            for (int k = 0; k < rows.Length; k++)
            {
                uint bins = Unsafe.Add(ref word, rows[k]);
                Add(ref sum, bins, Vector128.Create(gradients[k].G, 1.0));
            }

            return;
        }

        ref int count = ref counts[start];
        for (int k = 0; k < rows.Length; k++)
        {
            uint bins = Unsafe.Add(ref word, rows[k]);
            Add(ref sum, bins, Vector128.Create((double)gradients[k].G, gradients[k].H));
            Unsafe.Add(ref count, bins & 255)++;
            Unsafe.Add(ref count, Next + ((bins >> 8) & 255))++;
            Unsafe.Add(ref count, (2 * Next) + ((bins >> 16) & 255))++;
            Unsafe.Add(ref count, (3 * Next) + (bins >> 24))++;
        }
    }

    /// <summary>Makes this, a parent's, the sibling's of a child, in one group of features.</summary>
    internal void Subtract(int group, Histograms child)
    {
        int start = group * BinnedTable.Group * Bins, end = start + (BinnedTable.Group * Bins);
        for (int k = start; k < end; k++) sums[k] -= child.sums[k];
        if (counts is null) return;
        for (int k = start; k < end; k++) counts[k] -= child.counts![k];
    }

    // Rows come from a leaf's own list and bins are bytes: no place here is out of the arrays.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref Vector128<double> sum, uint bins, Vector128<double> gradient)
    {
        Unsafe.Add(ref sum, bins & 255) += gradient;
        Unsafe.Add(ref sum, Next + ((bins >> 8) & 255)) += gradient;
        Unsafe.Add(ref sum, (2 * Next) + ((bins >> 16) & 255)) += gradient;
        Unsafe.Add(ref sum, (3 * Next) + (bins >> 24)) += gradient;
    }
}

/// <summary>The loss's first and second derivative at a row's prediction.</summary>
internal readonly record struct Gradient(float G, float H);
