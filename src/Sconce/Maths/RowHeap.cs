namespace Sconce.Maths;

/// <summary>Rows of a range by a number that only falls, the largest and of equal ones the first on top.</summary>
internal sealed class RowHeap
{
    private readonly float[] keys;
    private readonly int[] rows;

    /// <param name="keys">Of all rows; changed by the owner, who then lets the row sink.</param>
    /// <param name="from">The first row.</param>
    /// <param name="to">The row after the last.</param>
    public RowHeap(float[] keys, int from, int to) => (this.keys, rows) = (keys, [.. Enumerable.Range(from, to - from)]);

    /// <summary>The row with the largest number.</summary>
    public int Top => rows[0];

    /// <summary>Changes every row's number, and orders them anew.</summary>
    public void Renew(Action<int> change)
    {
        foreach (int row in rows) change(row);
        for (int place = (rows.Length / 2) - 1; place >= 0; place--) Sink(place);
    }

    /// <summary>The top row's number has fallen.</summary>
    public void Sink() => Sink(0);

    private void Sink(int place)
    {
        int row = rows[place];
        while (true)
        {
            int child = (2 * place) + 1;
            if (child >= rows.Length) break;
            if (child + 1 < rows.Length && Before(rows[child + 1], rows[child])) child++;
            if (!Before(rows[child], row)) break;
            (rows[place], place) = (rows[child], child);
        }

        rows[place] = row;
    }

    private bool Before(int row, int other) => keys[row] > keys[other] || (keys[row] == keys[other] && row < other);
}
