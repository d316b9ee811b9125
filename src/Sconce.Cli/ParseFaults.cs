using System.CommandLine;
using System.CommandLine.Parsing;

namespace Sconce.Cli;

/// <summary>Says in one line why a command line was not understood, with the nearest names.</summary>
internal static class ParseFaults
{
    /// <summary>The first fault, what was probably meant, and where to read on; null where the line was understood.</summary>
    public static string? Describe(ParseResult parsed)
    {
        string help = $"'{Path(parsed.CommandResult)} --help' shows how";
        if ((MistakenOption(parsed) ?? (parsed.UnmatchedTokens is [var unmatched, ..] ? unmatched : null)) is { } token)
            return Unknown(parsed.CommandResult.Command, token, help);
        return parsed.Errors.Count > 0 ? $"{Sentence(parsed.Errors[0].Message)} ({help})" : null;
    }

    private static string Unknown(Command command, string token, string help)
    {
        bool isOption = token.StartsWith('-');
        var candidates = isOption ? command.Options.Select(option => option.Name)
            .Append("--help") : command.Subcommands.Select(sub => sub.Name);
        string kind = isOption ? "option" : command switch
        {
            RootCommand => "command",
            { Subcommands.Count: > 0, Arguments.Count: 0 } => "system",    // predict has the systems that predict below it
            _ => "further argument",
        };
        string where = command is RootCommand ? "" : $" for 'sconce {command.Name}'";
        return SystemRegistry.Sentence($"there is no {kind} '{token}'{where}", NearestNames.Suggest(token, candidates), help);
    }

    /// <summary>The parser takes a misspelt option for a name; nothing here has a name like that, unless the line says so with
    /// <c>--</c>.</summary>
    private static string? MistakenOption(ParseResult parsed) => parsed.Tokens.Any(token => token.Type == TokenType.DoubleDash)
        ? null
        : parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value)
        .Concat(parsed.UnmatchedTokens)
            .FirstOrDefault(token => token.Length > 1 && token.StartsWith('-'));

    private static string Path(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? at = result; at is CommandResult { Command: not RootCommand } inner; at = at.Parent)
            names.Insert(0, inner.Command.Name);
        return string.Join(' ', ["sconce", .. names]);
    }

    private static string Sentence(string message) =>
        message.Length == 0 ? message : char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');
}
