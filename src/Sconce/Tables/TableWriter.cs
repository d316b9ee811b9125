using System.Text;
using Parquet;
using Parquet.Schema;
using Sconce.Files;

namespace Sconce.Tables;

/// <summary>
/// Writes tables: Parquet by that ending, else CSV by RFC 4180 in UTF-8; whole or not at all. <see cref="Table.Read"/> reads both back.
/// </summary>
public static class TableWriter
{
    /// <summary>Writes a table.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Save(Table table, string path, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        bool parquet = Path.GetExtension(path).Equals(".parquet", StringComparison.OrdinalIgnoreCase);
        AtomicFile.Write(path, parquet ? Parquet(table, cancellation).GetAwaiter().GetResult() : Csv(table, cancellation), cancellation);
    }

    private static byte[] Csv(Table table, CancellationToken cancellation)
    {
        using var stream = new MemoryStream();
        using (var text = new StreamWriter(stream, new UTF8Encoding(false)) { NewLine = "\n" })
        {
            text.WriteLine(string.Join(',', table.Columns.Select(column => Quoted(column.Name))));
            for (int row = 0; row < table.Rows; row++)
            {
                if ((row & 1023) == 0) cancellation.ThrowIfCancellationRequested();
                int here = row;
                text.WriteLine(string.Join(',', table.Columns.Select(column => Quoted(column.Text(here) ?? ""))));
            }
        }

        return stream.ToArray();
    }

    private static async Task<byte[]> Parquet(Table table, CancellationToken cancellation)
    {
        using var stream = new MemoryStream();
        DataField[] fields =
        [
            .. table.Columns.Select(column =>
                column.IsNumber ? (DataField)new DataField<double>(column.Name) : new DataField<string>(column.Name)),
        ];
        var schema = new ParquetSchema(fields);
        await using (var writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: cancellation).ConfigureAwait(false))
        {
            using var group = writer.CreateRowGroup();
            for (int k = 0; k < fields.Length; k++)
            {
                var column = table.Columns[k];
                if (column.IsNumber)
                {
                    double[] numbers = column.Numbers.ToArray();
                    await group.WriteAsync<double>(fields[k], numbers, cancellationToken: cancellation).ConfigureAwait(false);
                    continue;
                }

                string[] texts = [.. Enumerable.Range(0, table.Rows).Select(row => column.Text(row) ?? "")];
                await group.WriteAsync(fields[k], (IReadOnlyCollection<string>)texts).ConfigureAwait(false);
            }
        }

        return stream.ToArray();
    }

    private static string Quoted(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\n\r") >= 0 ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
