using System.CommandLine;
using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Cli.Commands;

/// <summary><c>sconce claim NAME…</c>: runs experiments and writes their reports.</summary>
internal static class ClaimCommand
{
    public static Command Create(CommandContext context)
    {
        var names = new Argument<string[]>("name") { Arity = ArgumentArity.ZeroOrMore, Description = "Systems whose claims to run" };
        names.CompletionSources.Add(_ => context.Systems.All.Where(system => system.Claim is not null).Select(system => system.Card.Name));
        var all = new Option<bool>("--all") { Description = "Every claim of the catalogue" };
        var quick = new Option<bool>("--quick") { Description = "Seconds instead of minutes: tries everything, proves nothing" };
        var seeds = Shared.Number("--seeds", "Repetitions (the claim's own number)", 1);
        var firstSeed = Shared.Number("--first-seed", "The first repetition's seed (0)", 0);
        var jobs = Shared.Number("--jobs",
            "Repetitions at once, each in a process of its own with its share of the cores (as many as cores)", 1);
        var data = new Option<string?>("--data")
        { Description = "A folder of real data instead of the procedural set", HelpName = "FOLDER" };
        var output = new Option<string?>("--out") { Description = "Where report.html and result.json go (reports/NAME)", HelpName = "DIR" };
        var ledger = new Option<string?>("--ledger")
        { Description = "Then write this page of all claims from the results there are", HelpName = "FILE" };
        var strict = new Option<bool>("--strict") { Description = "Exit with 1 where a claim does not hold" };
        var json = Shared.Json();
        var command = new TeachingCommand("claim", "Try a paper's headline effect as a small experiment: baseline and method on the same "
            + "data, budget and seeds, and a rule that decides.")
        {
            Examples =
            [
                ("sconce claim nfnets", "runs it; the report is reports/nfnets/report.html"),
                ("sconce claim nfnets --quick", "does it run here at all?"),
                ("sconce claim nfnets --data cifar-10-batches-bin --seeds 5", "on real photographs, five times"),
                ("sconce claim --all --ledger CLAIMS.md", "every claim, and one page about all of them"),
            ],
        };
        command.Add(names);
        foreach (var option in new Option[] { all, quick, seeds, firstSeed, jobs, data, output, ledger, strict, json }) command.Add(option);
        command.SetAction(parsed =>
        {
            var options = new ClaimOptions(parsed.GetValue(seeds), parsed.GetValue(quick), Folder(parsed.GetValue(data)),
                parsed.GetValue(firstSeed) ?? 0);
            var chosen = Chosen(context, parsed.GetValue(names) ?? [], parsed.GetValue(all),
                canBeNone: parsed.GetValue(ledger) is not null, options);
            var session = new ClaimSession(context, options, parsed.GetValue(jobs), parsed.GetValue(output), parsed.GetValue(json));
            int status = session.Run(chosen, parsed.GetValue(strict));
            if (parsed.GetValue(ledger) is { } page) session.WriteLedger(page);
            return status;
        });
        return command;
    }

    private static string? Folder(string? folder)
    {
        if (folder is null) return null;
        if (!Directory.Exists(folder)) throw new UsageException($"--data: there is no folder '{folder}'");
        return Path.GetFullPath(folder);
    }

    private static IReadOnlyList<CatalogueSystem> Chosen(CommandContext context, string[] names, bool all, bool canBeNone,
        ClaimOptions options)
    {
        if (all && names.Length > 0) throw new UsageException("either names or --all");
        if (!all && names.Length == 0 && !canBeNone)
            throw new UsageException("which claim? Name a system, or type --all ('sconce claim --help' shows how)");
        List<CatalogueSystem> chosen =
            [.. (all ? context.Systems.All.Where(system => system.Claim is not null) : names.Select(context.Systems.Get)).Distinct()];
        foreach (var system in chosen)
        {
            if (system.Claim is not { } claim)
                throw new UsageException($"{system.Card.Name} makes no claim ('sconce show {system.Card.Name}' says what it is)");
            if (options.Data is not null && claim.DataFormat is null)
                throw new UsageException($"the claim of {system.Card.Name} makes its own data: leave --data out");
        }

        return chosen;
    }
}
