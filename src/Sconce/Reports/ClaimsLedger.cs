using System.Globalization;
using System.Text;
using Sconce.Catalogue;
using Sconce.Files;

namespace Sconce.Reports;

/// <summary>The page of all claims, <c>CLAIMS.md</c>: each with its date, figures and verdict, those that fail included.</summary>
public static class ClaimsLedger
{
    /// <summary>Writes the page from the results that lie under a folder.</summary>
    /// <param name="path">The page, such as <c>CLAIMS.md</c>.</param>
    /// <param name="reports">The folder with one folder a claim.</param>
    /// <param name="systems">The catalogue: claims without a result are listed as not run.</param>
    /// <param name="made">A sentence about how the page is made again; empty for none.</param>
    /// <returns>The results that it shows.</returns>
    /// <exception cref="InvalidDataException">A <c>result.json</c> there is damaged.</exception>
    /// <exception cref="IOException">The page cannot be written.</exception>
    public static IReadOnlyList<ClaimRecord> Write(string path, string reports, IReadOnlyList<CatalogueSystem> systems, string made = "")
    {
        var records = Collect(reports);
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(Render(records, systems, made)));
        return records;
    }

    /// <summary>The results under a folder, by system: the latest full run of each, or the latest quick one where there is no
    /// other.</summary>
    public static IReadOnlyList<ClaimRecord> Collect(string reports)
    {
        if (!Directory.Exists(reports)) return [];
        return
        [
            .. Directory.EnumerateFiles(reports, ClaimReport.Result,
                new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 })
                .Select(ClaimRecord.Read)
                .GroupBy(record => record.System)
                .Select(runs => runs.OrderBy(run => run.Quick).ThenByDescending(run => run.Date).First())
                .OrderBy(record => record.System, StringComparer.Ordinal),
        ];
    }

    /// <summary>The page's text.</summary>
    public static string Render(IReadOnlyList<ClaimRecord> records, IReadOnlyList<CatalogueSystem> systems, string made = "")
    {
        var notRun = systems.Where(system => system.Claim is not null && records.All(record => record.System != system.Card.Name))
            .Select(system => system.Card.Name).ToList();
        var page = new StringBuilder();
        page.Append("# Claims\n\nEach paper's headline effect as a small experiment: the same data, budget and seeds for baseline and "
            + "method, and a rule, stated before, that decides.\n");
        if (made.Length > 0) page.Append(made).Append("\n\n");
        page.Append(Counts(records, notRun.Count)).Append("\n\n");
        if (records.Count > 0)
        {
            page.Append("| System | Verdict | Date | Seeds | Took |\n| --- | --- | --- | --- | --- |\n");
            foreach (var record in records)
            {
                page.Append($"| [{Cell(record.Title)}](#{record.System}) | {Verdict(record)} | {Date(record)} | {record.Seeds} | "
                    + $"{ClaimFigures.Words(TimeSpan.FromSeconds(record.Seconds))} |\n");
            }
        }

        foreach (var record in records) Section(page, record);
        if (notRun.Count > 0) page.Append($"\n## Not run yet\n\n{string.Join(", ", notRun)}\n");
        return page.ToString();
    }

    private static void Section(StringBuilder page, ClaimRecord record)
    {
        page.Append($"\n## {record.System}\n\n> {Line(record.Statement)}\n\n**{Verdict(record)}.** {Line(record.Reason)}\n\nRule: "
            + $"{Line(record.Rule)}\n");
        if (record.Rows.Count == 0) return;
        page.Append("\n| Arm | Metric | Mean ± deviation |\n| --- | --- | --- |\n");
        foreach (var row in record.Rows)
        {
            page.Append($"| {Cell(row.Arm)}{(row.IsMethod ? " (the method)" : "")} | {Cell(row.Metric)} | "
                + $"{ClaimFigures.MeanAndSpread(row.Values)} |\n");
        }
    }

    private static string Counts(IReadOnlyList<ClaimRecord> records, int notRun)
    {
        var parts = records.GroupBy(Verdict).OrderBy(group => group.Min(record => record.Verdict ?? (Claims.Verdict)int.MaxValue))
            .Select(group => $"{group.Count()} {group.Key}").ToList();
        if (notRun > 0) parts.Add($"{notRun} not run yet");
        return parts.Count == 0 ? "No claim was run yet." : string.Join(", ", parts) + ".";
    }

    private static string Verdict(ClaimRecord record) => ClaimFigures.Words(record.Verdict) + (record.Quick ? " (quick run)" : "");

    private static string Date(ClaimRecord record) => record.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Cell(string text) => Line(text).Replace("|", "\\|");

    private static string Line(string text) => text.ReplaceLineEndings(" ");
}
