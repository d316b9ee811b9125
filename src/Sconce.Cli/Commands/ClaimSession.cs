using System.Diagnostics;
using Sconce.Catalogue;
using Sconce.Claims;
using Sconce.Cli.Output;
using Sconce.Cli.Progress;
using Sconce.Reports;
using Spectre.Console;

namespace Sconce.Cli.Commands;

/// <summary>Runs claims one after another: each writes its report when it ends; of several, one that fails does not stop the
/// others.</summary>
internal sealed class ClaimSession(CommandContext context, ClaimOptions options, int? jobs, string? output, bool json)
{
    private const string DefaultFolder = "reports";
    private const string Made =
        "This page is generated: `./sconce claim --all --ledger CLAIMS.md` runs every claim again, "
        + "`./sconce claim --ledger CLAIMS.md` only writes the page.";

    /// <summary>Runs them.</summary>
    /// <returns>The exit status: 1 where one could not be run or, if <paramref name="strict"/>, does not hold.</returns>
    public int Run(IReadOnlyList<CatalogueSystem> systems, bool strict)
    {
        var cancellation = context.Cancellation;
        var done = new List<(ClaimRecord Record, string Folder)>();
        for (int k = 0; k < systems.Count; k++)
        {
            string folder = FolderOf(systems[k].Card.Name, systems.Count == 1);
            string title = systems.Count == 1 ? systems[k].Card.Name : $"{systems[k].Card.Name} ({k + 1} of {systems.Count})";
            var record = RunOne(systems[k], folder, title, mayFail: systems.Count > 1, cancellation);
            done.Add((record, folder));
            if (!json) Show(record, folder);
            context.Terminal.Out.Flush();
        }

        if (json)
            context.Terminal.WriteJson([.. done.Select(entry => ClaimJson.Of(entry.Record, entry.Folder))],
                CliJson.Readable.ClaimJsonArray);
        bool bad = done.Any(entry => entry.Record.Verdict is null || (strict && entry.Record.Verdict == Verdict.DoesNotHold));
        return bad ? Faults.FailureStatus : 0;
    }

    /// <summary>Writes the page of all claims from the results in the reports' folder.</summary>
    public void WriteLedger(string page)
    {
        var records = ClaimsLedger.Write(page, output ?? DefaultFolder, context.Systems.All, Made);
        context.Terminal.Note($"{page}: {records.Count} {(records.Count == 1 ? "claim" : "claims")}");
    }

    private ClaimRecord RunOne(CatalogueSystem system, string folder, string title, bool mayFail, CancellationToken cancellation)
    {
        var claim = system.Claim!;
        bool made = Prepare(folder);
        if (!options.Quick && claim.Duration >= TimeSpan.FromMinutes(1))
            context.Terminal.Note($"{title}: takes about {ClaimFigures.Words(claim.Duration)} on two cores (--quick: seconds)");
        var clock = Stopwatch.StartNew();
        try
        {
            ClaimResult result;
            int atOnce = ParallelSeeds.AtOnce(claim, options, jobs);
            using (var progress = new ProgressDisplay(context.Terminal, title))
            {
                result = atOnce > 1 ? new ParallelSeeds(system, options, atOnce, context.Self).Run(progress, cancellation)
                    : claim.Run(options, progress, cancellation);
            }

            return ClaimReport.Write(folder, system, claim, result, options, clock.Elapsed);
        }
        catch (Exception error) when (mayFail && error is not (OperationCanceledException or UsageException))
        {
            context.Terminal.Note($"sconce: {system.Card.Name}: {Faults.Line(error)}");
            return ClaimReport.WriteFailure(folder, system, claim, Faults.Line(error), options, clock.Elapsed);
        }
        finally
        {
            if (made && !Directory.EnumerateFileSystemEntries(folder).Any()) Directory.Delete(folder);
        }
    }

    /// <summary>Finds out before hours of work whether the folder can be written. Gives whether it was made.</summary>
    private static bool Prepare(string folder)
    {
        bool made = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        string trial = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        File.WriteAllBytes(trial, []);
        File.Delete(trial);
        return made;
    }

    private string FolderOf(string name, bool isOnly)
    {
        if (output is not null) return isOnly ? output : Path.Combine(output, name);
        string folder = Path.Combine(DefaultFolder, name);
        // A quick run never takes the place of a full one that cost its time.
        return options.Quick && IsFull(Path.Combine(folder, ClaimReport.Result)) ? Path.Combine(folder, "quick") : folder;
    }

    private static bool IsFull(string result)
    {
        try
        {
            return File.Exists(result) && !ClaimRecord.Read(result).Quick;
        }
        catch (InvalidDataException)    // a damaged result is nothing to keep
        {
            return false;
        }
    }

    private void Show(ClaimRecord record, string folder)
    {
        var terminal = context.Terminal;
        terminal.Write(new Text($"{record.Title}: {ClaimFigures.Words(record.Verdict)}\n", StyleOf(record.Verdict)));
        terminal.Write(Columns.Line(record.Reason));
        if (record.Rows.Count > 0)
        {
            var table = Columns.Of("arm", "metric", ">mean ± deviation", ">each seed");
            foreach (var row in record.Rows)
                table.Add(row.Arm, row.Metric, ClaimFigures.MeanAndSpread(row.Values),
                    string.Join("  ", row.Values.Select(ClaimFigures.Number)));
            terminal.Write(table);
        }

        terminal.Write(Columns.Line(Path.Combine(folder, ClaimReport.Page)));
        string network = Path.Combine(folder, ClaimReport.Network);
        if (!File.Exists(network)) return;
        var ways = context.Abilities.OfCheckpoint(network)?.Abilities.Select(ability => ability.Verb).Distinct().ToList() ?? [];
        string asks = ways.Count > 0 ? $": 'sconce {ways[0]} --weights {network}' asks it" : "";
        terminal.Write(Columns.Line($"{network} (what the method trained{asks})"));
    }

    private static Style StyleOf(Verdict? verdict) => new(
        foreground: verdict switch
        {
            Verdict.Holds => Color.Green,
            Verdict.Undecided => Color.Yellow,
            _ => Color.Red,
        },
        decoration: Decoration.Bold);
}
