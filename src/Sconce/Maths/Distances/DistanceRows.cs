namespace Sconce.Maths.Distances;

/// <summary>Rows prepared for a measure.</summary>
public sealed class DistanceRows
{
    private readonly double[] prepared;

    /// <summary>Prepares rows.</summary>
    /// <param name="measure">For which.</param>
    /// <param name="rows">Row by row; NaN for a blank.</param>
    /// <param name="width">Columns.</param>
    /// <param name="blanks">What is made of blanks.</param>
    /// <param name="name">What errors call the rows: their file.</param>
    /// <exception cref="DistanceException">A row that cannot be measured; it is named, counted from 1.</exception>
    public DistanceRows(Measure measure, double[] rows, int width, Blanks blanks = Blanks.Error, string name = "rows")
    {
        ArgumentNullException.ThrowIfNull(measure);
        ArgumentNullException.ThrowIfNull(rows);
        if (width < 1 || rows.Length % width != 0) throw new DistanceException($"{name}: {rows.Length} numbers are no rows of {width}");
        (Measure, Raw, Width, Count) = (measure, rows, width, rows.Length / width);
        measure.Verify(width);
        PreparedWidth = measure.PreparedWidth(width);
        prepared = new double[checked((long)Count * PreparedWidth)];
        HasBlanks = rows.AsSpan().Contains(double.NaN);
        if (HasBlanks && blanks == Blanks.Skip) return;
        for (int row = 0; row < Count; row++)
        {
            var given = Row(row);
            if (HasBlanks && given.Contains(double.NaN))
            {
                int column = given.IndexOf(double.NaN) + 1;
                throw new DistanceException($"{name}, row {row + 1}: column {column} is blank; blanks can be skipped if that is asked for");
            }

            try
            {
                measure.Prepare(given, Prepared(row, 1));
            }
            catch (DistanceException fault)
            {
                throw new DistanceException($"{name}, row {row + 1}: {fault.Message}");
            }
        }
    }

    /// <summary>For which they are prepared.</summary>
    public Measure Measure { get; }

    /// <summary>How many.</summary>
    public int Count { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Columns that two rows must share where blanks are skipped; else they are NaN apart.</summary>
    public int LeastShared { get; init; } = 1;

    /// <summary>Whether pairs are compared over the columns that both have.</summary>
    internal bool HasBlanks { get; }

    internal double[] Raw { get; }

    internal int PreparedWidth { get; }

    internal ReadOnlySpan<double> Row(int row) => Raw.AsSpan(row * Width, Width);

    internal Span<double> Prepared(int row, int count) => prepared.AsSpan(row * PreparedWidth, count * PreparedWidth);
}
