using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Sconce.Cli;

/// <summary>
/// Where a command writes: data to <see cref="Out"/>, everything else to <see cref="Error"/>. All of it passes <see cref="Printable"/>.
/// </summary>
internal sealed class Terminal(TextWriter output, TextWriter error)
{
    // What is read by programs is never wrapped.
    private const int Unlimited = 100_000;

    private IAnsiConsole? console;

    /// <summary>Data.</summary>
    public TextWriter Out { get; } = new CleanWriter(output);

    /// <summary>Progress, notes and errors.</summary>
    public TextWriter Error { get; } = new CleanWriter(error);

    /// <summary>Whether a person reads <see cref="Out"/> as it comes.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether a person reads <see cref="Error"/> as it comes.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Whether colours are welcome where a person reads.</summary>
    public bool Colours { get; init; }

    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = 80;

    /// <summary>The process's own streams.</summary>
    public static Terminal OfProcess()
    {
        bool outIsTerminal = !Console.IsOutputRedirected, errorIsTerminal = !Console.IsErrorRedirected;
        bool dumb = Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        return new Terminal(Writer(Console.OpenStandardOutput()), Writer(new ForgivingStream(Console.OpenStandardError())))
        {
            OutIsTerminal = outIsTerminal,
            ErrorIsTerminal = errorIsTerminal && !dumb,
            Colours = !dumb && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            Width = outIsTerminal || errorIsTerminal ? Math.Max(40, Console.WindowWidth) : 80,
        };
    }

    /// <summary>Writes a table or a text to <see cref="Out"/>; without colours, wrapping and trailing blanks where no person reads
    /// it.</summary>
    public void Write(IRenderable content)
    {
        if (OutIsTerminal)
        {
            (console ??= Ansi(output, Colours, Width)).Write(content);
            return;
        }

        using var text = new StringWriter { NewLine = "\n" };
        Ansi(text, colours: false, Unlimited).Write(content);
        foreach (string line in text.ToString().TrimEnd('\n').Split('\n')) Out.WriteLine(line.TrimEnd());
    }

    /// <summary>Writes one JSON document to <see cref="Out"/>.</summary>
    public void WriteJson<T>(T value, JsonTypeInfo<T> type) => Out.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Says something beside the data.</summary>
    public void Note(string line)
    {
        Error.WriteLine(line);
        Error.Flush();
    }

    /// <summary>A console on <see cref="Error"/> that redraws its lines; only where a person reads it.</summary>
    public IAnsiConsole Live() => Ansi(error, Colours, Width);

    private static IAnsiConsole Ansi(TextWriter writer, bool colours, int width)
    {
        bool live = width != Unlimited;
        var made = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = live ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = colours ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors,
            Interactive = live ? InteractionSupport.Yes : InteractionSupport.No,
            Out = new AnsiConsoleOutput(writer),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        made.Profile.Width = width;
        made.Profile.Capabilities.Unicode = true;
        made.Pipeline.Attach(new CleanRendering());
        return made;
    }

    private static StreamWriter Writer(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" };
}
