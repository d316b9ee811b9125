using System.Text;

namespace Sconce.Torch;

/// <summary>Columns of text: the first set left, the others right, a rule under the head and above the foot.</summary>
internal sealed class TextTable(params string[] head)
{
    private readonly List<string[]> rows = [];

    public void Add(params string[] cells) => rows.Add(cells);

    public string ToString(params string[] foot)
    {
        int[] widths = new int[head.Length];
        for (int k = 0; k < widths.Length; k++) widths[k] = rows.Append(head).Append(foot).Max(row => row[k].Length);
        string rule = string.Join("  ", widths.Select(width => new string('-', width)));
        var text = new StringBuilder();
        Write(text, head, widths);
        text.Append(rule).Append('\n');
        foreach (string[] row in rows) Write(text, row, widths);
        text.Append(rule).Append('\n');
        Write(text, foot, widths);
        return text.ToString();
    }

    private static void Write(StringBuilder text, string[] row, int[] widths)
    {
        for (int k = 0; k < row.Length; k++) text.Append(k == 0 ? row[k].PadRight(widths[k]) : "  " + row[k].PadLeft(widths[k]));
        text.Append('\n');
    }
}
