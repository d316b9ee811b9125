using System.Runtime.CompilerServices;

namespace Sconce.Maths.Distances;

/// <summary>A row that is near another.</summary>
/// <param name="Row">Its place among the others, from 0.</param>
/// <param name="Distance">How far.</param>
public readonly record struct Neighbour(int Row, double Distance);

/// <summary>
/// Distances of all rows from all others, in blocks that stay in the cache, on every core; the same figures on any number of cores.
/// </summary>
public static class DistanceTable
{
    /// <summary>Rows of the others that are looked at together: 256 rows of 64 numbers are 128 KiB.</summary>
    private const int Block = 256;

    /// <summary>Rows that go past each block together, which is then read from memory once for all of them.</summary>
    private const int Tile = 16;

    /// <summary>The whole table, row by row: <c>a.Count x b.Count</c>.</summary>
    /// <exception cref="DistanceException">Rows of unlike length, prepared for different measures, or more cells than memory
    /// holds.</exception>
    public static double[] All(DistanceRows a, DistanceRows b, CancellationToken cancellation = default)
    {
        Verify(a, b);
        if ((long)a.Count * b.Count > Array.MaxLength / sizeof(double))
        {
            throw new DistanceException($"a table of {a.Count} x {b.Count} is too large to be held: ask for the nearest rows");
        }

        var table = new double[a.Count * b.Count];
        Each(a.Count, row =>
        {
            var own = table.AsSpan(row * b.Count, b.Count);
            for (int start = 0; start < b.Count; start += Block) Fill(a, row, b, start, own.Slice(start, Math.Min(Block, b.Count - start)));
        }, cancellation);
        return table;
    }

    /// <summary>Rows at the same place.</summary>
    /// <exception cref="DistanceException">Unlike numbers of rows.</exception>
    public static double[] Paired(DistanceRows a, DistanceRows b)
    {
        Verify(a, b);
        if (a.Count != b.Count) throw new DistanceException($"{a.Count} rows cannot be paired with {b.Count}");
        var distances = new double[a.Count];
        for (int row = 0; row < a.Count; row++) Fill(a, row, b, row, distances.AsSpan(row, 1));
        return distances;
    }

    /// <summary>The nearest rows of each, nearest first, equally near ones in their order; never held as a table.</summary>
    /// <param name="a">Whose neighbours are looked for.</param>
    /// <param name="b">Among which.</param>
    /// <param name="count">How many; fewer where there are not so many. Rows at NaN are no neighbours.</param>
    /// <param name="leavesOutSelf">Whether the row at the same place is left out: a set against itself.</param>
    /// <param name="progress">Told how many rows are done.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="DistanceException">Rows of unlike length, or prepared for different measures.</exception>
    public static Neighbour[][] Nearest(
        DistanceRows a, DistanceRows b, int count, bool leavesOutSelf = false, IProgress<WorkProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Verify(a, b);
        if (count < 1) throw new DistanceException("one neighbour at least is asked for");
        var nearest = new Neighbour[a.Count][];
        int done = 0, rows = Math.Clamp(a.Count / (4 * Environment.ProcessorCount), 1, Tile);
        Each((a.Count + rows - 1) / rows, tile =>
        {
            int first = tile * rows, end = Math.Min(a.Count, first + rows);
            Nearest(a, (first, end), b, count, leavesOutSelf).CopyTo(nearest, first);
            int now = Interlocked.Add(ref done, end - first);
            if (now / 1024 > (now - end + first) / 1024 || now == a.Count) progress?.Report(new WorkProgress("comparing", now, a.Count));
        }, cancellation);
        return nearest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Neighbour[][] Nearest(DistanceRows a, (int First, int End) own, DistanceRows b, int count, bool leavesOutSelf)
    {
        bool isRanked = !a.HasBlanks && !b.HasBlanks;
        Span<double> ranks = stackalloc double[Block];
        NearestSoFar[] best = [.. Enumerable.Range(own.First, own.End - own.First).Select(_ => new NearestSoFar(Math.Min(count, b.Count)))];
        for (int start = 0; start < b.Count; start += Block)
        {
            var part = ranks[..Math.Min(Block, b.Count - start)];
            for (int row = own.First; row < own.End; row++)
            {
                if (isRanked) a.Measure.Ranks(a.Prepared(row, 1), b.Prepared(start, part.Length), part);
                else Fill(a, row, b, start, part);
                ref var found = ref best[row - own.First];
                double bound = found.Bound;
                for (int k = 0; k < part.Length; k++)
                {
                    if (!(part[k] < bound) || (leavesOutSelf && start + k == row)) continue;
                    found.Add(new Neighbour(start + k, part[k]));
                    bound = found.Bound;
                }
            }
        }

        return [.. best.Select(one => isRanked
            ? Array.ConvertAll(one.Found, near => near with { Distance = a.Measure.OfRank(near.Distance) })
            : one.Found)];
    }

    private static void Each(int count, Action<int> work, CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation };
        Parallel.For(0, count, options, work);
    }

    private static void Fill(DistanceRows a, int row, DistanceRows b, int start, Span<double> distances)
    {
        if (!a.HasBlanks && !b.HasBlanks)
        {
            a.Measure.Prepared(a.Prepared(row, 1), b.Prepared(start, distances.Length), distances);
            return;
        }

        int least = Math.Max(1, Math.Max(a.LeastShared, b.LeastShared));
        for (int k = 0; k < distances.Length; k++) distances[k] = Shared(a.Measure, a.Row(row), b.Row(start + k), least);
    }

    /// <summary>Over the columns that both rows have.</summary>
    private static double Shared(Measure measure, ReadOnlySpan<double> a, ReadOnlySpan<double> b, int least)
    {
        if (measure.Columns > 0 && (a.Contains(double.NaN) || b.Contains(double.NaN))) return double.NaN;
        double[] first = new double[a.Length], second = new double[a.Length];
        int count = 0;
        for (int k = 0; k < a.Length; k++)
        {
            if (double.IsNaN(a[k]) || double.IsNaN(b[k])) continue;
            (first[count], second[count++]) = (a[k], b[k]);
        }

        if (count < least) return double.NaN;
        return measure.Rescaled(measure.Between(first.AsSpan(0, count), second.AsSpan(0, count)), (double)count / a.Length);
    }

    private static void Verify(DistanceRows a, DistanceRows b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Width != b.Width) throw new DistanceException($"rows of {a.Width} columns cannot be compared with rows of {b.Width}");
        if (a.Measure.GetType() != b.Measure.GetType())
            throw new DistanceException($"rows are prepared for {a.Measure} and for {b.Measure}");
    }
}

/// <summary>The nearest so far, sorted: lists are short.</summary>
internal struct NearestSoFar(int count)
{
    private readonly Neighbour[] found = new Neighbour[count];
    private int held;

    /// <summary>What a further one must be nearer than.</summary>
    public readonly double Bound =>
        held < found.Length ? double.PositiveInfinity : held == 0 ? double.NegativeInfinity : found[held - 1].Distance;

    public readonly Neighbour[] Found => held == found.Length ? found : found[..held];

    public void Add(Neighbour neighbour)
    {
        if (held < found.Length) held++;
        int place = held - 1;
        for (; place > 0 && found[place - 1].Distance > neighbour.Distance; place--) found[place] = found[place - 1];
        found[place] = neighbour;
    }
}
