using System.CommandLine;
using Sconce.Abilities;

namespace Sconce.Cli;

/// <summary><c>sconce --help</c>: the commands by what a person wants to do.</summary>
internal static class RootHelp
{
    private const int NameWidth = 18;

    /// <summary>Writes it.</summary>
    /// <param name="root">Its commands.</param>
    /// <param name="output">Where to.</param>
    /// <param name="width">Columns.</param>
    public static void Write(RootCommand root, TextWriter output, int width)
    {
        output.WriteLine($"{root.Description}\n\nUsage:\n  sconce [command] [options]\n  sconce VERB [SYSTEM|NETWORK|RUN] [FILE…] "
            + $"[--weights FILE|official] [--out PATH] [settings]\n");
        var left = root.Subcommands.Where(command => !command.Hidden).ToList();
        foreach (var (heading, belongs) in Groups())
        {
            var commands = left.Where(command => belongs(command.Name)).ToList();
            left = [.. left.Except(commands)];
            if (commands.Count == 0) continue;
            output.WriteLine(heading);
            foreach (var command in commands) output.WriteLine(Line(command, width));
            output.WriteLine();
        }

        output.WriteLine("Every command explains itself: sconce COMMAND --help; sconce --version tells the version.\n");
    }

    private static IEnumerable<(string Heading, Func<string, bool> Belongs)> Groups()
    {
        yield return ("What there is:", name => name is "list" or "show" or "weights" or "completion");
        yield return ("Look at pictures, clips, sounds and texts:",
            name => IsVerb(name, VerbGroup.Look) || name is "predict" or "features");
        yield return ("Make, and change:", name => IsVerb(name, VerbGroup.Make));
        yield return ("Foretell and act:", name => IsVerb(name, VerbGroup.Act));
        yield return ("Measure and explore:", name => IsVerb(name, VerbGroup.Measure) || name is "data");
        yield return ("Train, judge, take away:", _ => true);
    }

    private static bool IsVerb(string name, VerbGroup group) => Verb.All.Any(verb => verb.Name == name && verb.Group == group);

    /// <summary>A command and the first sentence about it, which ends early where the line does: before its last part that
    /// fits.</summary>
    private static string Line(Command command, int width)
    {
        string about = command.Description ?? "";
        int sentence = about.IndexOf(". ", StringComparison.Ordinal);
        if (sentence > 0) about = about[..sentence];
        about = about.TrimEnd('.');
        int room = Math.Max(20, width - NameWidth - 3);
        if (about.Length > room)
        {
            int part = about.AsSpan(0, room + 1).LastIndexOfAny(":;,");
            about = part > 0 ? about[..part] : about[..(room - 1)].TrimEnd() + "…";
        }

        return $"  {command.Name.PadRight(NameWidth)} {about}";
    }
}
