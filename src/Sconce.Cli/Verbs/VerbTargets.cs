using Sconce.Abilities;
using Sconce.Catalogue;

namespace Sconce.Cli.Verbs;

/// <summary>Whom a verb's line is about, and what is asked of them.</summary>
/// <param name="context">The catalogue.</param>
/// <param name="verb">The verb; null for <c>predict</c>, which is whatever a network is for.</param>
/// <param name="name">What the command is called.</param>
internal sealed class VerbTargets(CommandContext context, Verb? verb, string name)
{
    /// <summary>The systems that can be asked.</summary>
    public IReadOnlyList<CatalogueSystem> Systems =>
        verb is null ? [.. context.Systems.All.Where(system => AbilityRegistry.AllOf(system).Any())] : context.Abilities.SystemsOf(verb);

    /// <summary>What they can be asked.</summary>
    public IEnumerable<(CatalogueSystem System, Ability Ability)> Abilities =>
        Systems.SelectMany(system => AbilityRegistry.AllOf(system)
            .Where(ability => verb is null || ability.Verb == verb).Select(ability => (system, ability)));

    /// <summary>Whom the first word names; null where it names nobody.</summary>
    public AbilityTarget? Named(IReadOnlyList<string>? typed) => typed is [var first, ..] ? context.Abilities.Find(first) : null;

    /// <summary>Whom a line means, and which of its words are files.</summary>
    /// <param name="typed">The words.</param>
    /// <param name="checkpoint"><c>--weights</c>.</param>
    /// <param name="network"><c>--variant</c>.</param>
    /// <exception cref="UsageException">It means nobody.</exception>
    public (AbilityTarget Target, IReadOnlyList<string> Files) Of(IReadOnlyList<string> typed, string? checkpoint, string? network)
    {
        var own = checkpoint is null ? null : context.Abilities.OfCheckpoint(checkpoint);
        var (target, files) = Found(typed, own);
        // A checkpoint that knows its network needs no name beside it.
        if (own is not null && target.Run is null && target.Variant is null && target.System == own.System) target = own;
        return (network is null ? target : Variant(target, network), files);
    }

    /// <summary>What is asked of a target: the verb's abilities, or the foremost.</summary>
    public IReadOnlyList<Ability> Asked(AbilityTarget target)
    {
        var all = target.Abilities.ToList();
        var chosen = verb ?? all.FirstOrDefault()?.Verb;
        return [.. all.Where(ability => ability.Verb == chosen)];
    }

    /// <summary>Of several abilities of one verb those that the line asks for.</summary>
    /// <param name="target">Whom.</param>
    /// <param name="textOf">What was typed of a setting; null for nothing.</param>
    /// <exception cref="UsageException">It can do nothing of the kind, or several things, and the line does not say which.</exception>
    public IReadOnlyList<Ability> Chosen(AbilityTarget target, Func<string, string?> textOf)
    {
        var all = Asked(target);
        if (all.Count == 0) throw new UsageException(Cannot(target));
        var chosen = AbilityChoice.Of(all, textOf);
        if (chosen.Count > 0) return chosen;
        throw new UsageException($"{target.Name}: name what is to be done by "
            + string.Join(" or ", AbilityChoice.Words(all).Select(word => "--" + word)));
    }

    /// <summary>What is said of a target that does not do this: what it does, or how to have it done.</summary>
    public string Cannot(AbilityTarget target)
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

    /// <summary>Whom the first word names; where it names nobody, the verb's default, and all words are files.</summary>
    private (AbilityTarget Target, IReadOnlyList<string> Files) Found(IReadOnlyList<string> typed, AbilityTarget? own)
    {
        if (Named(typed) is { } found) return (found, [.. typed.Skip(1)]);
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
        if (typed.Count == 0) return $"{name} with what? Name a system, a network or a run's folder ('sconce {name} --help' shows how)";
        if (Directory.Exists(typed[0])) return $"'{typed[0]}' is a folder, but no run: it has no config.json";
        return SystemRegistry.Sentence(
            $"there is no system '{typed[0]}' for 'sconce {name}'", context.Abilities.Suggest(typed[0]),
            $"nor a run's folder, a network or a file of that name; 'sconce {name} --help' shows how");
    }

    private static AbilityTarget Variant(AbilityTarget target, string asked)
    {
        if (new CatalogueModels([target.System]).Find(asked) is { } found)
            return target with { Variant = found, Name = found.Name };
        var names = target.System.Variants.Select(known => known.Name).ToList();
        throw new UsageException(SystemRegistry.Sentence($"{target.System.Card.Name} has no "
            + $"network '{asked}'", NearestNames.Suggest(asked, names), $"it has {string.Join(", ", names)}"));
    }
}
