using System.Globalization;
using System.Text;
using nietras.SeparatedValues;

namespace Sconce.Tables;

/// <summary>CSV by RFC 4180 in UTF-8, with any separator. Read twice: once for the columns' types, once for the values.</summary>
internal static class CsvTableFile
{
    private const int LongestShown = 40;
    private static readonly CultureInfo DecimalComma =
        new("") { NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." } };

    internal static Table Read(string path, FileStream stream, TableOptions options, CancellationToken cancellation)
    {
        var types = new List<ColumnType>();
        int rows = 0;
        char separator = ',';
        Each(path, stream, options, names =>
        {
            types.AddRange(names.Select(name => new ColumnType(name, options)));
        }, (column, cell, used) =>
        {
            separator = used;
            types[column].See(cell);
            if (column == 0 && ++rows > options.MostRows) throw new TableException(path, $"there are more than {options.MostRows} rows");
        }, cancellation);
        var builders = types.Select(type => type.Build(rows, separator)).ToArray();
        stream.Position = 0;
        int row = -1;
        Each(path, stream, options, _ => { }, (column, cell, _) =>
        {
            if (column == 0) row++;
            builders[column].Add(row, cell);
        }, cancellation);
        return new Table(path, [.. builders.Select(builder => builder.Column)]);
    }

    private delegate void Cell(int column, ReadOnlySpan<char> text, char separator);

    private static void Each(string path, FileStream stream, TableOptions options, Action<IReadOnlyList<string>> header, Cell cell,
        CancellationToken cancellation)
    {
        using var text = new StreamReader(stream, new UTF8Encoding(false, throwOnInvalidBytes: true),
            detectEncodingFromByteOrderMarks: true, 1 << 16, leaveOpen: true);
        int line = 1;
        try
        {
            int passed = 0;
            for (; options.Comment is { } sign && text.Peek() == sign; passed++) text.ReadLine();
            using var reader = Sep.Reader(o => o with
            {
                Sep = options.Separator is { } given ? new Sep(given) : null,
                HasHeader = false,
                DisableColCountCheck = true, // counted here, to say which line
            }).From(text);
            int columns = 0;
            var unquoted = new StringBuilder();
            foreach (var row in reader)
            {
                line = passed + row.LineNumberFrom;
                if ((line & 1023) == 0) cancellation.ThrowIfCancellationRequested();
                if (columns == 0)
                {
                    columns = row.ColCount;
                    if (columns > options.MostColumns)
                    {
                        throw new TableException(path, $"there are {columns} columns; {options.MostColumns} are the most");
                    }
                    var names = new string[columns];
                    for (int k = 0; k < columns; k++) names[k] = Unquoted(row[k].Span, unquoted, path, line).Trim().ToString();
                    header(names);
                    continue;
                }

                if (row.ColCount == 1 && columns > 1 && row[0].Span.Trim().IsEmpty) continue; // a blank line
                if (row.ColCount != columns)
                {
                    throw new TableException($"{path}, line {line}", $"the row has {row.ColCount} fields, the first line {columns}");
                }
                for (int k = 0; k < columns; k++) cell(k, Unquoted(row[k].Span, unquoted, path, line), reader.Spec.Sep.Separator);
            }

            if (columns == 0) throw new TableException(path, "the file is empty: a first line of column names is expected");
        }
        catch (DecoderFallbackException fault)
        {
            throw new TableException(path, "it is not UTF-8: save it as such", fault);
        }
        catch (Exception fault) when (
            fault is InvalidDataException or NotSupportedException or ArgumentException or InvalidOperationException or OverflowException)
        {
            throw new TableException($"{path}, after line {line}", $"it is no table that can be read: {fault.Message}", fault);
        }
    }

    private static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> cell, StringBuilder buffer, string path, int line)
    {
        cell = cell.Trim(' ');
        if (cell.IsEmpty || cell[0] != '"') return cell;
        if (cell.Length < 2 || cell[^1] != '"') throw Unclosed(cell);
        var inner = cell[1..^1];
        if (!inner.Contains('"')) return inner;
        buffer.Clear();
        for (int k = 0; k < inner.Length; k++)
        {
            if (inner[k] == '"' && (++k == inner.Length || inner[k] != '"')) throw Unclosed(cell);
            buffer.Append(inner[k]);
        }

        return buffer.ToString();

        TableException Unclosed(ReadOnlySpan<char> text) =>
            new($"{path}, line {line}",
                $"a quote is opened and never closed, or text follows it: {text[..Math.Min(text.Length, LongestShown)]}");
    }

    private static bool IsNumber(ReadOnlySpan<char> text, IFormatProvider culture, out double value) =>
        double.TryParse(text, NumberStyles.Float, culture, out value) && double.IsFinite(value);

    private static bool IsBlankNumber(ReadOnlySpan<char> text, TableOptions options)
    {
        foreach (string word in options.BlankNumbers)
        {
            if (text.SequenceEqual(word)) return true;
        }

        return false;
    }

    /// <summary>What a column may be, as far as it was seen.</summary>
    private sealed class ColumnType(string name, TableOptions options)
    {
        private bool point = true, comma = true, any;

        internal void See(ReadOnlySpan<char> cell)
        {
            if (cell.IsEmpty || IsBlankNumber(cell, options)) return;
            any = true;
            if (point) point = IsNumber(cell, CultureInfo.InvariantCulture, out _);
            if (comma) comma = IsNumber(cell, DecimalComma, out _);
        }

        /// <summary>
        /// A column of blanks is one of numbers; a decimal comma is only thought of where fields are not separated by commas.
        /// </summary>
        internal Builder Build(int rows, char separator)
        {
            if (options.TextsOnly || options.TextColumns.Contains(name)) return new Builder(name, rows, null, options);
            if (!any || point) return new Builder(name, rows, CultureInfo.InvariantCulture, options);
            return new Builder(name, rows, comma && separator != ',' ? DecimalComma : null, options);
        }
    }

    private sealed class Builder(string name, int rows, CultureInfo? culture, TableOptions options)
    {
        private readonly double[]? numbers = culture is null ? null : new double[rows];
        private readonly string?[]? texts = culture is null ? new string?[rows] : null;
        private readonly HashSet<string> known = new(StringComparer.Ordinal);

        internal TableColumn Column => numbers is null ? new TableColumn(name, texts!) : new TableColumn(name, numbers);

        internal void Add(int row, ReadOnlySpan<char> cell)
        {
            if (numbers is not null)
            {
                numbers[row] = !cell.IsEmpty && !IsBlankNumber(cell, options) && IsNumber(cell, culture!, out double value) ? value
                    : double.NaN;
                return;
            }

            if (cell.IsEmpty) return;
            var lookup = known.GetAlternateLookup<ReadOnlySpan<char>>(); // one string a kind, not one a row
            if (!lookup.TryGetValue(cell, out string? text)) known.Add(text = cell.ToString());
            texts![row] = text;
        }
    }
}
