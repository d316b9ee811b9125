namespace Sconce.Cli;

/// <summary>
/// A table that leaves out columns where a person's terminal is too narrow for them, and says so; programs get all of them.
/// </summary>
internal static class FittingTable
{
    private const int Gap = 2;

    /// <summary>Writes it.</summary>
    /// <param name="terminal">Where.</param>
    /// <param name="headings">As for <see cref="Columns.Of"/>.</param>
    /// <param name="rows">As many cells as headings.</param>
    /// <param name="kept">How many of the first columns stay, whatever the width.</param>
    public static void Write(Terminal terminal, IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows, int kept)
    {
        var shown = Shown(headings, rows, kept, terminal.OutIsTerminal ? terminal.Width : int.MaxValue);
        var table = Columns.Of([.. shown.Select(k => headings[k])]);
        foreach (var row in rows) table.Add([.. shown.Select(k => row[k])]);
        terminal.Write(table);
        string[] left = [.. Enumerable.Range(0, headings.Count).Except(shown).Select(k => headings[k].TrimStart('>'))];
        if (left.Length > 0) terminal.Write(Columns.Line($"too wide for this terminal: {string.Join(", ", left)}"));
    }

    private static List<int> Shown(IReadOnlyList<string> headings, IReadOnlyList<IReadOnlyList<string>> rows, int kept, int width)
    {
        List<int> shown = [];
        long used = 0;
        for (int k = 0; k < headings.Count; k++)
        {
            int own = Gap + rows.Select(row => row[k].Length).Append(headings[k].TrimStart('>').Length).Max();
            if (k >= kept && used + own > width) continue;
            used += own;
            shown.Add(k);
        }

        return shown;
    }
}
