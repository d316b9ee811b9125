using System.Numerics;
using System.Runtime.InteropServices;

namespace Sconce.Maths;

/// <summary>
/// A few rows that stand for many: k-centre greedy, which takes the row farthest from all that it has, again and again (1708.00489; as
/// anomalib@161bb36 <c>KCenterGreedy</c> has it). Exact; rows that cannot have come nearer are passed over by the triangle inequality.
/// </summary>
public static class Coreset
{
    /// <summary>Added to each difference, as PyTorch's <c>pairwise_distance</c> does.</summary>
    private const float Epsilon = 1e-6f;

    /// <summary>What rounding may make of a distance: passing over is only for what is surely farther.</summary>
    private const float Slack = 1.0001f;

    private const int Abandoning = 64, WorthThreads = 1 << 18;

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
        var search = new Search(rows, width, all);
        int centre = start;
        for (int k = 0; k < count; k++)
        {
            cancellation.ThrowIfCancellationRequested();
            search.Take(centre);
            centre = search.Farthest();
            chosen[k] = centre;
            search.Close(centre);
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
    private static float Square(ReadOnlySpan<float> a, ReadOnlySpan<float> b, float bound)
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

    private static float Part(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var first = MemoryMarshal.Cast<float, Vector<float>>(a);
        var second = MemoryMarshal.Cast<float, Vector<float>>(b);
        Vector<float> sums = Vector<float>.Zero, epsilon = new(Epsilon);
        for (int k = 0; k < first.Length; k++)
        {
            var difference = first[k] - second[k] + epsilon;
            sums += difference * difference;
        }

        float sum = Vector.Sum(sums);
        for (int k = first.Length * Vector<float>.Count; k < a.Length; k++)
        {
            float difference = a[k] - b[k] + Epsilon;
            sum += difference * difference;
        }

        return sum;
    }

    private sealed class Search
    {
        private readonly ReadOnlyMemory<float> rows;
        private readonly int width, all;
        private readonly float[] squares;
        private readonly int[] nearest;
        private readonly bool[] closed;
        private readonly List<int> centres = [];
        private float[] between = [];

        public Search(ReadOnlyMemory<float> rows, int width, int all)
        {
            (this.rows, this.width, this.all) = (rows, width, all);
            (squares, nearest, closed) = (new float[all], new int[all], new bool[all]);
            Array.Fill(squares, float.PositiveInfinity);
        }

        /// <summary>Lowers every row's distance to a further centre.</summary>
        public void Take(int centre)
        {
            int number = centres.Count;
            between = new float[number + 1];
            for (int k = 0; k < number; k++) between[k] = MathF.Sqrt(Square(Row(centre), Row(centres[k]), float.PositiveInfinity));
            centres.Add(centre);
            int parts = (long)all * width < WorthThreads ? 1 : Environment.ProcessorCount;
            if (parts == 1)
            {
                Lower(0, all, centre, number);
                return;
            }

            Parallel.For(0, parts, part => Lower((int)((long)all * part / parts), (int)((long)all * (part + 1) / parts), centre, number));
        }

        public int Farthest()
        {
            int best = 0;
            float most = float.NegativeInfinity;
            for (int row = 0; row < all; row++)
            {
                float square = closed[row] ? 0 : squares[row];
                if (square > most) (best, most) = (row, square);
            }

            return best;
        }

        public void Close(int row) => closed[row] = true;

        private ReadOnlySpan<float> Row(int row) => rows.Span.Slice(row * width, width);

        private void Lower(int from, int to, int centre, int number)
        {
            var own = Row(centre);
            for (int row = from; row < to; row++)
            {
                // |x - new| >= |old - new| - |x - old|: no nearer where |old - new| is twice |x - old|.
                if (number > 0 && between[nearest[row]] > 2 * Slack * MathF.Sqrt(squares[row])) continue;
                float square = Square(Row(row), own, squares[row]);
                if (square < squares[row]) (squares[row], nearest[row]) = (square, number);
            }
        }
    }
}
