using System.Diagnostics;
using Spectre.Console;
using Xunit;

namespace Sconce.Cli.Tests;

/// <summary>Names out of files do nothing to a terminal.</summary>
public class PrintableTests
{
    [Theory]
    [InlineData("caf\u00e9 \u4e2d \ud83d\udc31 a\u200db", "caf\u00e9 \u4e2d \ud83d\udc31 a\u200db")]
    [InlineData("\u001b]0;title\u0007.png", "\\u001b]0;title\\u0007.png")]
    [InlineData("a\u202egnp.exe\u2066", "a\\u202egnp.exe\\u2066")]
    [InlineData("a\nsconce: fine", "a\\u000asconce: fine")]
    [InlineData("\u009b31m \r \u007f \u2028", "\\u009b31m \\u000d \\u007f \\u2028")]
    public void What_would_move_a_cursor_or_turn_a_line_is_shown_instead(string name, string shown) =>
        Assert.Equal(shown, Printable.Line(name));

    [Fact]
    public void Half_a_character_is_shown_by_its_number() =>
        Assert.Equal("half \\ud800 and \\udc00", Printable.Line("half \ud800 and \udc00"));

    [Fact]
    public void A_text_keeps_its_lines() => Assert.Equal("a\n\tb\\u0007\n", Printable.Text("a\n\tb\u0007\n"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_way_to_the_terminal_is_cleaned(bool isTerminal)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        const string name = "x\u0007\u202e\u001b[31m";
        var terminal = new Terminal(output, error)
        {
            OutIsTerminal = isTerminal,
            ErrorIsTerminal = isTerminal,
            Colours = isTerminal,
            Width = 100
        };
        var table = Columns.Of("Name");
        table.Add(name + "\nnext");
        terminal.Write(table);
        terminal.Write(Columns.Heading(name));
        terminal.Write(Columns.Line(name));
        terminal.Write(new Text(name));
        terminal.Out.WriteLine(name);
        terminal.Out.Write(name.AsSpan());
        terminal.Note(name);
        terminal.Live().Write(new Text(name));
        string all = output.ToString() + error;
        Assert.DoesNotContain('\u0007', all);
        Assert.DoesNotContain('\u202e', all);
        Assert.DoesNotContain("\u001b[31m", all, StringComparison.Ordinal);
        Assert.Contains("\\u000anext", all, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_whose_name_is_hostile_is_named_harmlessly()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "such names are for Linux");
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "a\u001b[2J\nsconce: all is well.ckpt");
        File.WriteAllText(file, "no checkpoint");
        var outcome = CommandLine.Run("weights", file);
        Assert.DoesNotContain('\u001b', outcome.Error + outcome.Out);
        Assert.DoesNotContain("\nsconce: all is well", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_error_stream_changes_nothing()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "streams are closed by a shell");
        using var open = CommandLine.Start(null, null, "list");
        string expected = open.StandardOutput.ReadToEnd();
        open.WaitForExit();
        var line = new ProcessStartInfo("/bin/sh",
            ["-c", "exec \"$@\" 2>&-", "sh", .. CommandLine.Words(TestProgram.AsCommand, "list")])
        { RedirectStandardOutput = true };
        using var closed = Process.Start(line)!;
        Assert.Equal(expected, closed.StandardOutput.ReadToEnd());
        closed.WaitForExit();
        Assert.Equal(0, closed.ExitCode);
    }
}
