using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;

namespace Sconce.Generators;

/// <summary>The summary of a doc comment as plain words; read from the source, so that it is there whether or not documentation is
/// written.</summary>
internal static class DocSummary
{
    /// <summary>The words; empty where there is no summary.</summary>
    public static string Of(SyntaxNode declaration)
    {
        string[] lines = [.. declaration.GetLeadingTrivia().ToFullString().Split('\n').Select(line => line.Trim())
            .Where(line => line.StartsWith("///", StringComparison.Ordinal)).Select(line => line.Substring(3))];
        if (lines.Length == 0) return "";
        try
        {
            var summary = XDocument.Parse($"<doc>{string.Join("\n", lines)}</doc>").Root!.Element("summary");
            return summary is null ? "" : Collapsed(Words(summary));
        }
        catch (XmlException)
        {
            return "";   // the compiler has its own warning for it
        }
    }

    private static string Words(XElement element)
    {
        var text = new StringBuilder();
        foreach (var node in element.Nodes())
        {
            if (node is XText words) text.Append(words.Value);
            else if (node is XElement inner) text.Append(inner.Attribute("cref") is { } cref ? LastName(cref.Value) : Words(inner));
        }

        return text.ToString();
    }

    private static string LastName(string cref)
    {
        string bare = cref.Split('(', '{')[0];
        return bare.Substring(bare.LastIndexOf('.') + 1);
    }

    private static string Collapsed(string text) =>
        string.Join(" ", text.Split([' ', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));
}
