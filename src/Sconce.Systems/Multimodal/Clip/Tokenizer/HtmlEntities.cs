using System.Text;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>HTML's named character references (html.spec.whatwg.org, "Named character references"): 2,125 names, 106 of them known without
/// a semicolon too.</summary>
static class HtmlEntities
{
    // The longest name that needs no semicolon has six characters ("Aacute", "frac12").
    const int LongestBare = 6;

    static readonly Lazy<Tables> All = new(Load);

    sealed record Tables(Dictionary<string, string> Closed, Dictionary<string, string> Bare, Dictionary<string, string> Capitals);

    /// <summary>The characters of <c>&amp;name;</c>; names are case-sensitive.</summary>
    public static bool TryGetClosed(ReadOnlySpan<char> name, out string characters) => Find(All.Value.Closed, name, out characters);

    /// <summary>The longest prefix of <paramref name="text"/> that is a name known without its semicolon; its length, or 0.</summary>
    public static int LongestBarePrefix(ReadOnlySpan<char> text, out string characters)
    {
        for (var length = Math.Min(LongestBare, text.Length); length >= 2; length--)
        {
            if (Find(All.Value.Bare, text[..length], out characters))
                return length;
        }
        characters = "";
        return 0;
    }

    /// <summary>ftfy's addition: all-lower-case names written in capitals (<c>&amp;NTILDE;</c>) that mean nothing else.</summary>
    public static bool TryGetCapitals(ReadOnlySpan<char> name, out string characters) => Find(All.Value.Capitals, name, out characters);

    static bool Find(Dictionary<string, string> table, ReadOnlySpan<char> name, out string characters)
    {
        var found = table.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var value);
        characters = value ?? "";
        return found;
    }

    static Tables Load()
    {
        var closed = new Dictionary<string, string>(2200);
        var bare = new Dictionary<string, string>(120);
        foreach (var line in TokenizerResource.Lines("Html5Entities"))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            var characters = string.Concat(TokenizerResource.CodePoints(line[(space + 1)..]).Select(char.ConvertFromUtf32));
            var name = line[..space].TrimEnd('*');
            closed.Add(name, characters);
            if (line[space - 1] == '*')
                bare.Add(name, characters);
        }

        var capitals = new Dictionary<string, string>();
        foreach (var (name, characters) in closed)
        {
            var upper = name.ToUpperInvariant();
            var known = closed.ContainsKey(upper)
                || Enumerable.Range(1, Math.Min(LongestBare, upper.Length)).Any(n => bare.ContainsKey(upper[..n]));
            if (!name.AsSpan().ContainsAnyInRange('A', 'Z') && !known)
                capitals.Add(upper, Upper(characters));
        }
        return new Tables(closed, bare, capitals);
    }

    // Python's str.upper(), which expands ligatures; these are all the entities where .NET's differs.
    static string Upper(string characters)
    {
        var output = new StringBuilder();
        foreach (var c in characters.ToUpperInvariant())
        {
            output.Append(c switch
            {
                'ß' => "SS",
                'ı' => "I",
                'ŉ' => "\u02BCN",
                '\uFB00' => "FF",
                '\uFB01' => "FI",
                '\uFB02' => "FL",
                '\uFB03' => "FFI",
                '\uFB04' => "FFL",
                _ => c.ToString(),
            });
        }
        return output.ToString();
    }
}
