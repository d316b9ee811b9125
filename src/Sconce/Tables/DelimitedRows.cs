using System.Text;

namespace Sconce.Tables;

/// <summary>A row of fields.</summary>
/// <param name="Fields">As they are, without their quotes; a blank line is one field of blanks.</param>
/// <param name="Line">Where it begins, from 1.</param>
public readonly record struct DelimitedRow(string[] Fields, int Line)
{
    /// <summary>Whether the line is blank.</summary>
    public bool IsBlank => Fields.Length == 1 && string.IsNullOrWhiteSpace(Fields[0]);
}

/// <summary>
/// Rows of text with separators between fields, by RFC 4180, read one by one: files that do not fit into memory, and streams that are still
/// being written. Fields that begin with a quote end with one; quotes in them are doubled, and line breaks and separators stand in them.
/// </summary>
/// <param name="text">The rows.</param>
/// <param name="separator">Between fields.</param>
/// <param name="fault">Makes an error of a line and what is wrong with it.</param>
public sealed class DelimitedRows(TextReader text, char separator, Func<int, string, Exception> fault)
{
    private readonly StringBuilder field = new();
    private readonly List<string> fields = [];
    private int line = 1;

    /// <summary>Characters of a row at most: a quote that is never closed must not swallow a file.</summary>
    public int LongestRow { get; init; } = 1 << 28;

    /// <summary>Whether a carriage return alone ends a line, as on old Macs; else it is a character like others.</summary>
    public bool EndsAtReturn { get; init; }

    /// <summary>The next row; null at the end.</summary>
    public DelimitedRow? Next()
    {
        if (text.Peek() < 0) return null;
        int start = line, opened = 0;
        bool quoted = false, begins = true;
        fields.Clear();
        field.Clear();
        for (int read = 0; ; read++)
        {
            if (read > LongestRow) throw fault(start, $"the row has no end within {LongestRow} characters: is a quote left open?");
            int next = text.Read();
            if (next == '\n') line++;
            if (next == 0) throw fault(line, "it holds the character NUL, which no text does: save the table as UTF-8 text");
            if (quoted)
            {
                if (next < 0) throw fault(opened, "a quote is opened here and never closed");
                if (next == '"' && text.Peek() == '"') field.Append((char)text.Read());
                else if (next == '"') quoted = false;
                else field.Append((char)next);
            }
            else if (next is < 0 or '\n' || (next == '\r' && Returns()))
            {
                fields.Add(field.ToString());
                return new DelimitedRow([.. fields], start);
            }
            else if (begins && next == '"') (quoted, opened, begins) = (true, line, false);
            else if (next == separator)
            {
                fields.Add(field.ToString());
                field.Clear();
                begins = true;
            }
            else
            {
                field.Append((char)next);
                begins = false;
            }
        }
    }

    /// <summary>Every row, as it comes.</summary>
    public IEnumerable<DelimitedRow> All()
    {
        while (Next() is { } row) yield return row;
    }

    /// <summary>Whether a carriage return ends the row: before a line feed, at the end, or by itself where that counts.</summary>
    private bool Returns()
    {
        int after = text.Peek();
        if (after == '\n') text.Read();
        else if (after >= 0 && !EndsAtReturn) return false;
        line++;
        return true;
    }
}
