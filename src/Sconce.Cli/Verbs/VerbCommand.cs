using System.CommandLine;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Cli.Progress;

namespace Sconce.Cli.Verbs;

/// <summary><c>sconce VERB [SYSTEM|NETWORK|RUN] [FILE…]</c>: what the catalogue's abilities do, one command a verb, with no word about any
/// system.</summary>
internal sealed class VerbCommand
{
    private readonly CommandContext context;
    private readonly TeachingCommand command;
    private readonly VerbTargets targets;
    private readonly VerbOptions options;
    private readonly SettingsOptions settings;
    private readonly SessionOpening sessions;

    private VerbCommand(CommandContext context, Verb? verb, string name, string purpose, IReadOnlyList<(string, string)> examples)
    {
        this.context = context;
        targets = new VerbTargets(context, verb, name);
        options = new VerbOptions(targets);
        settings = new SettingsOptions(
            targets.Abilities.Select(entry => (entry.System.Card.Name, entry.Ability.Settings)),
            [.. options.All.SelectMany(option => option.Aliases.Append(option.Name))]);
        sessions = new SessionOpening(context, options);
        command = new TeachingCommand(name, purpose) { Examples = examples, Helping = Explain };
        command.Add(options.Words);
        foreach (var option in options.All) command.Add(option);
        foreach (var option in settings.All) command.Add(option);
        command.SetAction(parsed => Run(parsed));
    }

    /// <summary>The command of a verb.</summary>
    /// <param name="context">The catalogue.</param>
    /// <param name="verb">The verb; null for <c>predict</c>, which is whatever a network is for.</param>
    /// <param name="name">Another name for it.</param>
    public static Command Create(CommandContext context, Verb? verb, string? name = null) => verb is null
        ? new VerbCommand(context, null, name ?? "predict", "Run a system, a network or a run on your own files: whatever it is for.",
            VerbExamples.OfPredict).command
        : new VerbCommand(context, verb, name ?? verb.Name, verb.Purpose, VerbExamples.Of(context, verb)).command;

    /// <summary>Before help is written: it is about whom the line names.</summary>
    private void Explain(ParseResult parsed)
    {
        var target = targets.Named(parsed.GetValue(options.Words));
        // The settings of whom the line names, or of all.
        settings.Show([.. (target is null ? targets.Abilities.Select(entry => entry.Ability) : targets.Asked(target))
            .Select(ability => ability.Settings)]);
        if (target is null) return;
        command.Description = $"{target.Name}: "
            + string.Join("; ", targets.Asked(target).Select(ability => ability.Purpose).DefaultIfEmpty(targets.Cannot(target)));
    }

    private int Run(ParseResult parsed)
    {
        var (target, files) = targets.Of(
            parsed.GetValue(options.Words) ?? [], parsed.GetValue(options.Weights), parsed.GetValue(options.Variant));
        var abilities = targets.Chosen(target, word => settings.TextOf(parsed, word));
        string[] named = parsed.GetValue(options.Named) ?? [];
        string? list = parsed.GetValue(options.List), part = parsed.GetValue(options.Part);
        if (options.Watch.IsAsked(parsed, list ?? part)) return Watch(parsed, target, [.. files, .. named], abilities);
        // What lacks a setting is told before anything is read.
        bool isBare = files.Count == 0 && named.Length == 0 && list is null;
        if (isBare && abilities is [var only]) settings.Read(parsed, only.Settings, target.Name);
        var inputs = new InputFiles(abilities, Console.OpenStandardInput, part).Gather([.. files, .. named], list);
        var sink = new AnswerSink(context.Terminal, new AnswerPlaces(parsed.GetValue(options.Output), inputs.Count > 1),
            parsed.GetValue(options.Json), parsed.GetValue(options.Csv), options.Unsure.Folder(parsed, abilities, settings));
        int status = 0;
        using (var progress = new ProgressDisplay(context.Terminal, target.Name))
        {
            foreach (var group in inputs.GroupBy(input => input.Ability))
            {
                var asked = settings.Read(parsed, group.Key.Settings, target.Name);
                using var session = sessions.Open(parsed, target, group.Key, group.Count(), progress);
                status = Math.Max(status, new AbilityAsking(context, sink, parsed.GetValue(options.SkipBroken)).Run(session,
                    [.. group.Select(pair => pair.Input)], asked, progress));
            }
        }

        sink.Finish(context.Cancellation);
        return status;
    }

    /// <summary>Asks about the pictures of folders that grow, until Ctrl-C.</summary>
    private int Watch(ParseResult parsed, AbilityTarget target, IReadOnlyList<string> folders, IReadOnlyList<Ability> abilities)
    {
        var seer = WatchOptions.Seer(abilities, target.Name);
        var asked = settings.Read(parsed, seer.Settings, target.Name);
        string? output = parsed.GetValue(options.Output);
        bool json = parsed.GetValue(options.Json);
        using var watch = options.Watch.Of(
            parsed, context, seer, folders, output, parsed.GetValue(options.Unsure.Option), parsed.GetValue(options.Csv));
        var sink = new AnswerSink(context.Terminal, new AnswerPlaces(output, several: true, keeps: true), json, csv: null,
            options.Unsure.Folder(parsed, abilities, settings), watch.Stream(json));
        using var session = sessions.OpenForMany(parsed, target, seer);
        int broken = watch.Run(session, asked, sink);
        sink.Finish(CancellationToken.None);
        return broken > 0 && !parsed.GetValue(options.SkipBroken) ? Faults.FailureStatus : 0;
    }
}
