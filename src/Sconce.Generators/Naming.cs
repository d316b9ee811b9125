using System.Text;

namespace Sconce.Generators;

/// <summary>Names between PyTorch's snake_case and C#'s cases.</summary>
internal static class Naming
{
    /// <summary><c>log_softmax</c> -> <c>LogSoftmax</c>; the mark of an in-place operator, a last underscore, becomes
    /// <c>InPlace</c>.</summary>
    public static string Method(string snake)
    {
        bool inPlace = snake.EndsWith("_", System.StringComparison.Ordinal);
        string name = Pascal(snake);
        return inPlace ? name + "InPlace" : name;
    }

    public static string Pascal(string snake)
    {
        var text = new StringBuilder(snake.Length);
        bool upper = true;
        foreach (char c in snake)
        {
            if (c == '_')
            {
                upper = true;
                continue;
            }

            text.Append(upper ? char.ToUpperInvariant(c) : c);
            upper = false;
        }

        return text.ToString();
    }

    /// <summary><c>align_corners</c> -> <c>alignCorners</c>, escaped where C# has a keyword of that name.</summary>
    public static string Parameter(string snake)
    {
        string pascal = Pascal(snake);
        string camel = char.ToLowerInvariant(pascal[0]) + pascal.Substring(1);
        return Microsoft.CodeAnalysis.CSharp.SyntaxFacts.GetKeywordKind(camel) != Microsoft.CodeAnalysis.CSharp.SyntaxKind.None
            ? "@" + camel : camel;
    }

    /// <summary>A property's state-dict key: <c>Conv1</c> -> <c>conv1</c>, <c>PosEmbed</c> -> <c>pos_embed</c>, <c>BN</c> ->
    /// <c>bn</c>.</summary>
    public static string Snake(string pascal)
    {
        var text = new StringBuilder(pascal.Length + 4);
        for (int k = 0; k < pascal.Length; k++)
        {
            char c = pascal[k];
            bool startsWord = char.IsUpper(c) && k > 0
                && (!char.IsUpper(pascal[k - 1]) || (k + 1 < pascal.Length && char.IsLower(pascal[k + 1])))
                && pascal[k - 1] != '_';
            if (startsWord) text.Append('_');
            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
