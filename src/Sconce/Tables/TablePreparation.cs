using System.Text.Json.Serialization;
using Sconce.Torch;

namespace Sconce.Tables;

/// <summary>What is learnt about one column of the training rows.</summary>
public sealed record PreparedColumn
{
    /// <summary>The column's name.</summary>
    public required string Name { get; init; }

    /// <summary>A category's kinds that have a code of their own, the commonest first; null for numbers.</summary>
    public IReadOnlyList<string>? Kinds { get; init; }

    /// <summary>Rarer kinds of training, which share one more code; empty where every kind has its own.</summary>
    public IReadOnlyList<string> RareKinds { get; init; } = [];

    /// <summary>Whether training rows had blanks.</summary>
    public bool HasBlanks { get; init; }

    /// <summary>The numbers' mean.</summary>
    public double Mean { get; init; }

    /// <summary>The numbers' standard deviation; 1 where they are all alike.</summary>
    public double Deviation { get; init; } = 1;

    /// <summary>Codes of a category; 0 for numbers.</summary>
    [JsonIgnore]
    public int Codes => Kinds is null ? 0 : Kinds.Count + (RareKinds.Count > 0 ? 1 : 0);

    /// <summary>Numbers of a network's input that stand for it.</summary>
    [JsonIgnore]
    public int Width => (Kinds is null ? 1 : Codes) + (HasBlanks ? 1 : 0);
}

/// <summary>What was unlike training in rows that were prepared later.</summary>
/// <param name="Column">The column's name.</param>
/// <param name="UnseenKinds">Rows of a kind that training did not see.</param>
/// <param name="NewBlanks">Blank rows where training had none.</param>
public sealed record PreparationNote(string Column, int UnseenKinds, int NewBlanks);

/// <summary>
/// How columns become features: one preparation for trees and networks, learnt on training rows only, kept with the model.
/// </summary>
public sealed class TablePreparation
{
    /// <summary>A preparation that was learnt before.</summary>
    /// <exception cref="ArgumentException">It is damaged.</exception>
    public TablePreparation(IReadOnlyList<PreparedColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count == 0) throw new ArgumentException("a preparation without columns");
        if (columns.Any(column => column?.Name is null || column.RareKinds is null || column.RareKinds.Contains(null!)
            || column.Kinds?.Contains(null!) == true))
        {
            throw new ArgumentException("a preparation with a part missing");
        }

        if (columns.GroupBy(column => column.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"a preparation with the column '{twice.Key}' twice");
        }
        foreach (var column in columns)
        {
            bool numbers = double.IsFinite(column.Mean) && double.IsFinite(column.Deviation) && column.Deviation > 0;
            bool kinds = column.Kinds is null
                || (column.Codes > 0 && column.Kinds.Concat(column.RareKinds).Distinct().Count() == column.Kinds.Count
                    + column.RareKinds.Count);
            if (string.IsNullOrEmpty(column.Name) || !numbers || !kinds)
            {
                throw new ArgumentException($"a preparation whose column '{column.Name}' is damaged");
            }
        }

        Columns = columns;
    }

    /// <summary>The columns that are read, in the features' order; others of a table are ignored.</summary>
    public IReadOnlyList<PreparedColumn> Columns { get; }

    /// <summary>Numbers a row of a network's input.</summary>
    public int Width => Columns.Sum(column => column.Width);

    /// <summary>The columns that must be read as texts: <see cref="TableOptions.TextColumns"/>.</summary>
    public IReadOnlyCollection<string> TextColumns => [.. Columns.Where(column => column.Kinds is not null).Select(column => column.Name)];

    /// <summary>Learns from training rows.</summary>
    /// <param name="training">Nothing else may be in it.</param>
    /// <param name="columns">Which columns are features; all but the target.</param>
    /// <param name="categories">Columns of numbers that are categories; texts always are.</param>
    /// <param name="mostKinds">Codes of a category at most, 2 to 255: the commonest kinds have their own, the rest share one.</param>
    /// <exception cref="TableException">A column is missing, or blank in every row.</exception>
    public static TablePreparation Learn(Table training, IEnumerable<string> columns, IReadOnlyCollection<string>? categories = null,
        int mostKinds = 255)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(mostKinds, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(mostKinds, 255);
        return new TablePreparation([.. columns.Select(name =>
        {
            var column = training[name];
            int blanks = Enumerable.Range(0, column.Count).Count(column.IsBlank);
            if (blanks == column.Count) throw new TableException(training.Name, $"the column '{name}' is blank in every row: leave it out");
            return column.IsNumber && categories?.Contains(name) != true ? LearnNumbers(column, blanks > 0)
                : LearnKinds(column, blanks > 0, mostKinds);
        })]);
    }

    /// <summary>Prepares rows for trees.</summary>
    /// <param name="table">Columns are found by name, in any order.</param>
    /// <param name="notes">What was unlike training; empty where nothing was.</param>
    /// <exception cref="TableException">A column is missing, or holds texts where training had numbers.</exception>
    public FeatureMatrix Features(Table table, out IReadOnlyList<PreparationNote> notes)
    {
        var found = new List<PreparationNote>();
        var features = new FeatureMatrix([.. Columns.Select(column =>
        {
            var values = column.Kinds is null ? Numbers(table, column) : Codes(table[column.Name], column);
            int unseen = column.Kinds is null ? 0 : values.Count(value => value == -1),
                blanks = column.HasBlanks ? 0 : values.Count(double.IsNaN);
            if (unseen + blanks > 0) found.Add(new PreparationNote(column.Name, unseen, blanks));
            return new FeatureColumn(column.Name, values, column.Codes);
        })]);
        notes = found;
        return features;
    }

    /// <summary>
    /// Prepares rows for networks: <c>(rows, Width)</c> float32. Numbers less their mean, divided by their deviation, blanks 0; a
    /// category's codes one-hot,
    /// unseen kinds all 0; and where training had blanks one more number that says so.
    /// </summary>
    /// <exception cref="TableException">As <see cref="Features"/>, or a number too large for a network.</exception>
    public Tensor Input(Table table, out IReadOnlyList<PreparationNote> notes) => Input(Features(table, out notes), table.Name);

    /// <summary>The same from features that are prepared already.</summary>
    public Tensor Input(FeatureMatrix features, string name)
    {
        ArgumentNullException.ThrowIfNull(features);
        int width = Width, at = 0;
        var input = new float[(long)features.Rows * width];
        foreach (var (column, values) in Columns.Zip(features.Columns.Select(feature => feature.Values)))
        {
            for (int row = 0; row < values.Length; row++)
            {
                var own = input.AsSpan((row * width) + at, column.Width);
                double value = values[row];
                if (double.IsNaN(value))
                {
                    if (column.HasBlanks) own[^1] = 1;
                }
                else if (column.Kinds is null)
                {
                    own[0] = (float)((value - column.Mean) / column.Deviation);
                    if (!float.IsFinite(own[0]))
                    {
                        throw new TableException(name,
                            $"row {row + 1} of the column '{column.Name}' holds {value}, which is too far from training for a network");
                    }
                }
                else if (value >= 0)
                {
                    own[(int)value] = 1;
                }
            }

            at += column.Width;
        }

        return Tensor.From(input, [features.Rows, width]);
    }

    private static PreparedColumn LearnNumbers(TableColumn column, bool blanks)
    {
        double sum = 0, squares = 0;
        int count = 0;
        foreach (double value in column.Numbers)
        {
            if (double.IsNaN(value)) continue;
            sum += value;
            count++;
        }

        double mean = sum / count;
        foreach (double value in column.Numbers) squares += double.IsNaN(value) ? 0 : (value - mean) * (value - mean);
        double deviation = Math.Sqrt(squares / count);
        return new PreparedColumn
        {
            Name = column.Name,
            HasBlanks = blanks,
            Mean = mean,
            Deviation = deviation > 1e-12 * Math.Max(1, Math.Abs(mean)) && double.IsFinite(deviation) ? deviation : 1
        };
    }

    private static PreparedColumn LearnKinds(TableColumn column, bool blanks, int most)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int row = 0; row < column.Count; row++)
        {
            if (column.Text(row) is { } kind) counts[kind] = counts.GetValueOrDefault(kind) + 1;
        }

        string[] kinds = [.. counts.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => entry.Key)];
        int own = kinds.Length > most ? most - 1 : kinds.Length;
        return new PreparedColumn { Name = column.Name, HasBlanks = blanks, Kinds = kinds[..own], RareKinds = kinds[own..] };
    }

    private static double[] Numbers(Table table, PreparedColumn column)
    {
        var found = table[column.Name];
        if (found.IsNumber) return found.Numbers.ToArray();
        int row = Enumerable.Range(0, found.Count)
            .FirstOrDefault(row => found.Text(row) is { } text
                && !double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out _));
        throw new TableException(table.Name,
            $"row {row + 1} of the column '{column.Name}' holds '{found.Text(row)}', but it was a column of numbers in training");
    }

    private static double[] Codes(TableColumn found, PreparedColumn column)
    {
        var codes = column.Kinds!.Index().ToDictionary(entry => entry.Item, entry => (double)entry.Index, StringComparer.Ordinal);
        foreach (string rare in column.RareKinds) codes[rare] = column.Kinds!.Count;
        var values = new double[found.Count];
        for (int row = 0; row < values.Length; row++)
        {
            values[row] = found.Text(row) is { } kind ? codes.GetValueOrDefault(kind, -1) : double.NaN;
        }
        return values;
    }
}
