using System.Globalization;

namespace Sconce.Tables;

/// <summary>The column that is to be answered: numbers, or classes.</summary>
/// <param name="Name">Of the column.</param>
/// <param name="Classes">Their names in order, 2 at least; null where numbers are answered.</param>
public sealed record TableTarget(string Name, IReadOnlyList<string>? Classes = null)
{
    /// <summary>Classes at most.</summary>
    public const int MostClasses = 1000;

    /// <summary>Learns what a column holds: texts are classes, numbers are numbers unless classes are asked for.</summary>
    /// <param name="training">The training rows.</param>
    /// <param name="name">The column.</param>
    /// <param name="asClasses">Whether numbers are names of classes.</param>
    /// <exception cref="TableException">It is missing, has blanks, one value only, or too many classes.</exception>
    public static TableTarget Learn(Table training, string name, bool asClasses = false)
    {
        ArgumentNullException.ThrowIfNull(training);
        var column = training[name];
        Verify(training, column);
        string[] kinds = [.. Enumerable.Range(0, column.Count).Select(row => column.Text(row)!).Distinct()];
        if (kinds.Length < 2)
        {
            throw new TableException(training.Name, $"the target '{name}' is '{kinds[0]}' in every row: there is nothing to learn");
        }
        if (column.IsNumber && !asClasses) return new TableTarget(name);
        if (kinds.Length > MostClasses)
        {
            throw new TableException(training.Name,
                $"the target '{name}' has {kinds.Length} classes, {MostClasses} are the most: is it a number with a word in it?");
        }
        return new TableTarget(name, column.IsNumber ? [.. kinds.OrderBy(kind => double.Parse(kind, CultureInfo.InvariantCulture))]
            : [.. kinds.Order(StringComparer.Ordinal)]);
    }

    /// <summary>The targets of rows: numbers, or classes' places.</summary>
    /// <exception cref="TableException">The column is missing, has blanks, texts instead of numbers, or a class that training did not
    /// have.</exception>
    public double[] Values(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var column = table[Name];
        Verify(table, column);
        if (Classes is null)
        {
            return column.IsNumber ? column.Numbers.ToArray()
                : throw new TableException(table.Name, $"the target '{Name}' holds texts, but it was a column of numbers in training");
        }
        var places = Classes.Index().ToDictionary(entry => entry.Item, entry => (double)entry.Index, StringComparer.Ordinal);
        return [.. Enumerable.Range(0, column.Count).Select(row => places.TryGetValue(column.Text(row)!, out double place)
            ? place
            : throw new TableException(table.Name,
                $"row {row + 1} of the target '{Name}' is '{column.Text(row)}', a class that training did not have. " +
                    $"{NearestNames.Suggest(column.Text(row)!, Classes)}"))];
    }

    private static void Verify(Table table, TableColumn column)
    {
        int blank = Enumerable.Range(0, column.Count).FirstOrDefault(column.IsBlank, -1);
        if (blank >= 0)
        {
            throw new TableException(table.Name, $"row {blank + 1} of the target '{column.Name}' is blank: leave such rows out");
        }
    }
}
