using Sconce.Tables;

namespace Sconce.Abilities;

/// <summary>Tables that are asked about together, CSV or Parquet; read once, when they are first looked at.</summary>
public sealed class TableFiles : IInput<TableFiles>
{
    private const char Between = '\n';
    private readonly Lazy<IReadOnlyList<Table>> tables;

    private TableFiles(string name, Func<IReadOnlyList<Table>> load) => (Name, tables) = (name, new Lazy<IReadOnlyList<Table>>(load));

    /// <inheritdoc/>
    public static InputKind Kind => InputKind.Table;

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The tables, in the order in which they were named.</summary>
    /// <exception cref="TableException">One cannot be read.</exception>
    public IReadOnlyList<Table> Tables => tables.Value;

    /// <summary>A table's file; several with line feeds between.</summary>
    public static TableFiles Of(string given)
    {
        string[] paths = given.Split(Between);
        return new TableFiles(string.Join(" and ", paths), () => [.. paths.Select(path => Table.Read(path))]);
    }

    /// <summary>Tables that are in memory.</summary>
    public static TableFiles Of(params IReadOnlyList<Table> tables) =>
        new(string.Join(" and ", tables.Select(table => table.Name)), () => tables);

    /// <summary>Several paths as one text that <see cref="Of(string)"/> takes.</summary>
    public static string Joined(IEnumerable<string> paths) => string.Join(Between, paths);

    /// <inheritdoc/>
    public void Prepare() => _ = tables.Value;
}
