using Spectre.Console;

namespace Sconce.Cli;

/// <summary>Tables and texts in the command's style: no lines, bold headings, figures to the right.</summary>
internal static class Columns
{
    /// <summary>Bold.</summary>
    public static Style Bold { get; } = new(decoration: Decoration.Bold);

    /// <summary>Less prominent.</summary>
    public static Style Quiet { get; } = new(decoration: Decoration.Dim);

    /// <summary>A table.</summary>
    /// <param name="headings">One a column; a heading that begins with <c>&gt;</c> is a column of figures.</param>
    public static Table Of(params string[] headings)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (string heading in headings)
        {
            bool figures = heading.StartsWith('>');
            string name = heading.TrimStart('>');
            table.AddColumn(new TableColumn(new Text(name, Bold))
            {
                Padding = new Padding(0, 0, 2, 0),
                Alignment = figures ? Justify.Right : Justify.Left,
                NoWrap = heading != headings[^1],
            });
        }

        return table;
    }

    /// <summary>Adds a line of plain texts.</summary>
    public static void Add(this Table table, params string[] cells) => table.AddRow(cells.Select(cell => new Text(Printable.Line(cell))));

    /// <summary>Names and values, the names quiet.</summary>
    public static Grid Facts(IEnumerable<(string Name, string Value)> facts)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn { NoWrap = true, Padding = new Padding(0, 0, 2, 0) });
        grid.AddColumn(new GridColumn { Padding = new Padding(0, 0, 0, 0) });
        foreach (var (name, value) in facts.Where(fact => fact.Value.Length > 0)) grid.AddRow(new Text(Printable.Line(name), Quiet),
            new Text(Printable.Line(value)));
        return grid;
    }

    /// <summary>A heading on its own line.</summary>
    public static Text Heading(string text) => new(Printable.Line(text) + "\n", Bold);

    /// <summary>A text on its own line.</summary>
    public static Text Line(string text = "") => new(text + "\n");
}
