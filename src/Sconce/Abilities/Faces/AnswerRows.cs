using System.Globalization;
using Sconce.Tables;

namespace Sconce.Abilities;

/// <summary>An answer as rows under headings: what a terminal shows and a CSV file holds.</summary>
/// <param name="Columns">The headings.</param>
/// <param name="Items">Texts, numbers and nulls.</param>
public sealed record AnswerRows(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Items)
{
    /// <summary>The rows of an answer; null for kinds that are only looked at, or read from a file.</summary>
    public static AnswerRows? Of(Answer answer) => answer switch
    {
        Labels { IsUnsure: { } unsure } labels => new(
            ["label", "confidence", "unsure"], [.. labels.Items.Select(label => (object?[])[label.Name, label.Confidence, unsure])]),
        Labels labels => new(["label", "confidence"], [.. labels.Items.Select(label => (object?[])[label.Name, label.Confidence])]),
        Boxes boxes => new(["label", "confidence", "left", "top", "right", "bottom"], [.. boxes.Items.Select(Cells)]),
        Tracks tracks => new(
            ["frame", "seconds", "id", "label", "confidence", "left", "top", "right", "bottom"],
            [.. tracks.Items.Select(item => (object?[])[item.Frame, item.Seconds, (long)item.Id, .. Cells(item.Box)])]),
        MadeText text => new(["text"], [[text.Text]]),
        Rows rows => new(rows.Columns, rows.Items),
        MadeTable made => new(
            [.. made.Table.Columns.Select(column => column.Name)],
            [.. Enumerable.Range(0, made.Table.Rows).Select(row => Cells(made.Table, row))]),
        Mask mask => new(["class", "share"], Shares(mask)),
        _ => null,
    };

    /// <summary>A cell as it is written into a table: numbers so that they read back to the same.</summary>
    public static string Cell(object? value) => value switch
    {
        null => "",
        bool flag => flag ? "true" : "false",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        float number => number.ToString("R", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private static object?[] Cells(Table table, int row) =>
        [.. table.Columns.Select(column => column.IsBlank(row) ? null : column.IsNumber ? (object)column.Numbers[row] : column.Text(row))];

    /// <summary>All of it as RFC 4180's text, with the headings in the first line.</summary>
    public string Csv() => CsvLine(Columns) + string.Concat(Items.Select(row => CsvLine(row.Select(Cell))));

    /// <summary>One line of such a text.</summary>
    public static string CsvLine(IEnumerable<string> cells) => string.Join(',', cells.Select(Quoted)) + "\n";

    private static string Quoted(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\n\r") >= 0 ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;

    private static object?[] Cells(Box box) => [box.Name, box.Confidence, box.Left, box.Top, box.Right, box.Bottom];

    private static List<object?[]> Shares(Mask mask) =>
    [
        .. mask.Classes.CountBy(number => number).OrderByDescending(pair => pair.Value)
            .Select(pair => (object?[])[pair.Key < 0 ? "unknown" : mask.Names[pair.Key], (double)pair.Value / mask.Classes.Count]),
    ];
}
