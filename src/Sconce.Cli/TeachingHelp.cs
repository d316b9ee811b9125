using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Sconce.Cli;

/// <summary>A command whose help ends in examples to type.</summary>
internal sealed class TeachingCommand(string name, string description) : Command(name, description)
{
    /// <summary>Lines to type, each with what it does.</summary>
    public IReadOnlyList<(string Line, string Meaning)> Examples { get; init; } = [];

    /// <summary>Asked before help is written: shows the options that the line is about.</summary>
    public Action<ParseResult>? Helping { get; init; }
}

/// <summary>The usual help, then examples.</summary>
internal sealed class TeachingHelp(HelpAction usual, IReadOnlyList<(string Line, string Meaning)> ofRoot) : SynchronousCommandLineAction
{
    private const int ReadableWidth = 110;

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <summary>Makes a command line's <c>--help</c> teach.</summary>
    public static void Install(RootCommand root, Terminal terminal, IReadOnlyList<(string Line, string Meaning)> ofRoot)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        var usual = (HelpAction)option.Action!;
        usual.MaxWidth = terminal.OutIsTerminal ? Math.Min(terminal.Width, ReadableWidth) : ReadableWidth;
        option.Action = new TeachingHelp(usual, ofRoot);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        (parseResult.CommandResult.Command as TeachingCommand)?.Helping?.Invoke(parseResult);
        if (parseResult.CommandResult.Command is RootCommand root)
            RootHelp.Write(root, parseResult.InvocationConfiguration.Output, usual.MaxWidth);
        else usual.Invoke(parseResult);
        var examples = parseResult.CommandResult.Command switch
        {
            TeachingCommand command => command.Examples,
            RootCommand => ofRoot,
            _ => [],
        };
        if (examples.Count == 0) return 0;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var (line, meaning) in examples) output.WriteLine($"  {line}\n      {meaning}");
        output.WriteLine();
        return 0;
    }
}
