using Sconce.Abilities;

namespace Sconce.Cli.Verbs;

/// <summary>Answers that are read as they come, of a folder that has no end: lines of JSON, or what a person reads, and rows appended to
/// a table. Nothing is kept.</summary>
/// <param name="terminal">Where lines go, each at once.</param>
/// <param name="json">Whether each answer is a line of JSON.</param>
/// <param name="table">What rows are appended to; null for none.</param>
internal sealed class AnswerStream(Terminal terminal, bool json, AppendedTable? table)
{
    /// <summary>An answer, whose files are written.</summary>
    /// <exception cref="IOException">The table cannot be written.</exception>
    public void Take(string input, IAnswer answer, IReadOnlyList<string> files)
    {
        table?.Append(input, answer);
        if (json) Line(AnswerObject.Text(writer => AnswerObject.Write(writer, input, answer, files), indented: false));
        else if (table?.IsStandardOutput != true) TerminalAnswer.Write(terminal, input, answer, files);
    }

    /// <summary>An input that could not be asked about.</summary>
    public void TakeFault(string input, string fault)
    {
        if (json) Line(AnswerObject.Text(writer => AnswerObject.WriteFault(writer, input, fault), indented: false));
    }

    private void Line(string text)
    {
        terminal.Out.WriteLine(text);
        terminal.Out.Flush();
    }
}
