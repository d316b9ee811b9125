using System.Globalization;
using System.Text;

namespace Sconce.Cli;

/// <summary>
/// Text as a terminal may be given it. Names come out of files that others made: an escape sequence in one would move the cursor or set the
/// window's title, a
/// bidirectional mark turn the rest of the line around, a line break forge a line of ours. Such characters are shown as <c>\u001b</c>, as
/// JSON writes them.
/// </summary>
internal static class Printable
{
    /// <summary>A text of lines: breaks and tabs stay.</summary>
    public static string Text(string text) => Shown(text, keepsLines: true);

    /// <summary>A name or a value, which is one line whatever it holds.</summary>
    public static string Line(string text) => Shown(text, keepsLines: false);

    private static string Shown(string text, bool keepsLines)
    {
        int first = 0;
        while (first < text.Length && IsPlain(text, first, keepsLines)) first++;
        if (first == text.Length) return text;
        var shown = new StringBuilder(text, 0, first, text.Length + 16);
        for (int i = first; i < text.Length; i++)
        {
            if (IsPlain(text, i, keepsLines)) shown.Append(text[i]);
            else shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[i]:x4}");
        }

        return shown.ToString();
    }

    private static bool IsPlain(string text, int at, bool keepsLines) => text[at] switch
    {
        >= ' ' and < '\u007f' => true,
        '\n' or '\t' => keepsLines,
        // Marks and overrides of direction, and breaks that only some terminals know. Joiners belong to words and to emoji.
        '\u061c' or '\u200e' or '\u200f' or (>= '\u2028' and <= '\u202e') or (>= '\u2066' and <= '\u2069') or '\ufeff' => false,
        var letter when char.IsHighSurrogate(letter) => at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]),
        var letter when char.IsLowSurrogate(letter) => at > 0 && char.IsHighSurrogate(text[at - 1]),
        var letter => !char.IsControl(letter),
    };
}
