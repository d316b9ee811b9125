namespace Sconce.Cli.Output;

/// <summary>Markdown tables.</summary>
internal static class Markdown
{
    /// <summary>Writes a table of cells that are Markdown already.</summary>
    public static void Table(TextWriter output, IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows)
    {
        output.WriteLine($"| {string.Join(" | ", headings)} |");
        output.WriteLine($"|{string.Concat(headings.Select(_ => " --- |"))}");
        foreach (var row in rows) output.WriteLine($"| {string.Join(" | ", row)} |");
    }

    /// <summary>A text inside a cell.</summary>
    public static string Escape(string text) =>
        text.ReplaceLineEndings(" ").Replace("\\", "\\\\").Replace("|", "\\|").Replace("*", "\\*").Replace("_", "\\_").Replace("<", "&lt;");
}
