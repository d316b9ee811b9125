using Parquet;
using Parquet.Schema;

namespace Sconce.Tables;

/// <summary>Flat Parquet files: numbers, truth values (0 and 1), times (seconds since 1970) and texts.</summary>
internal static class ParquetTable
{
    internal static Table Read(string path, Stream stream, TableOptions options, CancellationToken cancellation)
    {
        try
        {
            return ReadAsync(path, stream, options, cancellation).GetAwaiter().GetResult();
        }
        catch (Exception fault) when (fault is not (TableException or OperationCanceledException or OutOfMemoryException))
        {
            // The reader meets damage in many ways: whatever it throws, the file is at fault.
            throw new TableException(path, $"it is a damaged Parquet file: {fault.Message}", fault);
        }
    }

    private static async Task<Table> ReadAsync(string path, Stream stream, TableOptions options, CancellationToken cancellation)
    {
        await using var reader = await ParquetReader.CreateAsync(stream, null, leaveStreamOpen: true, cancellation).ConfigureAwait(false);
        var fields = reader.Schema.GetDataFields();
        if (fields.Length > options.MostColumns)
        {
            throw new TableException(path, $"there are {fields.Length} columns; {options.MostColumns} are the most");
        }
        if (fields.FirstOrDefault(field => field.IsArray || field.Path.Length > 1) is { } nested)
        {
            throw new TableException(path, $"the column '{nested.Path}' is nested: a table has flat columns");
        }
        long rows = 0;
        for (int group = 0; group < reader.RowGroupCount; group++)
        {
            using var part = reader.OpenRowGroupReader(group);
            rows += part.RowCount;
            if (part.RowCount < 0 || rows > options.MostRows)
            {
                throw new TableException(path, $"there are more than {options.MostRows} rows");
            }
        }

        var columns = new List<TableColumn>();
        foreach (var field in fields)
        {
            bool text = field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);   // 6.1 gives its texts so
            var column = new Values(path, field, (int)rows, text);
            for (int group = 0; group < reader.RowGroupCount; group++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var part = reader.OpenRowGroupReader(group);
                await column.Add(part, cancellation).ConfigureAwait(false);
            }

            columns.Add(column.Column(options.TextsOnly || options.TextColumns.Contains(field.Name)));
        }

        return new Table(path, columns);
    }

    /// <summary>One column, row group after row group.</summary>
    private sealed class Values(string path, DataField field, int rows, bool text)
    {
        private readonly double[] numbers = text ? [] : new double[rows];
        private readonly string?[] texts = text ? new string?[rows] : [];
        private int next;

        internal TableColumn Column(bool asText)
        {
            if (text) return new TableColumn(field.Name, [.. texts.Select(value => string.IsNullOrEmpty(value) ? null : value)]);
            var column = new TableColumn(field.Name, numbers);
            return asText ? new TableColumn(field.Name, [.. Enumerable.Range(0, rows).Select(column.Text)]) : column;
        }

        internal async Task Add(ParquetRowGroupReader part, CancellationToken cancellation)
        {
            int count = (int)part.RowCount;
            if (text)
            {
                await part.ReadAsync(field, texts.AsMemory(next, count), null, cancellation).ConfigureAwait(false);
                next += count;
                return;
            }

            await (field.ClrType switch
            {
                var type when type == typeof(double) => Read<double>(part, count, static value => value, cancellation),
                var type when type == typeof(float) => Read<float>(part, count, static value => value, cancellation),
                var type when type == typeof(int) => Read<int>(part, count, static value => value, cancellation),
                var type when type == typeof(long) => Read<long>(part, count, static value => value, cancellation),
                var type when type == typeof(uint) => Read<uint>(part, count, static value => value, cancellation),
                var type when type == typeof(ulong) => Read<ulong>(part, count, static value => value, cancellation),
                var type when type == typeof(short) => Read<short>(part, count, static value => value, cancellation),
                var type when type == typeof(ushort) => Read<ushort>(part, count, static value => value, cancellation),
                var type when type == typeof(sbyte) => Read<sbyte>(part, count, static value => value, cancellation),
                var type when type == typeof(byte) => Read<byte>(part, count, static value => value, cancellation),
                var type when type == typeof(decimal) => Read<decimal>(part, count, static value => (double)value, cancellation),
                var type when type == typeof(bool) => Read<bool>(part, count, static value => value ? 1 : 0, cancellation),
                var type when type == typeof(DateTime) =>
                    Read<DateTime>(part, count, static value => (value - DateTime.UnixEpoch).TotalSeconds, cancellation),
                var other => throw new TableException(path,
                    $"the column '{field.Name}' is of type {other.Name}: numbers, truth values, times and texts are read"),
            }).ConfigureAwait(false);
        }

        private async Task Read<T>(ParquetRowGroupReader part, int count, Func<T, double> number, CancellationToken cancellation)
            where T : struct
        {
            if (field.IsNullable)
            {
                var values = new T?[count];
                await part.ReadAsync<T>(field, values.AsMemory(), null, cancellation).ConfigureAwait(false);
                for (int k = 0; k < count; k++) numbers[next + k] = values[k] is { } value ? Finite(number(value)) : double.NaN;
            }
            else
            {
                var values = new T[count];
                await part.ReadAsync<T>(field, values.AsMemory(), null, cancellation).ConfigureAwait(false);
                for (int k = 0; k < count; k++) numbers[next + k] = Finite(number(values[k]));
            }

            next += count;
        }

        private static double Finite(double value) => double.IsFinite(value) ? value : double.NaN;
    }
}
