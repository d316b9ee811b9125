using Sconce.Tables;

namespace Sconce.Data;

/// <summary>Comma-separated values by RFC 4180: a first line of column names, quoted fields, quotes doubled inside them, line breaks inside
/// them too.</summary>
public sealed class CsvTable
{
    private readonly Dictionary<string, int> columns;
    private readonly List<string[]> rows;
    private readonly List<int> lines;

    private CsvTable(string path, Dictionary<string, int> columns, List<string[]> rows, List<int> lines)
    {
        (Path, this.columns, this.rows, this.lines) = (path, columns, rows, lines);
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The columns' names in the file's order.</summary>
    public IReadOnlyCollection<string> Columns => columns.Keys;

    /// <summary>Rows under the names.</summary>
    public int Count => rows.Count;

    /// <summary>One field.</summary>
    /// <exception cref="DataException">No such column.</exception>
    public string this[int row, string column] => rows[row][ColumnOf(column)];

    /// <summary>Where a row is in the file, for errors: <c>labels.csv, line 12</c>.</summary>
    public string PlaceOf(int row) => $"{Path}, line {lines[row]}";

    /// <summary>True: there is such a column.</summary>
    public bool Has(string column) => columns.ContainsKey(column);

    /// <summary>Reads a file of UTF-8, or of UTF-16 with a byte-order mark.</summary>
    /// <param name="path">The file.</param>
    /// <param name="separator">Left out: what a first line <c>sep=;</c> says, as Excel writes it; else a comma, or a semicolon or tab where
    /// the line of names has those and no comma.</param>
    /// <exception cref="DataException">Missing, not UTF-8, empty, a name twice, a quote left open, or a row of another length; with the
    /// line.</exception>
    public static CsvTable Read(string path, char? separator = null)
    {
        string text = TextFiles.Read(path);
        int first = text.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) && text.AsSpan(4).IndexOfAny('\r', '\n') == 1 ? 1 : 0;
        var (records, starts) = Split(path, text, separator ?? (first == 1 ? text[4] : Separator(text)));
        if (first == 1) (records, starts) = (records[1..], starts[1..]);
        if (records.Count == 0)
            throw new DataException(path, "the file is empty: a first line of column names is expected");
        var columns = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in records[0])
        {
            if (!columns.TryAdd(name.Trim(), columns.Count))
                throw new DataException(path, $"two columns are named '{name.Trim()}'");
        }
        for (var r = 1; r < records.Count; r++)
        {
            if (records[r].Length != columns.Count)
                throw new DataException($"{path}, line {starts[r]}",
                    $"the row has {records[r].Length} fields, but there are {columns.Count} columns ({string.Join(", ", columns.Keys)})");
        }
        return new CsvTable(path, columns, records[1..], starts[1..]);
    }

    /// <summary>The records of a file without a line of names, of any lengths, each with its place for errors.</summary>
    /// <exception cref="DataException">It is missing, no text, or a quote is left open.</exception>
    public static IReadOnlyList<(string[] Fields, string Place)> ReadRecords(string path)
    {
        string text = TextFiles.Read(path);
        var (records, starts) = Split(path, text, Separator(text));
        return [.. records.Select((fields, k) => (fields, $"{path}, line {starts[k]}"))];
    }

    private static char Separator(string text)
    {
        var names = text.AsSpan().TrimStart(['\r', '\n']);
        int end = names.IndexOfAny('\r', '\n');
        if (end >= 0) names = names[..end];
        return names.Contains(',') ? ',' : names.Contains(';') ? ';' : names.Contains('\t') ? '\t' : ',';
    }

    private int ColumnOf(string column) => columns.TryGetValue(column, out var at) ? at
        : throw new DataException(Path, $"there is no column '{column}'. {NearestNames.Suggest(column, columns.Keys)}");

    private static (List<string[]> Records, List<int> Lines) Split(string path, string text, char separator)
    {
        Exception Fault(int line, string fault) => new DataException($"{path}, line {line}", fault);
        var rows = new DelimitedRows(new StringReader(text), separator, Fault) { EndsAtReturn = true };
        DelimitedRow[] read = [.. rows.All().Where(row => !row.IsBlank)];
        return ([.. read.Select(row => row.Fields)], [.. read.Select(row => row.Line)]);
    }
}
