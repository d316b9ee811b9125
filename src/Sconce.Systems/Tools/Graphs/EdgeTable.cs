using System.Globalization;
using Sconce.Files;
using Sconce.Tables;

namespace Sconce.Systems.Tools.Graphs;

/// <summary>
/// A table of edges, CSV or Parquet: the first two columns name the ends, by any text. Without a line of names, with blanks between or with
/// comments before it, as collections of graphs have them, it is read too.
/// </summary>
internal sealed class EdgeTable
{
    private readonly string path;
    private readonly string?[] from, to;
    private readonly int firstRow;

    private EdgeTable(string path, string?[] from, string?[] to, int firstRow) =>
        (this.path, this.from, this.to, this.firstRow) = (path, from, to, firstRow);

    /// <summary>Rows that join a node to itself, and are left out.</summary>
    public int Loops { get; private set; }

    /// <summary>Rows that say what another said, and are left out.</summary>
    public int Repeated { get; private set; }

    /// <summary>Reads it.</summary>
    /// <exception cref="TableException">It is missing or damaged, or has one column only.</exception>
    public static EdgeTable Read(string path, CancellationToken cancellation)
    {
        var options = new TableOptions { TextsOnly = true, Comment = '#', Separator = BlankBetween(path) ? ' ' : null };
        var table = Table.Read(path, options, cancellation);
        if (table.Columns.Count < 2)
            throw new TableException(path, $"it has the column '{table.Columns[0].Name}' alone: an edge has two ends, a column each");
        TableColumn a = table.Columns[0], b = table.Columns[1];
        bool isNamed = !(IsNumber(a.Name) && IsNumber(b.Name)); // numbers for names: the first line is an edge
        string?[] first = isNamed ? [] : [a.Name], second = isNamed ? [] : [b.Name];
        var rows = Enumerable.Range(0, table.Rows);
        return new EdgeTable(path, [.. first, .. rows.Select(a.Text)], [.. second, .. rows.Select(b.Text)], isNamed ? 2 : 1);
    }

    /// <summary>Edges between nodes of one kind, each once; loops and repetitions are counted and left out.</summary>
    /// <param name="names">Nodes that are known; those that the edges name are added, unless no others may be.</param>
    /// <param name="mayAdd">Whether an edge may name a node that is not known.</param>
    /// <exception cref="TableException">A field is blank, a node is not known, or there are no edges.</exception>
    public List<(long A, long B)> Among(NodeNames names, bool mayAdd = true)
    {
        var seen = new HashSet<(long, long)>(from.Length);
        var edges = new List<(long, long)>(from.Length);
        for (int row = 0; row < from.Length; row++)
        {
            long a = Node(from, row, names, mayAdd), b = Node(to, row, names, mayAdd);
            if (a == b) Loops++;
            else if (seen.Add(a < b ? (a, b) : (b, a))) edges.Add((a, b));
            else Repeated++;
        }

        return edges.Count > 0 ? edges : throw new TableException(path, "no row joins two different nodes");
    }

    /// <summary>Who took what, each pair once. Users and items may have the same names.</summary>
    /// <exception cref="TableException">A field is blank, or there are no rows.</exception>
    public List<(long User, long Item)> Between(NodeNames users, NodeNames items)
    {
        var seen = new HashSet<(long, long)>(from.Length);
        var taken = new List<(long, long)>(from.Length);
        for (int row = 0; row < from.Length; row++)
        {
            var pair = (Node(from, row, users, true), Node(to, row, items, true));
            if (seen.Add(pair)) taken.Add(pair);
            else Repeated++;
        }

        return taken;
    }

    /// <summary>What a person should know of it; a sentence each.</summary>
    public IEnumerable<string> Remarks()
    {
        if (Loops > 0) yield return $"{path}: {Loops:N0} rows join a node to itself and are left out";
        if (Repeated > 0) yield return $"{path}: {Repeated:N0} rows say what another says and are left out";
    }

    private long Node(string?[] column, int row, NodeNames names, bool mayAdd)
    {
        string place = $"{path}, row {row + firstRow}";
        string name = column[row]?.Trim() is { Length: > 0 } text ? text
            : throw new TableException(place, "an end of the edge is blank");
        if (mayAdd) return names.Add(name);
        return names.Find(name) ?? throw new TableException(place, $"the edge names '{name}', which is no row of the nodes' table");
    }

    private static bool IsNumber(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    /// <summary>Whether the first line that is no comment has blanks alone between its fields.</summary>
    private static bool BlankBetween(string path)
    {
        if (!File.Exists(path)) return false; // the reader says so
        string? line = RegularFile.ReadLines(path).FirstOrDefault(line => !line.StartsWith('#'));
        return line is not null && line.AsSpan().IndexOfAny(",;\t|\"") < 0 && line.Trim().Contains(' ');
    }
}

/// <summary>Names of nodes, numbered in the order in which they were first met.</summary>
internal sealed class NodeNames
{
    private readonly Dictionary<string, long> numbers = new(StringComparer.Ordinal);
    private readonly List<string> names = [];

    /// <summary>By number.</summary>
    public IReadOnlyList<string> All => names;

    /// <summary>How many.</summary>
    public int Count => names.Count;

    /// <summary>The number of a name, a new one where it is new.</summary>
    public long Add(string name)
    {
        if (!numbers.TryGetValue(name, out long number))
        {
            numbers[name] = number = names.Count;
            names.Add(name);
        }

        return number;
    }

    /// <summary>The number of a name; null for one that is not known.</summary>
    public long? Find(string name) => numbers.TryGetValue(name, out long number) ? number : null;
}
