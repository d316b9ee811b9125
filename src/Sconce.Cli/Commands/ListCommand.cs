using System.CommandLine;
using Sconce.Catalogue;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce list</c>: what there is. It loads no libtorch.</summary>
internal static class ListCommand
{
    public static Command Create(CommandContext context)
    {
        var pattern = new Argument<string?>("pattern")
        { Arity = ArgumentArity.ZeroOrOne, Description = "Only systems whose name fits; * and ? stand for anything" };
        pattern.CompletionSources.Add(_ => context.Systems.Names);
        var task = new Option<string?>("--task") { Description = "Only systems for this task", HelpName = "TASK" };
        task.CompletionSources.Add(_ => TaskNames.All);
        var week = new Option<string?>("--week")
        { Description = "Only systems of this newsletter week: 2021-W07, 2021 or 2021-W*", HelpName = "WEEK" };
        week.CompletionSources.Add(_ => context.Systems.All.Select(system => system.Card.Newsletter).Distinct()
            .Order(StringComparer.Ordinal));
        var models = new Option<string?>("--models")
        { Arity = ArgumentArity.ZeroOrOne, Description = "List networks instead, those that fit PATTERN", HelpName = "PATTERN" };
        models.CompletionSources.Add(_ => context.Models.List());
        var markdown = new Option<bool>("--markdown") { Description = "Write a Markdown table, as README has it" };
        var json = Shared.Json();

        var command = new TeachingCommand("list", "List the systems, or with --models their networks.")
        {
            Examples =
            [
                ("sconce list", "every system"),
                ("sconce list --task classification --week 2021", "classifiers of 2021's newsletters"),
                ("sconce list 'res*'", "systems whose names begin with res"),
                ("sconce list --models 'vit_*_224'", "networks, as timm names them"),
            ],
        };
        command.Add(pattern);
        command.Add(task);
        command.Add(week);
        command.Add(models);
        command.Add(markdown);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var systems = Chosen(context, parsed.GetValue(pattern), parsed.GetValue(task), parsed.GetValue(week));
            var shape = parsed.GetValue(markdown) ? ListShape.Markdown : parsed.GetValue(json) ? ListShape.Json : ListShape.Text;
            if (parsed.GetResult(models) is null) SystemListing.Write(context.Terminal, systems, shape);
            else ModelListing.Write(context, systems, parsed.GetValue(models), shape);
            return 0;
        });
        return command;
    }

    private static IReadOnlyList<CatalogueSystem> Chosen(CommandContext context, string? pattern, string? taskName, string? week)
    {
        if (pattern is not null && !SystemRegistry.IsPattern(pattern)) context.Systems.Get(pattern);
        SystemTask? task = taskName is null ? null : TaskNames.Parse(taskName);
        List<CatalogueSystem> chosen =
        [
            .. context.Systems.All
                .Where(system => pattern is null || SystemRegistry.Fits(system.Card.Name, pattern))
                .Where(system => task is null || system.Card.Task == task)
                .Where(system => week is null || FitsWeek(system.Card.Newsletter, week))
                .OrderBy(system => system.Card.Name, StringComparer.Ordinal),
        ];
        if (chosen.Count == 0) context.Terminal.Note("no system fits ('sconce list' without filters names them all)");
        return chosen;
    }

    private static bool FitsWeek(string week, string asked) =>
        SystemRegistry.IsPattern(asked) ? SystemRegistry.Fits(week, asked) : week.StartsWith(asked, StringComparison.OrdinalIgnoreCase);
}

/// <summary>How a list is written.</summary>
internal enum ListShape
{
    /// <summary>A table for people.</summary>
    Text,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>A Markdown table.</summary>
    Markdown,
}
