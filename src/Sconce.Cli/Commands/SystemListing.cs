using Sconce.Abilities;
using Sconce.Catalogue;
using Sconce.Cli.Output;

namespace Sconce.Cli.Commands;

/// <summary>Writes systems: a table, JSON, or README's Markdown.</summary>
internal static class SystemListing
{
    public static void Write(Terminal terminal, IReadOnlyList<CatalogueSystem> systems, ListShape shape)
    {
        switch (shape)
        {
            case ListShape.Json:
                terminal.WriteJson([.. systems.Select(SystemJson.Of)], CliJson.Readable.SystemJsonArray);
                break;
            case ListShape.Markdown:
                Markdown.Table(terminal.Out, ["System", "Week", "Paper", "What it is", "What one does with it"], systems.Select(Row));
                break;
            default:
                Text(terminal, systems);
                break;
        }
    }

    private static void Text(Terminal terminal, IReadOnlyList<CatalogueSystem> systems)
    {
        if (systems.Count == 0) return;
        var table = Columns.Of("name", "week", "task", "what it is");
        foreach (var card in systems.Select(system => system.Card))
            table.Add(card.Name, card.Newsletter, TaskNames.Of(card.Task), card.Summary);
        terminal.Write(table);
    }

    private static string[] Row(CatalogueSystem system)
    {
        var card = system.Card;
        string title = Markdown.Escape(card.Paper.Title);
        string paper = card.Paper.ArXiv.Length > 0 ? $"[{title}](https://arxiv.org/abs/{card.Paper.ArXiv})" : title;
        return
        [
            $"`{card.Name}`", card.Newsletter, $"{paper}, {card.Paper.Year}", Markdown.Escape(card.Summary),
            string.Join(" ", Commands(system).Select(name => $"`{name}`")),
        ];
    }

    private static IEnumerable<string> Commands(CatalogueSystem system)
    {
        foreach (string verb in system.Abilities.Concat(system.ForNetworks).Select(ability => ability.Verb.Name).Distinct())
            yield return verb;
        if (system.Methods.Count > 0 || system.Variants.Any(variant => variant.Has<IHasClasses>())) yield return "train";
        if (system.Variants.Any(variant => variant.Has<WebDetector>())) yield return "export --to web";
        if (system.Claim is not null) yield return "claim";
    }
}
