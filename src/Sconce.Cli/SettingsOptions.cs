using System.CommandLine;
using System.CommandLine.Parsing;
using Sconce.Abilities;

namespace Sconce.Cli;

/// <summary>
/// The options of several records of settings on one command. Every option is there, so that one of another record is told by name; what a
/// line means is read by the record that it turns out to be about.
/// </summary>
internal sealed class SettingsOptions
{
    private readonly IReadOnlyList<(string Owner, SettingsSchema Schema)> schemas;
    private readonly Dictionary<string, Option> options = new(StringComparer.Ordinal);

    /// <summary>Makes the options.</summary>
    /// <param name="schemas">The records, each with the name of whom it belongs to.</param>
    /// <param name="taken">Options that the command has by itself; a setting of such a name is read from them.</param>
    public SettingsOptions(IEnumerable<(string Owner, SettingsSchema Schema)> schemas, params IReadOnlyList<string> taken)
    {
        this.schemas = [.. schemas];
        foreach (var same in this.schemas.SelectMany(entry => entry.Schema.All).GroupBy(setting => setting.Name))
        {
            var setting = same.First();
            if (taken.Contains(setting.Option)) continue;
            options[setting.Name] = Made(setting, isSwitch: same.All(other => other.IsSwitch));
        }
    }

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => options.Values;

    /// <summary>What was typed, by setting, for one record.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="schema">The record.</param>
    /// <param name="owner">Whose it is, for the fault.</param>
    /// <exception cref="UsageException">An option belongs to another record.</exception>
    public IEnumerable<KeyValuePair<string, string>> Typed(ParseResult parsed, SettingsSchema schema, string owner)
    {
        foreach (var (name, option) in options)
        {
            if (TextOf(parsed, option) is not { } text) continue;
            var setting = schema.All.FirstOrDefault(known => known.Name == name);
            if (setting is null) throw new UsageException(Foreign(option.Name, name, schema, owner));
            bool isPath = setting.IsFile && text is not ("none" or Verbs.WeightsChoice.Official);
            yield return KeyValuePair.Create(name, isPath ? Absolute(setting, text) : text);
        }
    }

    /// <summary>Whether a setting was typed, and not as a plain no.</summary>
    public bool IsTyped(ParseResult parsed, string name) => AbilityChoice.IsSaid(TextOf(parsed, name));

    /// <summary>What was typed of a setting; null for nothing.</summary>
    public string? TextOf(ParseResult parsed, string name) => options.TryGetValue(name, out var option) ? TextOf(parsed, option) : null;

    /// <summary>For a line that is about none of the records: none of their options may be on it.</summary>
    /// <exception cref="UsageException">One is.</exception>
    public void RefuseTyped(ParseResult parsed)
    {
        foreach (var (name, option) in options)
        {
            if (TextOf(parsed, option) is null) continue;
            var owners = schemas.Where(entry => entry.Schema.All.Any(setting => setting.Name == name))
                .Select(entry => entry.Owner).Distinct();
            throw new UsageException($"{option.Name} goes with {string.Join(", ", owners)} alone");
        }
    }

    /// <summary>A record with what was typed, checked as a whole.</summary>
    /// <exception cref="UsageException">A value means nothing, or an option belongs to another record.</exception>
    public object Read(ParseResult parsed, SettingsSchema schema, string owner) => schema.Read(Typed(parsed, schema, owner));

    /// <summary>For help: shows the options of some records alone, with their defaults.</summary>
    public void Show(IReadOnlyList<SettingsSchema> shown)
    {
        foreach (var (name, option) in options)
        {
            var setting = shown.SelectMany(schema => schema.All).FirstOrDefault(known => known.Name == name);
            option.Hidden = setting is null;
            if (setting is not null) option.Description = Described(setting);
        }
    }

    private string Foreign(string option, string name, SettingsSchema schema, string owner)
    {
        var owners = schemas.Where(entry => entry.Schema.All.Any(setting => setting.Name == name)).Select(entry => entry.Owner).Distinct();
        string near = NearestNames.Suggest(option, schema.All.Select(setting => setting.Option));
        return $"{option} is no option of {owner}: it goes with {string.Join(", ", owners)}. {near}".TrimEnd(' ', '.');
    }

    private static Option Made(Setting setting, bool isSwitch)
    {
        Option made = isSwitch
            ? new Option<bool?>(setting.Option) { Arity = ArgumentArity.ZeroOrOne }
            : setting.IsList
                ? new Option<string[]>(setting.Option) { HelpName = setting.Placeholder, Arity = ArgumentArity.OneOrMore }
                : new Option<string?>(setting.Option) { HelpName = setting.Placeholder };
        made.Description = Described(setting);
        if (setting.Choices.Count > 0) made.CompletionSources.Add([.. setting.Choices]);
        return made;
    }

    private static string Described(Setting setting)
    {
        string range = setting.Choices.Count > 0 ? $": {string.Join(", ", setting.Choices)}" : "";
        string initial = setting.IsRequired ? " (must be given)" : setting.Default.Length > 0 && !setting.IsSwitch
            ? $" ({setting.Default})" : "";
        return setting.Help.TrimEnd('.') + range + initial;
    }

    private static string? TextOf(ParseResult parsed, Option option)
    {
        if (parsed.GetResult(option) is not OptionResult { Implicit: false } result) return null;
        if (option is Option<bool?>)
            return result.Tokens.Count == 0 || result.Tokens[0].Value.Equals("true", StringComparison.OrdinalIgnoreCase) ? "true" : "false";
        return string.Join(',', result.Tokens.Select(token => token.Value));   // a list may be named again and again
    }

    private static string Absolute(Setting setting, string text) =>
        setting.IsList ? string.Join(',', text.Split(',', StringSplitOptions.TrimEntries).Select(Path.GetFullPath))
        : Path.GetFullPath(text);
}
