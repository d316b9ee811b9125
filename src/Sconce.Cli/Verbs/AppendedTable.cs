using System.Text;
using Sconce.Abilities;
using Sconce.Files;
using Sconce.Tables;

namespace Sconce.Cli.Verbs;

/// <summary><c>--csv</c> of a watched folder: each answer's rows are appended as it comes, behind those of an earlier watch, whose pictures
/// are then not asked about again.</summary>
internal sealed class AppendedTable : IDisposable
{
    private const string InputColumn = "input";

    private readonly string path;
    private readonly TextWriter writer;
    private readonly HashSet<string> inputs = new(StringComparer.Ordinal);
    private string[]? columns;

    /// <summary>Opens the table, and reads which pictures it has answers of.</summary>
    /// <param name="path">The file, which need not be there; - for standard output.</param>
    /// <param name="standardOutput">That.</param>
    /// <exception cref="UsageException">The file holds another table.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    public AppendedTable(string path, TextWriter standardOutput)
    {
        this.path = path;
        IsStandardOutput = path == "-";
        if (IsStandardOutput)
        {
            writer = standardOutput;
            return;
        }

        bool hasEnd = !File.Exists(path) || Read();
        writer = new StreamWriter(path, append: true, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
        // A row that a failing machine left half-written stays a row of its own.
        if (!hasEnd) writer.WriteLine();
    }

    /// <summary>Whether it is written to standard output.</summary>
    public bool IsStandardOutput { get; }

    /// <summary>The inputs that the table had whole rows of when it was opened.</summary>
    public IReadOnlySet<string> Inputs => inputs;

    /// <summary>Appends an answer's rows, and hands them to the system at once.</summary>
    /// <exception cref="UsageException">The answer has no rows, or other columns than the file.</exception>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void Append(string input, IAnswer answer)
    {
        var all = answer.Parts.Select(part => AnswerRows.Of(part.Part)).OfType<AnswerRows>().ToList();
        if (all.Count == 0) throw new UsageException("--csv: these answers have no rows");
        string[] named = [InputColumn, .. all[0].Columns];
        if (columns is null) writer.Write(AnswerRows.CsvLine(columns = named));
        if (!columns.SequenceEqual(named))
        {
            throw new UsageException($"--csv {path}: its columns are {string.Join(", ", columns)}, and these answers' are "
                + $"{string.Join(", ", named)}: name a new file");
        }

        // Rows of other columns are another part of a record: they are in the JSON.
        foreach (var rows in all.Where(rows => rows.Columns.SequenceEqual(all[0].Columns)))
            foreach (var row in rows.Items) writer.Write(AnswerRows.CsvLine([input, .. row.Select(AnswerRows.Cell)]));
        writer.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!IsStandardOutput) writer.Dispose();
    }

    /// <summary>Reads headings and inputs.</summary>
    /// <returns>Whether the last row has its line's end.</returns>
    private bool Read()
    {
        using var stream = RegularFile.Open(path);
        if (stream.Length == 0) return true;
        var rows = new DelimitedRows(new StreamReader(stream, Encoding.UTF8, true, -1, leaveOpen: true), ',',
            (line, fault) => new UsageException($"--csv {path}, line {line}: {fault}; name a new file"));
        while (rows.Next() is { } row)
        {
            columns ??= row.Fields;
            if (columns[0] != InputColumn)
            {
                throw new UsageException($"--csv {path} is there, and no table of answers: its first column is '{columns[0]}'; "
                    + "name a new file");
            }

            if (row.Fields.Length == columns.Length && row.Fields != columns) inputs.Add(row.Fields[0]);
        }

        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() == '\n';
    }
}
