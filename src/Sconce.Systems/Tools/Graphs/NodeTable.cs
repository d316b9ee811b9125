using Sconce.Tables;
using Sconce.Torch;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>A table of nodes: a column of names, one of classes where they are known, and the others, which are features.</summary>
/// <param name="Names">In the order of the rows.</param>
/// <param name="Features"><c>(nodes, width)</c> float32.</param>
/// <param name="Classes">Their names; null where no column of classes is asked for.</param>
/// <param name="Labels">The class of each node, -1 where it is blank.</param>
/// <param name="Columns">How columns become features.</param>
internal sealed record NodeTable(
    NodeNames Names, Tensor Features, IReadOnlyList<string>? Classes, long[] Labels, IReadOnlyList<PreparedColumn> Columns)
{
    private static readonly string[] UsualNames = ["id", "node", "name"];

    /// <summary>Reads one to learn from.</summary>
    /// <param name="path">CSV or Parquet.</param>
    /// <param name="label">The column of classes.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="TableException">A name is blank or stands twice, a column is missing, or there are no features.</exception>
    public static NodeTable Learn(string path, string label, CancellationToken cancellation)
    {
        var table = Table.Read(path, new TableOptions { TextColumns = [label, .. UsualNames] }, cancellation);
        string key = Key(table);
        string[] columns = [.. table.Columns.Select(column => column.Name).Where(name => name != key && name != label)];
        if (columns.Length == 0)
        {
            throw new TableException(
                path,
                $"beside '{key}' and '{label}' there is no column: nodes need features. Those of an embedding (netmf, deepwalk) will do");
        }

        return Of(table, key, TablePreparation.Learn(table, columns), label, null);
    }

    /// <summary>Reads another one by what was learnt.</summary>
    /// <param name="path">CSV or Parquet.</param>
    /// <param name="columns">Of training.</param>
    /// <param name="label">The column of classes; it may be missing.</param>
    /// <param name="classes">Of training.</param>
    /// <param name="cancellation">Ends it.</param>
    public static NodeTable Read(
        string path, IReadOnlyList<PreparedColumn> columns, string label, IReadOnlyList<string> classes, CancellationToken cancellation)
    {
        var preparation = new TablePreparation(columns);
        var table = Table.Read(path, new TableOptions { TextColumns = [.. preparation.TextColumns, label, .. UsualNames] }, cancellation);
        return Of(table, Key(table), preparation, label, classes);
    }

    private static string Key(Table table) =>
        table.Columns.FirstOrDefault(column => UsualNames.Contains(column.Name.ToLowerInvariant()))?.Name ?? table.Columns[0].Name;

    private static NodeTable Of(Table table, string key, TablePreparation preparation, string label, IReadOnlyList<string>? classes)
    {
        var names = new NodeNames();
        for (int row = 0; row < table.Rows; row++)
        {
            string name = table[key].Text(row)?.Trim()
                ?? throw new TableException(table.Name, $"row {row + 1} of the column '{key}' is blank: a node has a name");
            if (names.Find(name) is not null) throw new TableException(table.Name, $"row {row + 1}: the node '{name}' stands twice");
            names.Add(name);
        }

        TableColumn? labels = classes is null || table.Has(label) ? table[label] : null;
        string?[] texts = [.. Enumerable.Range(0, table.Rows).Select(row => labels?.Text(row))];
        classes ??= [.. texts.OfType<string>().Distinct().Order(StringComparer.Ordinal)];
        if (classes.Count < 2) throw new TableException(table.Name, $"the column '{label}' names {classes.Count} classes: two are needed");
        var places = classes.Index().ToDictionary(entry => entry.Item, entry => (long)entry.Index, StringComparer.Ordinal);
        long[] known = [.. texts.Select(text => text is null ? -1 : places.GetValueOrDefault(text, -1))];
        return new NodeTable(names, preparation.Input(table, out _), classes, known, preparation.Columns);
    }
}
