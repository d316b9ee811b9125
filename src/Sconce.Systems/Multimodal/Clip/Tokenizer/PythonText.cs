using System.Globalization;
using System.Text;

namespace Sconce.Systems.Multimodal.Clip;

/// <summary>What Python's <c>str</c> means by white space, by a word character and by lower case, which is not what .NET means.</summary>
static class PythonText
{
    const char DottedCapitalI = '\u0130';
    const char CapitalSigma = '\u03A3';
    const char FinalSigma = '\u03C2';

    /// <summary>Unicode's White_Space, which is a regular expression's <c>\s</c> in the official pattern.</summary>
    public static bool IsWhiteSpace(int c) => c switch
    {
        <= ' ' => c is ' ' or (>= '\t' and <= '\r'),
        0x85 or 0xA0 or 0x1680 or 0x2028 or 0x2029 or 0x202F or 0x205F or 0x3000 => true,
        _ => c is >= 0x2000 and <= 0x200A,
    };

    /// <summary><c>str.isspace</c>: White_Space and the four information separators.</summary>
    public static bool IsSpace(int c) => IsWhiteSpace(c) || c is >= 0x1C and <= 0x1F;

    /// <summary><c>\w</c>: letters and numbers of any script, and the underscore; no marks, unlike .NET.</summary>
    public static bool IsWord(Rune rune) => rune.Value == '_' || Rune.IsLetter(rune) || Rune.IsNumber(rune);

    /// <summary><c>str.strip()</c>.</summary>
    public static ReadOnlySpan<char> Strip(ReadOnlySpan<char> text)
    {
        var start = 0;
        var end = text.Length;
        while (start < end && IsSpace(text[start]))
            start++;
        while (end > start && IsSpace(text[end - 1]))
            end--;
        return text[start..end];
    }

    /// <summary><c>re.sub(r'\s+', ' ', text).strip()</c>.</summary>
    public static string CollapseWhiteSpace(ReadOnlySpan<char> text)
    {
        var output = new StringBuilder(text.Length);
        var inSpace = false;
        foreach (var c in text)
        {
            var space = IsWhiteSpace(c);
            if (!space)
                output.Append(c);
            else if (!inSpace)
                output.Append(' ');
            inSpace = space;
        }
        var collapsed = output.ToString();
        var stripped = Strip(collapsed);
        return stripped.Length == collapsed.Length ? collapsed : stripped.ToString();
    }

    /// <summary><c>str.lower()</c>: İ becomes i and a combining dot, and Σ becomes ς at a word's end (Unicode's Final_Sigma).</summary>
    public static string Lower(string text)
    {
        if (text.AsSpan().IndexOfAny(DottedCapitalI, CapitalSigma) < 0)
            return text.ToLowerInvariant();

        var output = new StringBuilder(text.Length + 8);
        var i = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == DottedCapitalI)
                output.Append("i\u0307");
            else if (rune.Value == CapitalSigma)
                output.Append(EndsWord(text, i) ? FinalSigma : 'σ');
            else
                output.Append(Rune.ToLowerInvariant(rune).ToString());
            i += rune.Utf16SequenceLength;
        }
        return output.ToString();
    }

    // A cased character before, none after; case-ignorable ones in between do not count.
    static bool EndsWord(string text, int sigma)
    {
        var before = text.AsSpan(0, sigma);
        var cased = false;
        while (before.Length > 0)
        {
            Rune.DecodeLastFromUtf16(before, out var rune, out var length);
            before = before[..^length];
            if (IsCaseIgnorable(rune))
                continue;
            cased = IsCased(rune);
            break;
        }
        if (!cased)
            return false;
        foreach (var rune in text.AsSpan(sigma + 1).EnumerateRunes())
        {
            if (!IsCaseIgnorable(rune))
                return !IsCased(rune);
        }
        return true;
    }

    // Unicode's Cased: the cased letters, and Other_Uppercase and Other_Lowercase that are no modifiers.
    static bool IsCased(Rune rune) => Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        || rune.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) or (>= 0x24B6 and <= 0x24E9)
            or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    // Unicode's Case_Ignorable: marks, formats, modifiers, and the punctuation that may stand inside a word.
    static bool IsCaseIgnorable(Rune rune) => Rune.GetUnicodeCategory(rune)
            is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || rune.Value is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027
            or 0xFE13 or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A;
}
