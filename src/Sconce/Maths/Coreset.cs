using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sconce.Maths;

/// <summary>
/// A few rows that stand for many: k-centre greedy, which takes the row farthest from all that it has, again and again (1708.00489; as
/// anomalib@161bb36 <c>KCenterGreedy</c> has it). Exact.
/// </summary>
public static class Coreset
{
    /// <summary>Added to each difference, as PyTorch's <c>pairwise_distance</c> does.</summary>
    internal const float Epsilon = 1e-6f;

    private const int Abandoning = 64;

    /// <summary>Chooses rows, the farthest first.</summary>
    /// <param name="rows">Row by row.</param>
    /// <param name="width">Numbers a row.</param>
    /// <param name="count">How many to choose, at most all.</param>
    /// <param name="start">The first centre, which is not itself chosen.</param>
    /// <param name="progress">Told how many are chosen.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ArgumentException">No rows, or more are wanted than there are.</exception>
    public static int[] Choose(
        ReadOnlyMemory<float> rows, int width, int count, int start, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        int all = width < 1 ? 0 : rows.Length / width;
        if (all == 0 || count < 0 || count > all || start < 0 || start >= all)
        {
            throw new ArgumentException($"coreset: {count} of {all} rows of {width} numbers, from row {start}");
        }

        var chosen = new int[count];
        var search = new FarthestRows(rows, width, all);
        int centre = start;
        for (int k = 0; k < count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            search.Add(centre);
            centre = search.Take();
            chosen[k] = centre;
            if ((k & 63) == 63 || k + 1 == count) progress?.Report(new WorkProgress("choosing what stands for all", k + 1, count));
        }

        return chosen;
    }

    /// <summary>The largest distance of a row from its nearest chosen one: how well they cover all.</summary>
    public static double CoveringRadius(ReadOnlyMemory<float> rows, int width, IReadOnlyList<int> chosen)
    {
        ArgumentNullException.ThrowIfNull(chosen);
        double worst = 0;
        for (int row = 0; row < rows.Length / width; row++)
        {
            float nearest = float.PositiveInfinity;
            var own = rows.Span.Slice(row * width, width);
            foreach (int other in chosen)
            {
                float square = Square(own, rows.Span.Slice(other * width, width), nearest);
                if (square < nearest) nearest = square;
            }

            worst = Math.Max(worst, Math.Sqrt(nearest));
        }

        return worst;
    }

    /// <summary>The squared distance with the epsilon; more than the bound where it is abandoned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // worth it from the first call
    internal static float Square(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float bound)
    {
        float sum = 0;
        for (int from = 0; from < a.Length; from += Abandoning)
        {
            int length = Math.Min(Abandoning, a.Length - from);
            sum += Part(a.Slice(from, length), b.Slice(from, length));
            if (sum > bound) return sum;
        }

        return sum;
    }

    // Four sums at once: the processor need not wait for one addition to begin the next.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Part(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var first = MemoryMarshal.Cast<float, Vector<float>>(a);
        var second = MemoryMarshal.Cast<float, Vector<float>>(b);
        Vector<float> epsilon = new(Epsilon), even = Vector<float>.Zero, odd = even, third = even, fourth = even;
        int whole = 0;
        for (; whole + 4 <= first.Length && whole + 4 <= second.Length; whole += 4)
        {
            var (w, x) = (first[whole] - second[whole] + epsilon, first[whole + 1] - second[whole + 1] + epsilon);
            var (y, z) = (first[whole + 2] - second[whole + 2] + epsilon, first[whole + 3] - second[whole + 3] + epsilon);
            (even, odd, third, fourth) = (even + (w * w), odd + (x * x), third + (y * y), fourth + (z * z));
        }

        for (; whole < first.Length && whole < second.Length; whole++)
        {
            var difference = first[whole] - second[whole] + epsilon;
            even += difference * difference;
        }

        float sum = Vector.Sum(even + odd + (third + fourth));
        for (int k = whole * Vector<float>.Count; k < a.Length; k++)
        {
            float difference = a[k] - b[k] + Epsilon;
            sum += difference * difference;
        }

        return sum;
    }
}
