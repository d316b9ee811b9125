namespace Sconce.Tables;

/// <summary>One prepared feature: numbers with NaN for blanks, or a category's codes.</summary>
/// <param name="Name">Of the column that it comes from.</param>
/// <param name="Values">One a row. Of a category 0 to <paramref name="Kinds"/> - 1, NaN for a blank, -1 for a kind that training did not
/// see.</param>
/// <param name="Kinds">How many kinds; 0 for numbers.</param>
public sealed record FeatureColumn(string Name, double[] Values, int Kinds = 0);

/// <summary>Prepared features, column by column, as trees read them.</summary>
public sealed class FeatureMatrix
{
    /// <summary>Puts columns of equal length together.</summary>
    /// <exception cref="ArgumentException">Unlike lengths, or a number that is infinite.</exception>
    public FeatureMatrix(IReadOnlyList<FeatureColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        foreach (var column in columns)
        {
            if (column.Values.Length != columns[0].Values.Length)
            {
                throw new ArgumentException(
                    $"the feature '{column.Name}' has {column.Values.Length} rows, '{columns[0].Name}' has {columns[0].Values.Length}");
            }
            if (column.Values.Any(double.IsInfinity)) throw new ArgumentException($"the feature '{column.Name}' holds an infinite number");
            if (column.Kinds > 0 && column.Values.Any(value => value >= column.Kinds || (value < 0 && value != -1)))
            {
                throw new ArgumentException($"the feature '{column.Name}' holds a code outside 0 to {column.Kinds - 1}");
            }
        }

        Columns = columns;
    }

    /// <summary>The features.</summary>
    public IReadOnlyList<FeatureColumn> Columns { get; }

    /// <summary>How many.</summary>
    public int Rows => Columns.Count == 0 ? 0 : Columns[0].Values.Length;

    /// <summary>A row's features side by side.</summary>
    public void CopyRow(int row, Span<double> into)
    {
        for (int k = 0; k < Columns.Count; k++) into[k] = Columns[k].Values[row];
    }

    /// <summary>Features without names or kinds: x0, x1, … of a row-by-row array.</summary>
    public static FeatureMatrix OfRows(ReadOnlySpan<double> values, int features)
    {
        int rows = values.Length / features;
        var columns = new FeatureColumn[features];
        for (int k = 0; k < features; k++)
        {
            var column = new double[rows];
            for (int row = 0; row < rows; row++) column[row] = values[(row * features) + k];
            columns[k] = new FeatureColumn($"x{k}", column);
        }

        return new FeatureMatrix(columns);
    }
}
