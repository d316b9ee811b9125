using System.Globalization;
using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Reports;

/// <summary>A claim's report as one page.</summary>
internal static class ReportPage
{
    internal static string Render(SystemCard card, ClaimRecord record, IReadOnlyList<ClaimPicture> pictures, string? kept = null)
    {
        string words = ClaimFigures.Words(record.Verdict);
        var page = new PageParts($"{card.Title}: {words}", Charts.Of(record.Curves));
        string paper = $"{PageParts.Text(card.Paper.Title)}, {PageParts.Text(card.Paper.Authors)}, {card.Paper.Year}{ArXiv(card.Paper)}";
        page.Add($"""
            <h1>{PageParts.Text(card.Title)}</h1>
            <p class="quiet">{paper} · newsletter {PageParts.Text(card.Newsletter)}</p>
            <blockquote><p>{PageParts.Text(record.Statement)}</p></blockquote>
            <div class="verdict {record.Verdict?.ToString() ?? "Failed"}">
            <strong>{PageParts.Capital(words)}</strong>
            <p>{PageParts.Text(record.Reason)}</p>
            <p class="quiet">The rule, stated before: {PageParts.Text(record.Rule)}</p>
            </div>
            """);
        page.Quiet(Circumstances(record));
        if (kept is not null) page.Quiet(kept);
        Figures(page, record.Rows);
        page.Curves();
        page.Pictures("Pictures", [.. pictures.Select(picture => new PagePicture(picture.Caption, picture.Png))]);
        page.Values("Configuration", record.Configuration);
        page.Values("Versions", record.Versions);
        return page.Finish();
    }

    private static string Circumstances(ClaimRecord record)
    {
        string seeds = record.Seeds == 1 ? $"seed {record.FirstSeed}" : $"{record.Seeds} seeds from {record.FirstSeed}";
        string data = record.Data is { } folder ? $", data: {folder}" : "";
        string quick = record.Quick ? " This was a quick run: it tries the plumbing and proves nothing." : "";
        string date = record.Date.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        return $"Run on {date}, {ClaimFigures.Words(TimeSpan.FromSeconds(record.Seconds))}, {seeds}{data}.{quick}";
    }

    private static void Figures(PageParts page, IReadOnlyList<RowRecord> rows)
    {
        foreach (var metric in rows.GroupBy(row => row.Metric))
        {
            RowRecord[] all = [.. metric];
            page.Heading(PageParts.Capital(metric.Key));
            page.Table(
                ["arm", ">mean ± deviation over seeds", ">each seed"],
                all.Select(row => (IReadOnlyList<string>)
                    [row.Arm, ClaimFigures.MeanAndSpread(row.Values), string.Join("  ", row.Values.Select(ClaimFigures.Number))]),
                number => all[number].IsMethod);
        }
    }

    private static string ArXiv(Paper paper)
    {
        string number = PageParts.Text(paper.ArXiv);
        return number.Length == 0 ? "" : $", <a href=\"https://arxiv.org/abs/{number}\">arXiv:{number}</a>";
    }
}
