using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Sconce.Catalogue;
using Sconce.Claims;

namespace Sconce.Reports;

/// <summary>A claim's report as one page that needs nothing besides itself: styles, script, data and pictures stand in it.</summary>
internal static class ReportPage
{
    // The page may use what stands in it and fetch nothing.
    private const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    internal static string Render(SystemCard card, ClaimRecord record, IReadOnlyList<ClaimPicture> pictures)
    {
        var charts = Charts.Of(record.Curves);
        string words = ClaimFigures.Words(record.Verdict);
        var page = new StringBuilder();
        page.Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <title>{Text(card.Title)}: {words}</title>
            <style>{ReportAssets.Style}</style>
            """);
        if (charts.Length > 0) page.Append($"\n<style>{ReportAssets.PlotStyle}</style>");
        page.Append($"""

            </head>
            <body>
            <h1>{Text(card.Title)}</h1>
            <p class="quiet">{Text(card.Paper.Title)}, {Text(card.Paper.Authors)}, {card.Paper.Year}{ArXiv(card.Paper)} · newsletter {Text(card.Week)}</p>
            <blockquote><p>{Text(record.Statement)}</p></blockquote>
            <div class="verdict {record.Verdict?.ToString() ?? "Failed"}">
            <strong>{Capital(words)}</strong>
            <p>{Text(record.Reason)}</p>
            <p class="quiet">The rule, stated before: {Text(record.Rule)}</p>
            </div>
            <p class="quiet">{Text(Circumstances(record))}</p>

            """);
        Figures(page, record.Rows);
        Curves(page, charts);
        Pictures(page, pictures);
        Values(page, "Configuration", record.Configuration);
        Values(page, "Versions", record.Versions);
        if (charts.Length > 0)
        {
            page.Append($"""
                <details><summary>Charts are drawn by uPlot</summary><pre>{Text(ReportAssets.PlotLicence)}</pre></details>
                <script type="application/json" id="charts">{JsonSerializer.Serialize(charts, ReportJson.Embedded.ChartDataArray)}</script>
                <script>{ReportAssets.PlotScript}</script>
                <script>{ReportAssets.Script}</script>

                """);
        }

        page.Append("</body>\n</html>\n");
        return page.ToString();
    }

    private static string Circumstances(ClaimRecord record)
    {
        string seeds = record.Seeds == 1 ? $"seed {record.FirstSeed}" : $"{record.Seeds} seeds from {record.FirstSeed}";
        string data = record.Data is { } folder ? $", data: {folder}" : "";
        string quick = record.Quick ? " This was a quick run: it tries the plumbing and proves nothing." : "";
        return $"Run on {record.Date.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)}, {ClaimFigures.Words(TimeSpan.FromSeconds(record.Seconds))}, {seeds}{data}.{quick}";
    }

    private static void Figures(StringBuilder page, IReadOnlyList<RowRecord> rows)
    {
        foreach (var metric in rows.GroupBy(row => row.Metric))
        {
            page.Append($"<h2>{Text(Capital(metric.Key))}</h2>\n<div class=\"wide\"><table>\n<tr><th>arm</th><th class=\"figure\">mean ± deviation over seeds</th><th class=\"figure\">each seed</th></tr>\n");
            foreach (var row in metric)
            {
                page.Append($"<tr{(row.IsMethod ? " class=\"method\"" : "")}><td>{Text(row.Arm)}</td><td class=\"figure\">{Text(ClaimFigures.MeanAndSpread(row.Values))}</td><td class=\"figure\">{Text(string.Join("  ", row.Values.Select(ClaimFigures.Number)))}</td></tr>\n");
            }

            page.Append("</table></div>\n");
        }
    }

    private static void Curves(StringBuilder page, ChartData[] charts)
    {
        if (charts.Length == 0) return;
        page.Append("<h2>Curves</h2>\n<p class=\"quiet\">Drag to zoom, double-click to go back, click a name to hide its line. A gap is a value that was not finite.</p>\n");
        for (int k = 0; k < charts.Length; k++)
        {
            page.Append($"<div class=\"chart\"><h3>{Text(Capital(charts[k].Name))}</h3><div id=\"chart-{k}\"></div></div>\n");
        }

        page.Append("<noscript><p>The curves need JavaScript; their figures are in result.json.</p></noscript>\n");
    }

    private static void Pictures(StringBuilder page, IReadOnlyList<ClaimPicture> pictures)
    {
        if (pictures.Count == 0) return;
        page.Append("<h2>Pictures</h2>\n<div class=\"pictures\">\n");
        foreach (var picture in pictures)
        {
            page.Append($"<figure><img{Size(picture.Png.Span)} alt=\"{Text(picture.Caption)}\" src=\"data:image/png;base64,{Convert.ToBase64String(picture.Png.Span)}\"><figcaption>{Text(picture.Caption)}</figcaption></figure>\n");
        }

        page.Append("</div>\n");
    }

    /// <summary>Small pictures are shown at a whole multiple of their size, pixel by pixel.</summary>
    private static string Size(ReadOnlySpan<byte> png)
    {
        if (png.Length < 24) return "";
        int width = BinaryPrimitives.ReadInt32BigEndian(png[16..]);    // the header chunk comes first in every PNG
        return width is > 0 and < 128 ? $" class=\"small\" width=\"{width * (int)Math.Ceiling(128.0 / width)}\"" : "";
    }

    private static void Values(StringBuilder page, string title, IReadOnlyList<NamedValue> values)
    {
        if (values.Count == 0) return;
        page.Append($"<h2>{title}</h2>\n<div class=\"wide\"><table>\n");
        foreach (var (name, value) in values) page.Append($"<tr><td>{Text(name)}</td><td>{Text(value)}</td></tr>\n");
        page.Append("</table></div>\n");
    }

    private static string ArXiv(Paper paper) =>
        paper.ArXiv.Length == 0 ? "" : $", <a href=\"https://arxiv.org/abs/{Text(paper.ArXiv)}\">arXiv:{Text(paper.ArXiv)}</a>";

    private static string Capital(string words) => words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..];

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
