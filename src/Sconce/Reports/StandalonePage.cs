using System.Net;
using System.Text;
using System.Text.Json;
using Sconce.Abilities;
using Sconce.Imaging;

namespace Sconce.Reports;

/// <summary>A line of a chart.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="X">Ascending.</param>
/// <param name="Y">As many; what is not finite leaves a gap.</param>
public sealed record PlottedLine(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);

/// <summary>A page that needs nothing besides itself, of words, tables, charts and pictures in the order in which they are added.</summary>
/// <param name="title">Of the page.</param>
public sealed class StandalonePage(string title)
{
    private const int Colours = 8, Dashes = 4;

    // The page may use what stands in it and fetch nothing.
    private const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

    private readonly StringBuilder body = new();
    private readonly List<ChartData> charts = [];

    /// <summary>A heading.</summary>
    public StandalonePage Heading(string words)
    {
        body.Append($"<h2>{Text(words)}</h2>\n");
        return this;
    }

    /// <summary>A paragraph.</summary>
    public StandalonePage Paragraph(string words)
    {
        body.Append($"<p>{Text(words)}</p>\n");
        return this;
    }

    /// <summary>Rows under their columns.</summary>
    public StandalonePage Table(Rows rows)
    {
        body.Append("<div class=\"wide\"><table>\n<tr>");
        foreach (string column in rows.Columns) body.Append($"<th>{Text(column)}</th>");
        body.Append("</tr>\n");
        foreach (var row in rows.Items)
        {
            body.Append("<tr>");
            foreach (object? cell in row)
                body.Append($"<td>{Text(cell is double number ? ClaimFigures.Number(number) : AnswerRows.Cell(cell))}</td>");
            body.Append("</tr>\n");
        }

        body.Append("</table></div>\n");
        return this;
    }

    /// <summary>A chart of lines.</summary>
    /// <param name="name">What goes up.</param>
    /// <param name="x">What goes across.</param>
    /// <param name="lines">One at least.</param>
    public StandalonePage Chart(string name, string x, params IReadOnlyList<PlottedLine> lines)
    {
        body.Append($"<div class=\"chart\"><h3>{Text(name)}</h3><div id=\"chart-{charts.Count}\"></div></div>\n");
        charts.Add(new ChartData(name, x, [.. lines.Select((line, k) =>
            new LineData(line.Name, line.X, [.. line.Y.Select(y => double.IsFinite(y) ? y : double.NaN)], k % Colours,
                k / Colours % Dashes))]));
        return this;
    }

    /// <summary>A picture; small ones are shown at a whole multiple of their size.</summary>
    public StandalonePage Picture(string caption, Image picture)
    {
        string png = Convert.ToBase64String(picture.Encode(ImageFormat.Png));
        int larger = Math.Max(1, (int)Math.Ceiling(128.0 / picture.Width));
        string small = larger > 1 ? $" class=\"small\" width=\"{picture.Width * larger}\"" : "";
        body.Append($"<figure><img{small} alt=\"{Text(caption)}\" src=\"data:image/png;base64,{png}\">");
        body.Append($"<figcaption>{Text(caption)}</figcaption></figure>\n");
        return this;
    }

    /// <summary>The whole of it.</summary>
    public string Render()
    {
        var page = new StringBuilder($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <title>{Text(title)}</title>
            <style>{ReportAssets.Style}</style>

            """);
        if (charts.Count > 0) page.Append($"<style>{ReportAssets.PlotStyle}</style>\n");
        page.Append($"</head>\n<body>\n<h1>{Text(title)}</h1>\n").Append(body);
        if (charts.Count > 0)
        {
            page.Append($"""
                <noscript><p>The curves need JavaScript.</p></noscript>
                <details><summary>Charts are drawn by uPlot</summary><pre>{Text(ReportAssets.PlotLicence)}</pre></details>
                <script type="application/json" id="charts">{JsonSerializer.Serialize([.. charts], ReportJson.Embedded.ChartDataArray)}</script>
                <script>{ReportAssets.PlotScript}</script>
                <script>{ReportAssets.Script}</script>

                """);
        }

        return page.Append("</body>\n</html>\n").ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
