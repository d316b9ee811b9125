using Sconce.Abilities;

namespace Sconce.Cli.Verbs;

/// <summary>Lines to type, at the end of a verb's help.</summary>
internal static class VerbExamples
{
    /// <summary>Those of <c>predict</c>, which has no verb.</summary>
    public static IReadOnlyList<(string Line, string Meaning)> OfPredict { get; } =
    [
        ("sconce predict run1 photo.jpg", "what a network that you trained says"),
        ("sconce predict resnet20 frog.png --weights resnet20-12fca82f.th", "a network of the catalogue"),
        ("sconce predict resnet50 photos/ --csv answers.csv", "a whole folder, into a table"),
    ];

    /// <summary>Those of a verb: its abilities' own, and what they have in common.</summary>
    public static IReadOnlyList<(string Line, string Meaning)> Of(CommandContext context, Verb verb)
    {
        var lines = context.Abilities.Of(verb)
            .SelectMany(ability => ability.Examples.Select(example => (Ability: ability, example.Line, example.Meaning)));
        return
        [
            .. context.Abilities.Of(verb).Any(UnsureOption.Abstains)
                ? ((string, string)[])[($"sconce {verb.Name} run1 photos/ --abstain 0.9 --unsure unsure/",
                    "answers less sure than that are marked, their pictures copied for a person to look at")]
                : [],
            .. lines.Select(line => (Example(context, verb, line.Ability, line.Line), line.Meaning)).Take(8),
            .. context.Abilities.SystemsOf(verb).Where(system => system.Abilities.Any(ability => ability.Verb == verb)).Take(1)
                .Select(system => ($"sconce {verb.Name} {system.Card.Name} --help", "one system's own settings")),
        ];
    }

    /// <summary>What is done with networks of others names one of them in its line.</summary>
    private static string Example(CommandContext context, Verb verb, Ability ability, string line)
    {
        var owner = context.Abilities.SystemsOf(verb).FirstOrDefault(system => system.Abilities.Contains(ability));
        return owner is null ? $"sconce {verb.Name} {line}" : $"sconce {verb.Name} {owner.Card.Name} {line}";
    }
}
