using System.Numerics.Tensors;

namespace Sconce.Maths;

/// <summary>
/// Which of many rows is farthest from a growing set of centres. A row's distance is looked up when it may be the largest, not before: an
/// older one is too large at worst. Rows that a centre cannot have come nearer to are passed over by the triangle inequality, from zero
/// and from the nearest centre.
/// </summary>
internal sealed class FarthestRows
{
    /// <summary>What rounding may make of a distance: passing over is only for what is surely farther.</summary>
    private const float Slack = 1.0001f;

    /// <summary>What rounding may make of a norm.</summary>
    private const float Rounding = 1e-5f;

    private const int WorthThreads = 1 << 18;

    /// <summary>Centres whose distances to all before them are kept: after so many every row is brought up to date.</summary>
    private const int Kept = 1024;

    private readonly ReadOnlyMemory<float> rows;
    private readonly int width;
    private readonly float shift;
    private readonly float[] squares, norms;
    private readonly int[] nearest, seen, heads;
    private readonly RowHeap[] heaps;
    private readonly List<int> centres = [];
    private readonly List<float[]> between = [];

    /// <param name="rows">Row by row.</param>
    /// <param name="width">Numbers a row.</param>
    /// <param name="all">How many rows there are.</param>
    public FarthestRows(ReadOnlyMemory<float> rows, int width, int all)
    {
        (this.rows, this.width) = (rows, width);
        shift = 4 * Coreset.Epsilon * MathF.Sqrt(width);
        (squares, norms, nearest, seen) = (new float[all], new float[all], new int[all], new int[all]);
        for (int row = 0; row < all; row++) norms[row] = TensorPrimitives.Norm(Row(row));
        Array.Fill(squares, float.PositiveInfinity);
        int parts = (long)all * width < WorthThreads ? 1 : Math.Min(all, Environment.ProcessorCount);
        heads = new int[parts];
        heaps = [.. Enumerable.Range(0, parts).Select(part =>
            new RowHeap(squares, (int)((long)all * part / parts), (int)((long)all * (part + 1) / parts)))];
    }

    private int FirstKept => centres.Count - between.Count;

    /// <summary>A further centre.</summary>
    public void Add(int row)
    {
        centres.Add(row);
        between.Add(new float[centres.Count]);
        // All distances are infinite before the first.
        if (centres.Count > 1 && between.Count < Kept) return;
        EachPart(part => heaps[part].Renew(Update));
        between.Clear();
    }

    /// <summary>The row farthest from its nearest centre, the first of such; it counts as one that is reached.</summary>
    public int Take()
    {
        EachPart(part =>
        {
            var heap = heaps[part];
            while (seen[heap.Top] < centres.Count)
            {
                Update(heap.Top);
                heap.Sink();
            }

            heads[part] = heap.Top;
        });
        int best = 0;
        for (int part = 1; part < heads.Length; part++)
        {
            if (squares[heads[part]] > squares[heads[best]]) best = part;
        }

        int row = heads[best];
        squares[row] = 0;
        heaps[best].Sink();
        return row;
    }

    private bool IsPassedOver(int row, int number)
    {
        float far = (Slack * MathF.Sqrt(squares[row])) + shift;
        // |x - new| >= ||x| - |new||.
        var (own, other) = (norms[row], norms[centres[number]]);
        if (MathF.Abs(own - other) > far + (Rounding * (own + other))) return true;
        // |x - new| >= |old - new| - |x - old|: no nearer where |old - new| is twice |x - old|.
        return Between(number, nearest[row]) > 2 * far;
    }

    /// <summary>The distance of two centres, found when it is first asked for; whichever thread is first, it is the same.</summary>
    private float Between(int number, int earlier)
    {
        ref float known = ref between[number - FirstKept][earlier];
        if (known == 0) known = MathF.Sqrt(Coreset.Square(Row(centres[number]), Row(centres[earlier]), float.PositiveInfinity));
        return known;
    }

    private ReadOnlySpan<float> Row(int row) => rows.Span.Slice(row * width, width);

    private void EachPart(Action<int> action)
    {
        if (heaps.Length == 1) action(0);
        else Parallel.For(0, heaps.Length, action);
    }

    /// <summary>Lowers a row's distance to the centres that it has not seen.</summary>
    private void Update(int row)
    {
        var own = Row(row);
        for (int number = seen[row]; number < centres.Count; number++)
        {
            if (number > 0 && IsPassedOver(row, number)) continue;
            float square = Coreset.Square(own, Row(centres[number]), squares[row]);
            if (square < squares[row]) (squares[row], nearest[row]) = (square, number);
        }

        seen[row] = centres.Count;
    }
}
