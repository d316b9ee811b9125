using System.Text;

namespace Sconce.Data;

/// <summary>Comma-separated values by RFC 4180: a first line of column names, quoted fields, quotes doubled inside them, line breaks inside them too.</summary>
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

    /// <summary>Reads a file of UTF-8.</summary>
    /// <param name="path">The file.</param>
    /// <param name="separator">A comma where left out.</param>
    /// <exception cref="DataException">Missing, not UTF-8, empty, a name twice, a quote left open, or a row of another length; with the line.</exception>
    public static CsvTable Read(string path, char separator = ',')
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(BoxCheck.ReadFile(path)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException e)
        {
            throw new DataException(path, "it is not UTF-8: save it as such", e);
        }
        var (records, starts) = Split(path, text, separator);
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
                throw new DataException($"{path}, line {starts[r]}", $"the row has {records[r].Length} fields, but there are {columns.Count} columns ({string.Join(", ", columns.Keys)})");
        }
        return new CsvTable(path, columns, records[1..], starts[1..]);
    }

    private int ColumnOf(string column) => columns.TryGetValue(column, out var at) ? at
        : throw new DataException(Path, $"there is no column '{column}'. {NearestNames.Suggest(column, columns.Keys)}");

    private static (List<string[]> Records, List<int> Lines) Split(string path, string text, char separator)
    {
        var (records, starts, fields, field) = (new List<string[]>(), new List<int>(), new List<string>(), new StringBuilder());
        var (line, start, quoted, opened) = (1, 1, false, 0);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (quoted)
            {
                if (c == '"' && i + 1 < text.Length && text[i + 1] == '"')
                {
                    field.Append('"');
                    i++;
                }
                else if (c == '"')
                {
                    quoted = false;
                }
                else
                {
                    line += c == '\n' ? 1 : 0;
                    field.Append(c);
                }
            }
            else if (c == '"' && field.Length == 0)
            {
                (quoted, opened) = (true, line);
            }
            else if (c == separator)
            {
                End();
            }
            else if (c == '\n')
            {
                EndRecord();
                line++;
                start = line;
            }
            else if (c != '\r' || (i + 1 < text.Length && text[i + 1] != '\n'))
            {
                field.Append(c);
            }
        }
        if (quoted)
            throw new DataException($"{path}, line {opened}", "a quote is opened here and never closed");
        EndRecord();
        return (records, starts);

        void End()
        {
            fields.Add(field.ToString());
            field.Clear();
        }

        void EndRecord()
        {
            if (fields.Count == 0 && string.IsNullOrWhiteSpace(field.ToString()))    // a blank line
            {
                field.Clear();
                return;
            }
            End();
            records.Add([.. fields]);
            starts.Add(start);
            fields.Clear();
        }
    }
}
