using System.CommandLine;
using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Cli.Commands;
using Sconce.Cli.Progress;
using Sconce.Torch;

namespace Sconce.Cli.Verbs;

/// <summary><c>sconce VERB [SYSTEM|NETWORK|RUN] [FILE…]</c>: what the catalogue's abilities do, one command a verb, with no word about any
/// system.</summary>
internal sealed class VerbCommand
{
    private const int WorthCompiling = 8;
    private const string Threshold = "abstain";   // of AbstentionSettings
    private readonly CommandContext context;
    private readonly Verb? verb;
    private readonly TeachingCommand command;
    private readonly SettingsOptions settings;
    private readonly Argument<string[]> words = new("name or files")
    {
        Arity = ArgumentArity.ZeroOrMore,
        Description = "A system, a network or a run's folder, where it is not the verb's default; then files, folders, patterns, or - for "
            + "standard input",
        HelpName = "SYSTEM|NETWORK|RUN] [FILE…",
    };

    private readonly Option<string[]> named = new("--image", "--video", "--input", "--data")
    { Hidden = true, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> list = new("--list") { Description = "A text with the path of an input a line", HelpName = "FILE" };
    private readonly Option<string?> weights = new("--weights")
    { Description = "The checkpoint, or 'official' (a run's best; the official ones where they are in the cache)", HelpName = "FILE" };
    private readonly Option<string?> variant = new("--variant") { Hidden = true, HelpName = "NAME" };
    private readonly Option<string?> output = new("--out")
    { Description = $"The folder for what is made, or the file where there is one ({AnswerPlaces.Folder}/)", HelpName = "PATH" };
    private readonly Option<string?> csv =
        new("--csv") { Description = "Write the answers as a table; - for standard output", HelpName = "FILE" };
    private readonly Option<bool> json = Shared.Json();
    private readonly Option<bool> skip = new("--skip-broken") { Description = "Leave out what cannot be read, and succeed all the same" };
    private readonly Option<string?> device = Devices.Option();
    private readonly Option<string?> part =
        new("--part") { Description = "Only one part of a folder that has parts: train or test (all of it)", HelpName = "PART" };
    private readonly Option<string?> unsure = new("--unsure")
    { Description = "Copy what --abstain marks as unsure into this folder, with a table that says why", HelpName = "FOLDER" };
    private readonly WeightsNaming naming = new();
    private readonly WatchOptions watched = new();
    private readonly Option<int[]?> size = PictureExtent.Option();

    private VerbCommand(CommandContext context, Verb? verb, string name, string purpose, IReadOnlyList<(string, string)> examples)
    {
        (this.context, this.verb) = (context, verb);
        settings = new SettingsOptions(
            Abilities.Select(entry => (entry.System.Card.Name, entry.Ability.Settings)),
            [.. Own.SelectMany(option => option.Aliases.Append(option.Name))]);
        command = new TeachingCommand(name, purpose) { Examples = examples, Helping = Explain };
        command.Add(words);
        foreach (var option in Own) command.Add(option);
        foreach (var option in settings.All) command.Add(option);
        variant.CompletionSources.Add(_ => Systems.SelectMany(system => system.Variants).Select(known => known.Name));
        part.AcceptOnlyFromAmong("train", "test");
        words.CompletionSources.Add(_ => Systems.Select(system => system.Card.Name)
            .Concat(Systems.SelectMany(system => system.Variants).Select(known => known.Name)));
        command.SetAction(parsed => Run(parsed));
    }

    /// <summary>The command of a verb.</summary>
    /// <param name="context">The catalogue.</param>
    /// <param name="verb">The verb; null for <c>predict</c>, which is whatever a network is for.</param>
    /// <param name="name">Another name for it.</param>
    public static Command Create(CommandContext context, Verb? verb, string? name = null)
    {
        if (verb is null)
        {
            return new VerbCommand(context, null, name ?? "predict",
                "Run a system, a network or a run on your own files: whatever it is for.",
            [
                ("sconce predict run1 photo.jpg", "what a network that you trained says"),
                ("sconce predict resnet20 frog.png --weights resnet20-12fca82f.th", "a network of the catalogue"),
                ("sconce predict resnet50 photos/ --csv answers.csv", "a whole folder, into a table"),
            ]).command;
        }

        var lines = context.Abilities.Of(verb)
            .SelectMany(ability => ability.Examples.Select(example => (Ability: ability, example.Line, example.Meaning)));
        return new VerbCommand(context, verb, name ?? verb.Name, verb.Purpose,
        [
            .. context.Abilities.Of(verb).Any(Abstains)
                ? ((string, string)[])[($"sconce {verb.Name} run1 photos/ --abstain 0.9 --unsure unsure/",
                    "answers less sure than that are marked, their pictures copied for a person to look at")]
                : [],
            .. lines.Select(line => (Example(context, verb, line.Ability, line.Line), line.Meaning)).Take(8),
            .. context.Abilities.SystemsOf(verb).Where(system => system.Abilities.Any(ability => ability.Verb == verb)).Take(1)
                .Select(system => ($"sconce {verb.Name} {system.Card.Name} --help", "one system's own settings")),
        ]).command;
    }

    /// <summary>What is done with networks of others names one of them in its line.</summary>
    private static string Example(CommandContext context, Verb verb, Ability ability, string line)
    {
        var owner = context.Abilities.SystemsOf(verb).FirstOrDefault(system => system.Abilities.Contains(ability));
        return owner is null ? $"sconce {verb.Name} {line}" : $"sconce {verb.Name} {owner.Card.Name} {line}";
    }

    private IEnumerable<Option> Own =>
        new Option[] { named, list, part, weights, variant, output, csv, json, skip, device, size }
            .Concat(Abilities.Any(entry => Abstains(entry.Ability)) ? [unsure] : [])
            .Concat(Abilities.Any(entry => entry.Ability.Input == InputKind.Picture) ? watched.All : []).Concat(naming.All);

    private static bool Abstains(Ability ability) => ability.Settings.All.Any(setting => setting.Name == Threshold);

    private IReadOnlyList<CatalogueSystem> Systems =>
        verb is null ? [.. context.Systems.All.Where(system => AbilityRegistry.AllOf(system).Any())] : context.Abilities.SystemsOf(verb);

    private IEnumerable<(CatalogueSystem System, Ability Ability)> Abilities =>
        Systems.SelectMany(system => AbilityRegistry.AllOf(system)
            .Where(ability => verb is null || ability.Verb == verb).Select(ability => (system, ability)));

    /// <summary>Before help is written: it is about whom the line names.</summary>
    private void Explain(ParseResult parsed)
    {
        settings.Show(Shown(parsed));
        if (parsed.GetValue(words) is not [var first, ..] || context.Abilities.Find(first) is not { } target) return;
        command.Description =
            $"{target.Name}: {string.Join("; ", Asked(target).Select(ability => ability.Purpose).DefaultIfEmpty(Cannot(target)))}";
    }

    /// <summary>For help: the settings of whom the line names, or of all.</summary>
    private IReadOnlyList<SettingsSchema> Shown(ParseResult parsed)
    {
        var target = parsed.GetValue(words) is [var first, ..] ? context.Abilities.Find(first) : null;
        return [.. (target is null ? Abilities.Select(entry => entry.Ability) : Asked(target)).Select(ability => ability.Settings)];
    }

    /// <summary>What is asked of a target: the verb's abilities, or the foremost.</summary>
    private IReadOnlyList<Ability> Asked(AbilityTarget target)
    {
        var all = target.Abilities.ToList();
        var chosen = verb ?? all.FirstOrDefault()?.Verb;
        return [.. all.Where(ability => ability.Verb == chosen)];
    }

    /// <summary>Of several abilities of one verb those that the line asks for.</summary>
    private IReadOnlyList<Ability> Chosen(ParseResult parsed, AbilityTarget target)
    {
        var all = Asked(target);
        if (all.Count == 0) throw new UsageException(Cannot(target));
        var chosen = AbilityChoice.Of(all, word => settings.TextOf(parsed, word));
        if (chosen.Count > 0) return chosen;
        throw new UsageException($"{target.Name}: name what is to be done by "
            + string.Join(" or ", AbilityChoice.Words(all).Select(word => "--" + word)));
    }

    private int Run(ParseResult parsed)
    {
        var own = parsed.GetValue(weights) is { } file ? context.Abilities.OfCheckpoint(file) : null;
        var (target, files) = Target(parsed.GetValue(words) ?? [], own);
        // A checkpoint that knows its network needs no name beside it.
        if (own is not null && target.Run is null && target.Variant is null && target.System == own.System) target = own;
        if (parsed.GetValue(variant) is { } network) target = Variant(target, network);
        var abilities = Chosen(parsed, target);
        if (watched.IsAsked(parsed, parsed.GetValue(list) ?? parsed.GetValue(part)))
            return Watch(parsed, target, [.. files, .. parsed.GetValue(named) ?? []], abilities);
        // What lacks a setting is told before anything is read.
        bool isBare = files.Count == 0 && parsed.GetValue(named) is not { Length: > 0 } && parsed.GetValue(list) is null;
        if (isBare && abilities is [var only]) settings.Read(parsed, only.Settings, target.Name);
        var inputs = new InputFiles(abilities, Console.OpenStandardInput,
            parsed.GetValue(part)).Gather([.. files, .. parsed.GetValue(named) ?? []], parsed.GetValue(list));
        var sink = new AnswerSink(context.Terminal, new AnswerPlaces(parsed.GetValue(output), inputs.Count > 1), parsed.GetValue(json),
            parsed.GetValue(csv), Unsure(parsed, abilities));
        int status = 0;
        using (var progress = new ProgressDisplay(context.Terminal, target.Name))
        {
            foreach (var group in inputs.GroupBy(input => input.Ability))
            {
                var asked = settings.Read(parsed, group.Key.Settings, target.Name);
                using var session = Open(parsed, target, group.Key, group.Count(), progress);
                status = Math.Max(status, new AbilityAsking(context, sink, parsed.GetValue(skip)).Run(session,
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
        using var watch = watched.Of(
            parsed, context, seer, folders, parsed.GetValue(output), parsed.GetValue(unsure), parsed.GetValue(csv));
        var sink = new AnswerSink(context.Terminal, new AnswerPlaces(parsed.GetValue(output), several: true, keeps: true),
            parsed.GetValue(json), csv: null, Unsure(parsed, abilities), watch.Stream(parsed.GetValue(json)));
        using var session = Open(parsed, target, seer, WorthCompiling);
        int broken = watch.Run(session, asked, sink);
        sink.Finish(CancellationToken.None);
        return broken > 0 && !parsed.GetValue(skip) ? Faults.FailureStatus : 0;
    }

    private Session Open(ParseResult parsed, AbilityTarget target, Ability ability, int count)
    {
        using var progress = new ProgressDisplay(context.Terminal, target.Name);
        return Open(parsed, target, ability, count, progress);
    }

    /// <summary>The folder for what is unsure; null where none was named.</summary>
    private UnsureFolder? Unsure(ParseResult parsed, IReadOnlyList<Ability> abilities)
    {
        if (parsed.GetResult(unsure) is null || parsed.GetValue(unsure) is not { } folder) return null;
        if (abilities.All(Abstains) && settings.IsTyped(parsed, Threshold)) return new UnsureFolder(folder);
        throw new UsageException("--unsure goes with --abstain, which says how sure an answer has to be, such as --abstain 0.9");
    }

    /// <summary>Whom the first word names; where it names nobody, the verb's default, and all words are files.</summary>
    private (AbilityTarget Target, IReadOnlyList<string> Files) Target(IReadOnlyList<string> typed, AbilityTarget? own)
    {
        if (typed.Count > 0 && context.Abilities.Find(typed[0]) is { } found) return (found, [.. typed.Skip(1)]);
        if (own is not null) return (own, typed);
        bool isFile = typed.Count > 0 && (File.Exists(typed[0]) || Directory.Exists(typed[0]) || typed[0] == "-"
            || typed[0].AsSpan().IndexOfAny("*?./ ") >= 0);
        if (verb is null || (typed.Count > 0 && !isFile)) throw new UsageException(Nobody(typed));
        var target = context.Abilities.DefaultOf(verb);
        if (Asked(target).Count == 0) throw new UsageException(Nobody([]));
        context.Terminal.Note($"sconce: {verb.Name} with {target.NetworkFor(Asked(target)[0])?.Name ?? target.Name}, the verb's default");
        return (target, typed);
    }

    private string Nobody(IReadOnlyList<string> typed)
    {
        if (typed.Count == 0)
            return $"{command.Name} with what? Name a system, a network or a run's folder ('sconce {command.Name} --help' shows how)";
        if (Directory.Exists(typed[0])) return $"'{typed[0]}' is a folder, but no run: it has no config.json";
        return SystemRegistry.Sentence(
            $"there is no system '{typed[0]}' for 'sconce {command.Name}'", context.Abilities.Suggest(typed[0]),
            $"nor a run's folder, a network or a file of that name; 'sconce {command.Name} --help' shows how");
    }

    private string Cannot(AbilityTarget target)
    {
        var others = target.Abilities.Select(ability => ability.Verb.Name).Distinct().ToList();
        string can = others.Count > 0 ? $"'sconce {others[0]} {target.Name}' is what it does" : target.Method is null
            ? "it has nothing to be asked" : "it is trained further with 'sconce train --pretrained'";
        if (verb is not null && target.Method?.Advice(verb) is { } advice) return $"{target.Name} does not {verb.Name}: {advice}";
        if (target.Method is { } method && verb is not null && !method.Answers(verb))
        {
            can = $"{target.Variant?.Name} learned without labels: 'sconce embed {target.Name}' writes its features, and 'sconce train "
                + $"{target.Variant?.Name} --pretrained {target.Run?.Weights} --data FOLDER' teaches it labels";
        }

        return $"{target.Name} does not {verb?.Name ?? "predict"}: {can}";
    }

    private static AbilityTarget Variant(AbilityTarget target, string asked)
    {
        if (new CatalogueModels([target.System]).Find(asked) is { } found)
            return target with { Variant = found, Name = found.Name };
        var names = target.System.Variants.Select(known => known.Name).ToList();
        throw new UsageException(SystemRegistry.Sentence($"{target.System.Card.Name} has no "
            + $"network '{asked}'", NearestNames.Suggest(asked, names), $"it has {string.Join(", ", names)}"));
    }

    private Session Open(ParseResult parsed, AbilityTarget target, Ability ability, int count, ProgressDisplay progress)
    {
        var network = target.NetworkFor(ability);
        string? checkpoint = ability.NeedsWeights
            ? new WeightsChoice(context).Of(parsed.GetValue(weights), target, network) : parsed.GetValue(weights);
        var place = parsed.GetValue(device) is { } name ? Devices.Of(name) : ability.RunsNetwork ? TorchRuntime.BestDevice : Device.Cpu;
        var request = new CatalogueRequest(target, network, checkpoint)
        {
            Device = place,
            Size = PictureExtent.Side(parsed.GetValue(size), ability) ?? target.Run?.Size,
            Extent = PictureExtent.Of(parsed.GetValue(size), ability),
            Compiles = count >= WorthCompiling,
            Progress = progress,
        };
        using var chosen = naming.For(parsed, checkpoint ?? target.Run?.Weights);
        var session = ability.OpenSession(request);
        if (ability.NeedsWeights) context.Terminal.Note($"sconce: {network?.Name ?? target.Name} on {Devices.Described(place)}");
        return session;
    }
}
