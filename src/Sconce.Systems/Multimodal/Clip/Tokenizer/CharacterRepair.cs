using System.Globalization;
using System.Text;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>
/// ftfy 6.3.1's repairs of single characters: C1 controls read as Windows-1252, Latin ligatures taken apart, full- and half-width
/// forms made plain, quotation marks straightened, line breaks unified, terminal escapes and control characters dropped.
/// </summary>
static class CharacterRepair
{
    // U+FF5F ff.: the plain forms of half-width katakana, jamo and symbols; '\0' where there is none.
    const int HalfWidthStart = 0xFF5F;
    const string HalfWidth = "⦅⦆。「」、・ヲァィゥェォャュョッ\u30FCアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A"
        + "\u1160ᄀᄁᆪᄂᆬᆭᄃᄄᄅᆰᆱᆲᆳᆴᆵᄚᄆᄇᄈᄡᄉᄊᄋᄌᄍᄎᄏᄐᄑᄒ\0\0\0ᅡᅢᅣᅤᅥᅦ\0\0ᅧᅨᅩᅪᅫᅬ\0\0ᅭᅮᅯᅰᅱᅲ\0\0ᅳᅴᅵ\0\0\0"
        + "¢£¬\u00AF¦¥₩\0│←↑→↓■○";

    const string FullWidthMacron = " \u0304";

    /// <summary>Every repair of this class, in ftfy's order.</summary>
    public static string Fix(string text)
    {
        var mapped = MapCharacters(text);
        return DropControls(DropTerminalEscapes(mapped));
    }

    /// <summary>A C1 control as Windows-1252 means it.</summary>
    public static char FromControl(char c) => c is >= '\u0080' and <= '\u009F' ? Codepages.Windows1252[c] : c;

    static string MapCharacters(string text)
    {
        if (Ascii.IsValid(text) && !text.Contains('\r'))
            return text;
        var output = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = FromControl(text[i]);
            if (c == '\n' && i > 0 && text[i - 1] == '\r')
                continue;
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                output.Append(c).Append(text[++i]);
            else if (char.IsSurrogate(c))
                output.Append('\uFFFD');
            else if (c == '\uFFE3')
                output.Append(FullWidthMacron);
            else if (Ligature(c) is { } letters)
                output.Append(letters);
            else
                output.Append(Plain(c));
        }
        return output.ToString();
    }

    static string? Ligature(char c) => c switch
    {
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'ŉ' => "'n",
        'Ǳ' => "DZ",
        'ǲ' => "Dz",
        'ǳ' => "dz",
        'Ǆ' => "DŽ",
        'ǅ' => "Dž",
        'ǆ' => "dž",
        'Ǉ' => "LJ",
        'ǈ' => "Lj",
        'ǉ' => "lj",
        'Ǌ' => "NJ",
        'ǋ' => "Nj",
        'ǌ' => "nj",
        '\uFB00' => "ff",
        '\uFB01' => "fi",
        '\uFB02' => "fl",
        '\uFB03' => "ffi",
        '\uFB04' => "ffl",
        '\uFB05' => "ſt",
        '\uFB06' => "st",
        _ => null,
    };

    static char Plain(char c) => c switch
    {
        < '\u02BC' => c == '\r' ? '\n' : c,
        '\u02BC' or (>= '\u2018' and <= '\u201B') => '\'',
        >= '\u201C' and <= '\u201F' => '"',
        '\u2028' or '\u2029' => '\n',
        '\u3000' => ' ',
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFF01 + '!'),
        >= (char)HalfWidthStart and <= '\uFFEE' => HalfWidth[c - HalfWidthStart] is var plain and not '\0' ? plain : c,
        _ => c,
    };

    // Escape, bracket, digits of any script and semicolons, a letter.
    static string DropTerminalEscapes(string text)
    {
        if (!text.Contains('\u001B'))
            return text;
        var output = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var length = text[i] == '\u001B' ? TerminalEscapeLength(text.AsSpan(i)) : 0;
            if (length == 0)
                output.Append(text[i]);
            i += Math.Max(length, 1);
        }
        return output.ToString();
    }

    static int TerminalEscapeLength(ReadOnlySpan<char> text)
    {
        if (text.Length < 3 || text[1] != '[')
            return 0;
        var i = 2;
        while (i < text.Length)
        {
            Rune.DecodeFromUtf16(text[i..], out var rune, out var length);
            if (rune.Value != ';' && Rune.GetUnicodeCategory(rune) != UnicodeCategory.DecimalDigitNumber)
                break;
            i += length;
        }
        return i < text.Length && char.IsAsciiLetter(text[i]) ? i + 1 : 0;
    }

    static string DropControls(string text)
    {
        var first = 0;
        while (first < text.Length && !IsDropped(text[first]))
            first++;
        if (first == text.Length)
            return text;
        var output = new StringBuilder(text, 0, first, text.Length);
        foreach (var c in text.AsSpan(first))
        {
            if (!IsDropped(c))
                output.Append(c);
        }
        return output.ToString();
    }

    // All but the controls that are white space; deprecated formats, annotations and the byte-order mark.
    static bool IsDropped(char c) => c is <= '\u0008' or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F'
        or (>= '\u206A' and <= '\u206F') or '\uFEFF' or (>= '\uFFF9' and <= '\uFFFC');
}
