using System.CommandLine;
using Sconce.Cli.Output;
using Sconce.Reports;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce compare RUN…</c>: runs side by side, in one table and on one page.</summary>
internal static class CompareCommand
{
    public static Command Create(CommandContext context)
    {
        var folders = new Argument<string[]>("run")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "Folders of runs, or folders that hold some"
        };
        var output = new Option<string?>("--out")
        {
            Description = "Write the page here (compare.html where it is left out)",
            HelpName = "FILE"
        };
        var json = Shared.Json();
        var command = new TeachingCommand("compare",
            "Runs side by side: in what their settings differ, what they came to, and their curves on one page.")
        {
            Examples =
            [
                ("sconce compare run1 run2 run3", "a table, and compare.html with the curves"),
                ("sconce compare runs/ --out seeds.html",
                    "every run below a folder; runs that differ by seed alone are drawn as mean and band"),
            ],
        };
        command.Add(folders);
        foreach (var option in new Option[] { output, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            var runs = parsed.GetRequiredValue(folders).SelectMany(Runs).Distinct()
                .Select(folder => ComparedRun.Read(folder, context.Methods)).ToList();
            string page = parsed.GetValue(output) ?? "compare.html";
            var comparison = new RunComparison(runs);
            comparison.Write(page, runs.Count == 1 ? "One run" : $"{runs.Count} runs");
            if (parsed.GetValue(json)) context.Terminal.WriteJson(CompareJson.Of(comparison, runs, page), CliJson.Readable.CompareJson);
            else Show(context.Terminal, comparison, page);
            return 0;
        });
        return command;
    }

    /// <summary>The comparison as a table that fits the terminal: figures that do not are left to the page.</summary>
    internal static void Show(Terminal terminal, RunComparison comparison, string page)
    {
        FittingTable.Write(terminal, comparison.Headings, comparison.Rows, kept: 1 + comparison.Differing.Count
            + Math.Min(1, comparison.Figures.Count));
        terminal.Write(Columns.Line(page));
    }

    private static IEnumerable<string> Runs(string folder)
    {
        if (TrainedNetworks.IsRun(folder)) return [folder];
        if (!Directory.Exists(folder)) throw new UsageException($"there is no run '{folder}'");
        string[] below = [.. Directory.EnumerateDirectories(folder).Where(TrainedNetworks.IsRun).Order(StringComparer.Ordinal)];
        return below.Length > 0 ? below : throw new UsageException($"'{folder}' is no run, and holds none: a run has a config.json");
    }
}
