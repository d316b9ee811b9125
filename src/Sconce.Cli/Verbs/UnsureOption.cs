using System.CommandLine;
using Sconce.Abilities;

namespace Sconce.Cli.Verbs;

/// <summary><c>--unsure</c> of a verb whose abilities may abstain.</summary>
internal sealed class UnsureOption
{
    private const string Threshold = "abstain";   // of AbstentionSettings

    /// <summary>The option.</summary>
    public Option<string?> Option { get; } = new("--unsure")
    { Description = "Copy what --abstain marks as unsure into this folder, with a table that says why", HelpName = "FOLDER" };

    /// <summary>Whether an ability may be told how sure an answer has to be.</summary>
    public static bool Abstains(Ability ability) => ability.Settings.All.Any(setting => setting.Name == Threshold);

    /// <summary>The folder for what is unsure; null where none was named.</summary>
    /// <param name="parsed">The line.</param>
    /// <param name="abilities">What is asked.</param>
    /// <param name="settings">What was typed of their settings.</param>
    /// <exception cref="UsageException">Nothing says how sure an answer has to be.</exception>
    public UnsureFolder? Folder(ParseResult parsed, IReadOnlyList<Ability> abilities, SettingsOptions settings)
    {
        if (parsed.GetResult(Option) is null || parsed.GetValue(Option) is not { } folder) return null;
        if (abilities.All(Abstains) && settings.IsTyped(parsed, Threshold)) return new UnsureFolder(folder);
        throw new UsageException("--unsure goes with --abstain, which says how sure an answer has to be, such as --abstain 0.9");
    }
}
