using Sconce.Tables;

namespace Sconce.Abilities;

/// <summary>A table: a CSV or Parquet file, which is read by whoever knows which of its columns hold texts.</summary>
public sealed class TableFile : IInput<TableFile>
{
    private TableFile(string path) => Path = path;

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Table;

    /// <summary>Its file.</summary>
    public string Path { get; }

    /// <inheritdoc/>
    public string Name => Path;

    /// <inheritdoc/>
    public static TableFile Of(string given) => new(given);

    /// <inheritdoc/>
    public void Prepare()
    {
        if (!File.Exists(Path))
            throw new TableException(Path, Directory.Exists(Path) ? "this is a folder, not a table" : "there is no such file");
    }

    /// <summary>Its rows.</summary>
    /// <param name="options">Such as which columns hold texts.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="TableException">It is missing, damaged, or has no rows.</exception>
    public Table Read(TableOptions? options = null, CancellationToken cancellation = default) => Table.Read(Path, options, cancellation);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
