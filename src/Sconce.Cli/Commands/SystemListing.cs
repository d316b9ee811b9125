using Sconce.Catalogue;
using Sconce.Cli.Output;

namespace Sconce.Cli.Commands;

/// <summary>Writes systems: a table, JSON, or README's Markdown.</summary>
internal static class SystemListing
{
    public static void Write(Terminal terminal, IReadOnlyList<NewsletterSystem> systems, ListShape shape)
    {
        switch (shape)
        {
            case ListShape.Json:
                terminal.WriteJson([.. systems.Select(SystemJson.Of)], CliJson.Readable.SystemJsonArray);
                break;
            case ListShape.Markdown:
                Markdown.Table(terminal.Out, ["System", "Week", "Task", "Paper", "What it is"], systems.Select(Row));
                break;
            default:
                Text(terminal, systems);
                break;
        }
    }

    private static void Text(Terminal terminal, IReadOnlyList<NewsletterSystem> systems)
    {
        if (systems.Count == 0) return;
        var table = Columns.Of("name", "week", "task", "what it is");
        foreach (var card in systems.Select(system => system.Card)) table.Add(card.Name, card.Week, TaskNames.Of(card.Task), card.Summary);
        terminal.Write(table);
    }

    private static string[] Row(NewsletterSystem system)
    {
        var card = system.Card;
        string paper = card.Paper.ArXiv.Length > 0 ? $"[{Markdown.Escape(card.Paper.Title)}](https://arxiv.org/abs/{card.Paper.ArXiv})" : Markdown.Escape(card.Paper.Title);
        return [$"`{card.Name}`", card.Week, TaskNames.Of(card.Task), $"{paper}, {card.Paper.Year}", Markdown.Escape(card.Summary)];
    }
}
