using System.CommandLine;

namespace Sconce.Cli.Commands;

/// <summary>Options that several commands have.</summary>
internal static class Shared
{
    /// <summary>One JSON document instead of text.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Write one JSON document, for scripts" };

    /// <summary>An option that takes a whole number.</summary>
    /// <param name="name">With its dashes.</param>
    /// <param name="help">One line.</param>
    /// <param name="least">The smallest that is allowed.</param>
    public static Option<int?> Number(string name, string help, int least) => new(name)
    {
        Description = help,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, out int number) && number >= least) return number;
            result.AddError($"{name} takes a whole number from {least} on, not '{text}'");
            return null;
        },
    };
}
