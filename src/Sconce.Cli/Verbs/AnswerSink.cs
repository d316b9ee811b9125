using System.Text;
using Sconce.Abilities;
using Sconce.Files;

namespace Sconce.Cli.Verbs;

/// <summary>Takes answers as they come, and writes them where a line asks for them: terminal, JSON, CSV, files.</summary>
/// <param name="terminal">Where it is written what is no file.</param>
/// <param name="places">Where files go.</param>
/// <param name="json">Whether answers are JSON.</param>
/// <param name="csv">The table; null for none.</param>
/// <param name="unsure">Takes copies of what is unsure.</param>
/// <param name="stream">Takes each answer at once, where there is no end to wait for; it then has the JSON and the table.</param>
internal sealed class AnswerSink(
    Terminal terminal, AnswerPlaces places, bool json, string? csv, UnsureFolder? unsure = null, AnswerStream? stream = null)
{
    private readonly List<(string Input, IAnswer Answer, IReadOnlyList<string> Files)> answers = [];
    private readonly List<(string Input, string Fault)> faults = [];
    private readonly List<(string Input, float[] Row)> points = [];
    private int all, doubtful;

    /// <summary>Whether answers wait until a live bar is gone.</summary>
    private bool Waits => stream is null && (json || terminal.ErrorIsTerminal);

    /// <summary>An answer.</summary>
    public void Take(IInput input, IAnswer answer, CancellationToken cancellation)
    {
        var files = new List<string>();
        string? lead = Lead(input, answer);
        foreach (var (name, part) in answer.Parts)
        {
            if (places.Asked is null && AnswerFiles.IsOnlyOnDemand(part)) continue;
            // Rows of numbers belong together: one file holds all of them, once all are there.
            if (part is Points rows && stream is null) points.AddRange(rows.Rows.Select(row => (input.Name, row)));
            else if (part is MadeFolder) files.AddRange(AnswerFiles.Write(part, input, places.OfFolder(input.Name), cancellation));
            else if (AnswerFiles.ExtensionBeside(part, input, places.Asked) is { Length: > 0 } extension)
            {
                string called = name == lead ? "" : name.Length > 0 ? name : "answer";
                files.AddRange(AnswerFiles.Write(part, input, places.Of(input.Name, called, extension), cancellation));
            }
        }

        all++;
        if (answer.Parts.Any(part => part.Part is Labels { IsUnsure: true })) doubtful++;
        unsure?.Take(input, answer);

        // What is only for the terminal is not kept: a folder may hold more than memory does.
        if (Waits || csv is not null) answers.Add((input.Name, answer, files));
        if (stream is not null) stream.Take(input.Name, answer, files);
        else if (!Waits) TerminalAnswer.Write(terminal, input.Name, answer, files);
    }

    /// <summary>The part that goes into the file that was named: the first of its extension, else the first with a file.</summary>
    private string? Lead(IInput input, IAnswer answer)
    {
        var parts = answer.Parts.Where(part => AnswerFiles.ExtensionOf(part.Part, input).Length > 0).ToList();
        if (places.Asked is not { } asked || !AnswerPlaces.IsFile(asked)) return "";
        int fitting = parts.FindIndex(part => AnswerFiles.Fits(part.Part, input, asked));
        return fitting >= 0 ? parts[fitting].Name : parts.Count > 0 ? parts[0].Name : null;
    }

    /// <summary>An input that could not be asked about.</summary>
    public void TakeFault(string input, string fault)
    {
        if (stream is null) faults.Add((input, fault));
        stream?.TakeFault(input, fault);
        terminal.Note($"sconce: {fault}");
    }

    /// <summary>Writes what waited, and what holds all answers together.</summary>
    public void Finish(CancellationToken cancellation)
    {
        string? together = points.Count > 0 ? WritePoints(cancellation) : null;
        if (csv is not null) WriteCsv();
        if (json && stream is null) terminal.Out.WriteLine(Json(together));
        else if (Waits) answers.ForEach(one => TerminalAnswer.Write(terminal, one.Input, one.Answer, one.Files));
        string? sorted = unsure?.Finish(cancellation);
        if (doubtful > 0 || sorted is not null)
        {
            string told = sorted is null ? "" : $"; {sorted}";
            terminal.Note($"sconce: {doubtful} of {all} {(all == 1 ? "answer is" : "answers are")} unsure{told}");
        }

        if (!json && together is not null)
            terminal.Write(Columns.Line($"{together}: {points.Count} rows, {points[0].Row.Length} numbers each; "
                + $"{Names(together)} names them"));
    }

    private string WritePoints(CancellationToken cancellation)
    {
        string path = places.OfAll("points.npy");
        AnswerFiles.Write(new Points([.. points.Select(point => point.Row)]), null, path, cancellation);
        AtomicFile.Write(Names(path),
            Encoding.UTF8.GetBytes(string.Concat(points.Select(point => point.Input.ReplaceLineEndings(" ") + "\n"))), cancellation);
        return path;
    }

    private static string Names(string path) => Path.ChangeExtension(path, ".txt");

    private void WriteCsv()
    {
        var text = new StringBuilder();
        string[]? columns = null;
        foreach (var (input, answer, _) in answers)
        {
            foreach (var rows in answer.Parts.Select(part => AnswerRows.Of(part.Part)).OfType<AnswerRows>())
            {
                if (columns is null) text.Append(AnswerRows.CsvLine(columns = ["input", .. rows.Columns]));
                if (!columns.Skip(1).SequenceEqual(rows.Columns)) continue;   // another part of a record: it is in the JSON
                foreach (var row in rows.Items) text.Append(AnswerRows.CsvLine([input, .. row.Select(AnswerRows.Cell)]));
            }
        }

        if (columns is null) throw new UsageException("--csv: these answers have no rows");
        if (csv == "-") terminal.Out.Write(text.ToString());
        else AtomicFile.Write(csv!, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private string Json(string? together) => AnswerObject.Text(
        writer =>
        {
            writer.WriteStartArray();
            foreach (var (input, answer, files) in answers)
                AnswerObject.Write(writer, input, answer, together is null ? files : [.. files, together]);
            foreach (var (input, fault) in faults) AnswerObject.WriteFault(writer, input, fault);
            writer.WriteEndArray();
        },
        indented: true);
}
