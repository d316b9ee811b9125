using System.Globalization;
using Sconce.Abilities;
using Sconce.Reports;

namespace Sconce.Cli.Verbs;

/// <summary>An answer as a person reads it in a terminal.</summary>
internal static class TerminalAnswer
{
    private const int MostRows = 40;

    /// <summary>Writes one input's answer.</summary>
    public static void Write(Terminal terminal, string input, IAnswer answer, IReadOnlyList<string> files)
    {
        if (input.Length > 0) terminal.Write(Columns.Heading(input));
        foreach (var (name, part) in answer.Parts) Write(terminal, part);
        foreach (string file in files) terminal.Write(Columns.Line(file));
        terminal.Out.Flush();
    }

    private static void Write(Terminal terminal, Answer answer)
    {
        switch (answer)
        {
            case Labels { Items.Count: > 0 } labels:
                var likely = Columns.Of(">", "");
                likely.ShowHeaders = false;
                foreach (var label in labels.Items) likely.Add(Percent(label.Confidence), label.Name);
                terminal.Write(likely);
                if (labels.IsUnsure == true) terminal.Write(Columns.Line($"unsure: less than {Percent(labels.Threshold!.Value)}"));
                break;
            case Boxes { Items.Count: > 0 } boxes:
                var found = Columns.Of(">", "", "left, top, right, bottom");
                foreach (var box in boxes.Items)
                    found.Add(Percent(box.Confidence), box.Name,
                        string.Create(CultureInfo.InvariantCulture, $"{box.Left:0}, {box.Top:0}, {box.Right:0}, {box.Bottom:0}"));
                terminal.Write(found);
                break;
            case Boxes:
                terminal.Write(Columns.Line("nothing found"));
                break;
            case Tracks tracks:
                Followed(terminal, tracks);
                break;
            case ToldLines told:
                foreach (string line in told.Items) // whole, however wide the terminal is, and at once
                {
                    terminal.Out.WriteLine(line);
                    terminal.Out.Flush();
                }

                break;
            case MadeText text:
                terminal.Write(Columns.Line(text.Text));
                break;
            case Points points:
                terminal.Write(Columns.Line($"{points.Rows.Count} × {points.Rows[0].Length} numbers"));
                break;
            case MadeTable made:
                terminal.Write(Columns.Line($"{made.Table.Rows} rows of {made.Table.Columns.Count} columns"));
                break;
            case Rows rows:
                Table(terminal, rows);
                break;
        }
    }

    /// <summary>One line an object: where a person sees at once whether identities hold.</summary>
    private static void Followed(Terminal terminal, Tracks tracks)
    {
        var objects = tracks.Items.GroupBy(item => item.Id).OrderBy(one => one.Key).ToList();
        if (objects.Count == 0) terminal.Write(Columns.Line("nothing was followed"));
        if (objects.Count == 0) return;
        var table = Columns.Of(">id", "label", ">from s", ">to s", ">frames");
        foreach (var one in objects.Take(MostRows))
        {
            object?[] cells = [one.Key, one.First().Box.Name, one.Min(item => item.Seconds), one.Max(item => item.Seconds), one.Count()];
            table.Add([.. cells.Select(Cell)]);
        }

        terminal.Write(table);
        if (objects.Count > MostRows) terminal.Write(Columns.Line($"… {objects.Count - MostRows} objects more"));
    }

    private static void Table(Terminal terminal, Rows rows)
    {
        bool[] figures = [.. rows.Columns.Select((_, k) => rows.Items.All(row => row[k] is null or double or float or long or int))];
        var table = Columns.Of([.. rows.Columns.Select((name, k) => figures[k] ? ">" + name : name)]);
        foreach (var row in rows.Items.Take(MostRows)) table.Add([.. row.Select(Cell)]);
        terminal.Write(table);
        if (rows.Items.Count > MostRows)
            terminal.Write(Columns.Line($"… {rows.Items.Count - MostRows} rows more: --csv FILE writes them all"));
    }

    private static string Cell(object? value) => value is double number ? ClaimFigures.Number(number) : AnswerRows.Cell(value);

    private static string Percent(double confidence) => FormattableString.Invariant($"{100 * confidence:0.0} %");
}
