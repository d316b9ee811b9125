using System.CommandLine;
using System.Globalization;
using Sconce.Abilities;

namespace Sconce.Cli.Verbs;

/// <summary><c>--watch</c> of a verb that takes pictures: folders that grow in place of files that are there.</summary>
internal sealed class WatchOptions
{
    private const double Patience = 10, MostPatience = 86_400;

    private readonly Option<bool> watch = new("--watch")
    {
        Description = "Go on with pictures that come into the folders, each once it is whole, until Ctrl-C; --json is a line each, "
            + "--csv is appended to",
    };

    private readonly Option<double?> giveUp = new("--give-up")
    {
        Description = $"With --watch: seconds after its last change that a picture which cannot be read is waited for ({Patience})",
        HelpName = "SECONDS",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds)
                && seconds is >= 0 and <= MostPatience) return seconds;
            result.AddError($"--give-up takes seconds from 0 to {MostPatience}, not '{text}'");
            return null;
        },
    };

    /// <summary>Both options.</summary>
    public IEnumerable<Option> All => [watch, giveUp];

    /// <summary>Whether folders are to be watched.</summary>
    /// <param name="parsed">The line.</param>
    /// <param name="other">Another way of naming files that was typed; null for none.</param>
    /// <exception cref="UsageException">It goes with no other way, or its own option was typed without it.</exception>
    public bool IsAsked(ParseResult parsed, string? other)
    {
        bool isAsked = parsed.GetResult(watch) is not null && parsed.GetValue(watch);
        if (!isAsked && parsed.GetResult(giveUp) is { Implicit: false }) throw new UsageException("--give-up goes with --watch");
        if (isAsked && other is not null) throw new UsageException("--watch takes folders, and neither --list nor --part");
        return isAsked;
    }

    /// <summary>The ability that takes pictures.</summary>
    /// <exception cref="UsageException">None does.</exception>
    public static Ability Seer(IReadOnlyList<Ability> abilities, string name) =>
        abilities.FirstOrDefault(ability => ability.Input == InputKind.Picture && !ability.TakesAllTogether && !ability.TakesWordsToo)
        ?? throw new UsageException($"--watch is for pictures, and {name} takes "
            + string.Join(" or ", abilities.Select(ability => ability.Input.Plural).Distinct()));

    /// <summary>The watch that a line asks for.</summary>
    /// <param name="parsed">The line.</param>
    /// <param name="context">Where it is told.</param>
    /// <param name="seer">What is asked.</param>
    /// <param name="folders">As they were named.</param>
    /// <param name="output"><c>--out</c>.</param>
    /// <param name="unsure"><c>--unsure</c>.</param>
    /// <param name="csv"><c>--csv</c>.</param>
    /// <exception cref="UsageException">A word is no folder, or answers would come into a folder that is watched.</exception>
    public Watch Of(ParseResult parsed, CommandContext context, Ability seer, IReadOnlyList<string> folders, string? output,
        string? unsure, string? csv)
    {
        if (folders.Count == 0) throw new UsageException("--watch: which folder? Name one, or several");
        foreach (string word in folders)
        {
            if (!Directory.Exists(word))
                throw new UsageException($"--watch takes folders, and '{word}' is {(File.Exists(word) ? "a file" : "none")}");
        }

        if (output is not null && AnswerPlaces.IsFile(output))
            throw new UsageException($"--out {output} is one file, and there are several answers: name a folder");
        string[] made = [.. new[] { output ?? AnswerPlaces.Folder, unsure }.OfType<string>()];
        foreach (string place in made)
        {
            if (folders.Any(folder => Whole(folder) == Whole(place)))
                throw new UsageException($"{place} is watched, and what is written there would be taken for pictures that come: name "
                    + "another folder for it");
        }

        var table = csv is null ? null : new AppendedTable(csv, context.Terminal.Out);
        return new Watch(context, seer, folders, made, table, TimeSpan.FromSeconds(parsed.GetValue(giveUp) ?? Patience));
    }

    /// <summary>A folder's whole path, with a separator behind it, so that it begins the paths of what is in it.</summary>
    internal static string Whole(string folder) =>
        Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar;
}
