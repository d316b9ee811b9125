using System.CommandLine;
using System.Text;
using Sconce.Cli.Output;
using Sconce.Files;
using Sconce.Reports;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce runs FOLDER…</c>: what was trained, the newest first, in a table and on one page.</summary>
internal static class RunsCommand
{
    private const string Default = "runs";

    public static Command Create(CommandContext context)
    {
        var folders = new Argument<string[]>("folder")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = $"Folders of runs, or folders that hold some, at any depth up to four ({Default}/)",
        };
        var html = new Option<string?>("--html")
        {
            Description = "Write a page with their curves side by side and links to their reports",
            HelpName = "FILE",
        };
        var json = Shared.Json();
        var command = new TeachingCommand("runs", "What was trained: every run below some folders, the one that was written last first.")
        {
            Examples =
            [
                ("sconce runs", "all runs below runs/"),
                ("sconce runs runs/ ~/older --html runs.html", "a page that opens offline"),
                ("sconce compare run1 run2", "in what some of them differ"),
            ],
        };
        command.Add(folders);
        foreach (var option in new Option[] { html, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            string[] named = parsed.GetValue(folders) is { Length: > 0 } given ? given : [Default];
            if (parsed.GetValue(folders) is not { Length: > 0 } && !Directory.Exists(Default))
                throw new UsageException($"there is no folder '{Default}' here: name the folders of your runs ('sconce runs FOLDER…')");
            var runs = ListedRun.Find(named, context.Methods);
            string? page = parsed.GetValue(html);
            if (page is not null) Write(page, runs);
            if (parsed.GetValue(json)) context.Terminal.WriteJson(RunsJson.Of(runs, page), CliJson.Readable.RunsJson);
            else Show(context.Terminal, runs, page);
            return 0;
        });
        return command;
    }

    private static void Write(string page, IReadOnlyList<ListedRun> runs)
    {
        if (Directory.Exists(page)) throw new UsageException($"--html {page}: this is a folder; name a file, such as runs.html");
        if (Path.GetDirectoryName(page) is { Length: > 0 } place) Directory.CreateDirectory(place);
        string html = RunsPage.Render(runs.Count == 1 ? "One run" : $"{runs.Count} runs", runs, run => RunsPage.LinkFrom(page, run));
        AtomicFile.Write(page, Encoding.UTF8.GetBytes(html));
    }

    private static void Show(Terminal terminal, IReadOnlyList<ListedRun> runs, string? page)
    {
        FittingTable.Write(terminal, RunsPage.Headings, [.. runs.Select(RunsPage.Row)], kept: 2);
        if (page is not null) terminal.Write(Columns.Line(page));
    }
}
