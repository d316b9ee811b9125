namespace Sconce.Tables;

/// <summary>A named column of a table: numbers, where NaN is a blank, or texts, where null is one.</summary>
public sealed class TableColumn
{
    private readonly double[]? numbers;
    private readonly string?[]? texts;

    /// <summary>A column of numbers; NaN where there is none.</summary>
    public TableColumn(string name, double[] numbers) => (Name, this.numbers) = (name, numbers);

    /// <summary>A column of texts; null where there is none.</summary>
    public TableColumn(string name, string?[] texts) => (Name, this.texts) = (name, texts);

    /// <summary>As the file has it, without blanks around.</summary>
    public string Name { get; }

    /// <summary>Whether it holds numbers.</summary>
    public bool IsNumber => numbers is not null;

    /// <summary>How many.</summary>
    public int Count => numbers?.Length ?? texts!.Length;

    /// <summary>The numbers.</summary>
    /// <exception cref="InvalidOperationException">It holds texts.</exception>
    public ReadOnlySpan<double> Numbers => numbers ?? throw new InvalidOperationException($"the column '{Name}' holds texts, no numbers");

    /// <summary>Whether a row is blank.</summary>
    public bool IsBlank(int row) => numbers is null ? texts![row] is null : double.IsNaN(numbers[row]);

    /// <summary>A row as text, a number as it is shortest; null for a blank.</summary>
    public string? Text(int row)
    {
        if (numbers is null) return texts![row];
        return double.IsNaN(numbers[row]) ? null : numbers[row].ToString("R", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Some of the rows.</summary>
    internal TableColumn Select(IReadOnlyList<int> rows) => numbers is null
        ? new TableColumn(Name, [.. rows.Select(row => texts![row])])
        : new TableColumn(Name, [.. rows.Select(row => numbers[row])]);
}

/// <summary>Columns of equal length.</summary>
public sealed class Table
{
    private readonly Dictionary<string, TableColumn> byName;

    /// <summary>Puts columns together.</summary>
    /// <param name="name">What errors call it: its file.</param>
    /// <param name="columns">Of equal length, no name twice.</param>
    /// <exception cref="TableException">None, a name twice, or unlike lengths.</exception>
    public Table(string name, IReadOnlyList<TableColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count == 0) throw new TableException(name, "there is no column");
        byName = new Dictionary<string, TableColumn>(columns.Count, StringComparer.Ordinal);
        foreach (var column in columns)
        {
            if (!byName.TryAdd(column.Name, column)) throw new TableException(name, $"two columns are named '{column.Name}'");
            if (column.Count != columns[0].Count)
            {
                throw new TableException(name,
                    $"the column '{column.Name}' has {column.Count} rows, '{columns[0].Name}' has {columns[0].Count}");
            }
        }

        (Name, Columns) = (name, columns);
    }

    /// <summary>What errors call it.</summary>
    public string Name { get; }

    /// <summary>In the file's order.</summary>
    public IReadOnlyList<TableColumn> Columns { get; }

    /// <summary>How many.</summary>
    public int Rows => Columns[0].Count;

    /// <summary>A column by its name, to the letter.</summary>
    /// <exception cref="TableException">There is none; with the nearest names.</exception>
    public TableColumn this[string column] => byName.TryGetValue(column, out var found)
        ? found
        : throw new TableException(Name, $"there is no column '{column}'. {NearestNames.Suggest(column, byName.Keys)}");

    /// <summary>Whether there is such a column.</summary>
    public bool Has(string column) => byName.ContainsKey(column);

    /// <summary>Some of the rows, in the order given.</summary>
    public Table Select(IReadOnlyList<int> rows) => new(Name, [.. Columns.Select(column => column.Select(rows))]);

    /// <summary>Reads a file, CSV or Parquet, whichever its content says.</summary>
    /// <exception cref="TableException">It is missing, damaged, or has no rows.</exception>
    public static Table Read(string path, TableOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= TableOptions.Default;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            Span<byte> magic = stackalloc byte[4];
            bool parquet = stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) == 4 && magic.SequenceEqual("PAR1"u8);
            stream.Position = 0;
            var table = parquet ? ParquetTable.Read(path, stream, options, cancellation)
                : CsvTableFile.Read(path, stream, options, cancellation);
            return table.Rows > 0 ? table : throw new TableException(path, "there are column names and no rows");
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new TableException(path,
                Directory.Exists(path) ? "this is a folder, not a table" : fault is UnauthorizedAccessException ? "it may not be read"
                    : "there is no such file", fault);
        }
        catch (IOException fault)
        {
            throw new TableException(path, $"it cannot be read: {fault.Message}", fault);
        }
    }
}

/// <summary>How a table's file is read.</summary>
public sealed record TableOptions
{
    /// <summary>
    /// Columns that hold texts whatever they look like: postcodes, numbers of articles, and all that were texts when a model was trained.
    /// </summary>
    public IReadOnlyCollection<string> TextColumns { get; init; } = [];

    /// <summary>Whether every column holds texts whatever it looks like: names of nodes, say.</summary>
    public bool TextsOnly { get; init; }

    /// <summary>Lines at CSV's beginning that start so are passed over; null for none.</summary>
    public char? Comment { get; init; }

    /// <summary>What separates CSV's fields; null: found in the first line (comma, semicolon, tab, bar).</summary>
    public char? Separator { get; init; }

    /// <summary>
    /// In columns of numbers these are blanks too; in columns of texts they are texts, for NA may be Namibia. Zero is never a blank.
    /// </summary>
    public IReadOnlyCollection<string> BlankNumbers { get; init; } = ["NA", "N/A", "NaN", "nan", "null", "NULL"];

    /// <summary>Columns at most.</summary>
    public int MostColumns { get; init; } = 100_000;

    /// <summary>Rows at most.</summary>
    public int MostRows { get; init; } = 100_000_000;

    /// <summary>What is left out.</summary>
    public static TableOptions Default { get; } = new();
}
