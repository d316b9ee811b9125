using System.Globalization;
using System.Net;
using System.Text;

namespace Sconce.Systems.Generation.Guigan;

/// <summary>Screens as a page of nested boxes, so that their structure can be read, searched and styled; it stands alone.</summary>
/// <param name="library">What tokens stand for.</param>
internal sealed class ScreenPage(ScreenLibrary library)
{
    private const double Width = 360;

    private const string Head =
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>Composed screens</title>
        <style>
        :root { color-scheme: light dark; font: 13px system-ui, sans-serif; }
        body { display: flex; flex-wrap: wrap; gap: 24px; margin: 24px; }
        figure { margin: 0; }
        .screen { position: relative; overflow: hidden; border: 1px solid #888; }
        .node { position: absolute; outline: 1px solid #4a7fb5; outline-offset: -1px; background: #4a7fb51a; }
        .node > span { position: absolute; left: 2px; top: 1px; font-size: 9px; line-height: 1; white-space: nowrap; }
        .node:hover { outline: 2px solid #d9822b; }
        .node:has(> .node) > span { display: none; }
        </style></head><body>

        """;

    /// <summary>The whole page.</summary>
    /// <param name="screens">Tokens of each, from top to bottom.</param>
    public string Html(IReadOnlyList<IReadOnlyList<int>> screens)
    {
        var text = new StringBuilder(Head);
        double scale = Width / library.Width;
        foreach (var (number, screen) in screens.Index())
        {
            text.Append(CultureInfo.InvariantCulture, $"<figure><figcaption>screen {number + 1}</figcaption>\n<div class=\"screen\" ")
                .Append(
                    CultureInfo.InvariantCulture,
                    $"style=\"width:{Width}px;height:{ScreenVocabulary.TallestScreen * scale:0.#}px\">\n");
            int top = 0;
            foreach (int token in screen.Where(token => token != ScreenVocabulary.Padding))
            {
                if (library.PartOf(token) is { } part) Append(text, part.Tree.Lowered(top), (0, 0), scale, library.Apps[part.App]);
                top += library.Vocabulary[token].Height;
            }

            text.Append("</div></figure>\n");
        }

        return text.Append("</body></html>\n").ToString();
    }

    /// <summary>A box within its parent's, whose upper left corner is given.</summary>
    private static void Append(StringBuilder text, ScreenNode node, (int Left, int Top) parent, double scale, string? app)
    {
        string kind = WebUtility.HtmlEncode(node.Class);
        string from = app is null ? "" : $" data-app=\"{WebUtility.HtmlEncode(app)}\"";
        double left = (node.Bounds[0] - parent.Left) * scale, top = (node.Bounds[1] - parent.Top) * scale;
        text.Append(
            CultureInfo.InvariantCulture,
            $"<div class=\"node\" data-class=\"{kind}\"{from} title=\"{kind}\" style=\"left:{left:0.#}px;top:{top:0.#}px;"
            + $"width:{node.Width * scale:0.#}px;height:{node.Height * scale:0.#}px\"><span>{kind}</span>");
        foreach (var child in node.Children) Append(text, child, (node.Bounds[0], node.Bounds[1]), scale, null);
        text.Append("</div>\n");
    }
}
