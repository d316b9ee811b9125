using System.Globalization;
using System.Text;
using Sconce.Data;
using Sconce.Files;
using Sconce.Tables;

namespace Sconce.Systems.Tools.Wit;

/// <summary>What a line of the table came to.</summary>
/// <param name="Number">Of the row, from 0, the line of column names apart.</param>
/// <param name="Row">What it says; null where it is broken.</param>
/// <param name="Error">What is broken: columns, missing key, missing image, bad number, bad flag; null where nothing is.</param>
public readonly record struct WitRecord(long Number, WitRow? Row, string? Error);

/// <summary>
/// Reads WIT's tab-separated tables row by row, packed or not: they are too large to hold. A broken row is told, not fatal.
/// </summary>
public static class WitReader
{
    private const int LongestRow = 1 << 24; // characters: a quote that is never closed must not swallow the file

    /// <summary>The rows of a file.</summary>
    /// <param name="path">Of a table, gzip-packed where it ends in .gz.</param>
    /// <exception cref="DataException">A row has no end within 16 million characters, or the file is damaged.</exception>
    public static IEnumerable<WitRecord> Read(string path)
    {
        using var file = File.OpenRead(path);
        bool packed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        using Stream content = packed ? new WholeGzip(file) : file;
        using var text = new StreamReader(content, new UTF8Encoding(false));
        using var records = Read(text, path).GetEnumerator();
        while (Next(records, path)) yield return records.Current;
    }

    /// <summary>The rows of a text. A first line of column names is passed over.</summary>
    /// <param name="text">Tab-separated; fields may be quoted, quotes in them doubled, and hold tabs and line breaks then.</param>
    /// <param name="name">For errors.</param>
    public static IEnumerable<WitRecord> Read(TextReader text, string name)
    {
        long number = 0;
        bool isFirst = true;
        var rows = new DelimitedRows(text, '\t', (line, fault) => new DataException($"{name}, line {line}", fault))
        {
            LongestRow = LongestRow,
        };
        while (rows.Next() is { } row)
        {
            bool isHeader = isFirst && row.Fields.SequenceEqual(WitRow.Columns);
            isFirst = false;
            if (!isHeader) yield return Parse(number++, row.Fields);
        }
    }

    private static bool Next(IEnumerator<WitRecord> records, string path)
    {
        try
        {
            return records.MoveNext();
        }
        catch (InvalidDataException error)
        {
            throw new DataException(path, $"it is cut or damaged: {error.Message} Download it again");
        }
    }

    private static WitRecord Parse(long number, string[] fields)
    {
        WitRecord Broken(string error) => new(number, null, error);
        if (fields.Length != WitRow.Columns.Count) return Broken("columns");
        if (fields[0].Length == 0 || fields[1].Length == 0) return Broken("missing key");
        if (fields[2].Length == 0) return Broken("missing image");
        if (!IsSize(fields[10], out int height) || !IsSize(fields[11], out int width)) return Broken("bad number");
        if (!IsFlag(fields[12], out bool? main) || !IsFlag(fields[13], out bool? passes) || !IsFlag(fields[14], out bool? changed))
        {
            return Broken("bad flag");
        }

        return new(number, new WitRow
        {
            Language = fields[0],
            PageUrl = fields[1],
            ImageUrl = fields[2],
            PageTitle = fields[3],
            SectionTitle = fields[4],
            SectionPath = fields[5],
            ReferenceCaption = fields[6],
            AttributionCaption = fields[7],
            AltText = fields[8],
            MimeType = fields[9],
            Height = height,
            Width = width,
            IsMainImage = main,
            AttributionIsInLanguage = passes,
            PageChangedRecently = changed,
            PageContext = fields[15],
            SectionContext = fields[16],
        }, null);
    }

    private static bool IsSize(string text, out int size) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out size) && size > 0;

    private static bool IsFlag(string text, out bool? flag)
    {
        flag = text.ToLowerInvariant() switch { "true" => true, "false" => false, _ => null };
        return flag is not null || text.Length == 0;
    }
}
