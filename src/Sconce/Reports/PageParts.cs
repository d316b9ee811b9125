using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Sconce.Reports;

/// <summary>
/// What every page is made of: a page needs nothing besides itself, so that styles, script, data and pictures stand in it, and it fetches
/// nothing.
/// </summary>
internal sealed class PageParts
{
    // The page may use what stands in it and fetch nothing.
    private const string Policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
    private readonly StringBuilder page = new();
    private readonly IReadOnlyList<ChartData> charts;

    /// <summary>Begins a page.</summary>
    /// <param name="title">Of the window.</param>
    /// <param name="charts">Those that <see cref="Curves"/> will show.</param>
    internal PageParts(string title, IReadOnlyList<ChartData> charts)
    {
        this.charts = charts;
        page.Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="{Policy}">
            <title>{Text(title)}</title>
            <style>{ReportAssets.Style}</style>
            """);
        if (charts.Count > 0) page.Append($"\n<style>{ReportAssets.PlotStyle}</style>");
        page.Append("\n</head>\n<body>\n");
    }

    /// <summary>Text as a page shows it.</summary>
    internal static string Text(string text) => WebUtility.HtmlEncode(text);

    /// <summary>With a capital first.</summary>
    internal static string Capital(string words) => words.Length == 0 ? words : char.ToUpperInvariant(words[0]) + words[1..];

    /// <summary>Markup that is written already; its texts are encoded.</summary>
    internal void Add(string markup) => page.Append(markup).Append('\n');

    /// <summary>A heading.</summary>
    internal void Heading(string title) => Add($"<h2>{Text(title)}</h2>");

    /// <summary>A sentence beside the matter.</summary>
    internal void Quiet(string text) => Add($"<p class=\"quiet\">{Text(text)}</p>");

    /// <summary>A table.</summary>
    /// <param name="headings">A heading that begins with <c>&gt;</c> is a column of figures.</param>
    /// <param name="rows">Plain texts.</param>
    /// <param name="marked">Rows that stand out, by number; none where left out.</param>
    /// <param name="link">Where the first cell of a row leads, by number; nowhere where left out.</param>
    internal void Table(IReadOnlyList<string> headings, IEnumerable<IReadOnlyList<string>> rows, Func<int, bool>? marked = null,
        Func<int, string?>? link = null)
    {
        bool[] isFigure = [.. headings.Select(heading => heading.StartsWith('>'))];
        page.Append("<div class=\"wide\"><table>\n");
        if (headings.Any(heading => heading.Length > 0))
            page.Append("<tr>").AppendJoin("", headings.Select((heading, k) => Cell("th", heading.TrimStart('>'), isFigure[k])))
                .Append("</tr>\n");
        int number = 0;
        foreach (var row in rows)
        {
            string style = marked?.Invoke(number) == true ? " class=\"method\"" : "";
            string? leads = link?.Invoke(number);
            number++;
            page.Append($"<tr{style}>").AppendJoin("", row.Select((cell, k) => Cell("td", cell, isFigure[k], k == 0 ? leads : null)))
                .Append("</tr>\n");
        }

        Add("</table></div>");

        static string Cell(string tag, string text, bool isFigure, string? leads = null) =>
            $"<{tag}{(isFigure ? " class=\"figure\"" : "")}>"
            + (leads is null ? Text(text) : $"<a href=\"{Text(leads)}\">{Text(text)}</a>") + $"</{tag}>";
    }

    /// <summary>Names and values under a heading; nothing where there are none.</summary>
    internal void Values(string title, IReadOnlyList<NamedValue> values)
    {
        if (values.Count == 0) return;
        Heading(title);
        Table(["", ""], values.Select(value => (IReadOnlyList<string>)[value.Name, value.Value]));
    }

    /// <summary>The charts.</summary>
    internal void Curves()
    {
        if (charts.Count == 0) return;
        Heading("Curves");
        Quiet("Drag to zoom, double-click to go back, click a name to hide its line. A gap is a value that was not finite.");
        for (int k = 0; k < charts.Count; k++)
        {
            string beyond = charts[k].Beyond is { } note ? $"<p class=\"quiet\">{Text(note)}</p>" : "";
            Add($"<div class=\"chart\"><h3>{Text(Capital(charts[k].Name))}</h3>{beyond}<div id=\"chart-{k}\"></div></div>");
        }

        Add("<noscript><p>The curves need JavaScript.</p></noscript>");
    }

    /// <summary>Pictures under a heading; nothing where there are none.</summary>
    internal void Pictures(string title, IReadOnlyList<PagePicture> pictures)
    {
        if (pictures.Count == 0) return;
        Heading(title);
        Add("<div class=\"pictures\">");
        foreach (var picture in pictures)
        {
            string source = $"data:{picture.Kind};base64,{Convert.ToBase64String(picture.Content.Span)}";
            string caption = Text(picture.Caption);
            Add($"<figure><img{Size(picture)} alt=\"{caption}\" src=\"{source}\"><figcaption>{caption}</figcaption></figure>");
        }

        Add("</div>");
    }

    /// <summary>The whole page.</summary>
    internal string Finish()
    {
        if (charts.Count > 0)
        {
            page.Append($"""
                <details><summary>Charts are drawn by uPlot</summary><pre>{Text(ReportAssets.PlotLicence)}</pre></details>
                <script type="application/json" id="charts">{JsonSerializer.Serialize([.. charts],
                    ReportJson.Embedded.ChartDataArray)}</script>
                <script>{ReportAssets.PlotScript}</script>
                <script>{ReportAssets.Script}</script>

                """);
        }

        return page.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>Small pictures are shown at a whole multiple of their size, pixel by pixel.</summary>
    private static string Size(PagePicture picture)
    {
        if (picture.Kind != PagePicture.Png || picture.Content.Length < 24) return "";
        int width = BinaryPrimitives.ReadInt32BigEndian(picture.Content.Span[16..]);    // the header chunk comes first in every PNG
        return width is > 0 and < 128 ? $" class=\"small\" width=\"{width * (int)Math.Ceiling(128.0 / width)}\"" : "";
    }
}

/// <summary>A picture of a page.</summary>
/// <param name="Caption">What it shows.</param>
/// <param name="Content">An encoded file.</param>
/// <param name="Kind">Its media type.</param>
internal sealed record PagePicture(string Caption, ReadOnlyMemory<byte> Content, string Kind = PagePicture.Png)
{
    internal const string Png = "image/png";
}
