using System.CommandLine;
using System.CommandLine.Parsing;

namespace Sconce.Cli;

/// <summary>Says in one line why a command line was not understood, with the nearest names.</summary>
internal static class ParseFaults
{
    /// <summary>The first fault, what was probably meant, and where to read on.</summary>
    public static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string help = $"'{Path(parsed.CommandResult)} --help' shows how";
        if (parsed.UnmatchedTokens is [var token, ..])
        {
            bool isOption = token.StartsWith('-');
            string kind = isOption ? "option" : command.Subcommands.Count > 0 ? (command is RootCommand ? "command" : "system here") : "further argument";
            var candidates = isOption ? command.Options.Select(option => option.Name) : command.Subcommands.Select(sub => sub.Name);
            string where = command is RootCommand ? "" : $" for 'sconce {command.Name}'";
            return SystemRegistry.Sentence($"there is no {kind} '{token}'{where}.", NearestNames.Suggest(token, candidates), help);
        }

        return $"{Sentence(parsed.Errors[0].Message)} ({help})";
    }

    private static string Path(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? at = result; at is CommandResult { Command: not RootCommand } inner; at = at.Parent) names.Insert(0, inner.Command.Name);
        return string.Join(' ', ["sconce", .. names]);
    }

    private static string Sentence(string message) => message.Length == 0 ? message : char.ToLowerInvariant(message[0]) + message[1..].TrimEnd('.');
}
